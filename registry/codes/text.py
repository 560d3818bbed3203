"""Normalises the text of a cell: full width, invisible characters, numbers stored as text."""

import math
import re
from datetime import date, datetime

from django.utils.translation import gettext as _

Cell = str | int | float | bool | date | datetime | None

# Only the ASCII block is narrowed. NFKC would also replace compatibility ideographs, which are real surnames.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
# Controls, zero-width marks, direction overrides, emoji selectors, lone surrogates: all break comparisons.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff\ud800-\udfff]"
)
SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+")
MAX_EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number


def words(text: str) -> list[str]:
    return text.split()


UNKNOWN_WORDS = frozenset(words("不详 未知 未详 不明 不清楚 不知道 ? ?? ???"))
NONE_WORDS = frozenset(words("无 没有 / \\ 无此人"))
DASHES = re.compile("[-—–―─]+")
BRACKETS = '「」『』()<>"“” '


class InvalidCell(ValueError):
    """A cell that cannot be read; its text is a translated sentence for the person who typed it."""


class LostDigits(InvalidCell):
    """A long number that the spreadsheet has rounded; what was typed cannot be known any more."""

    def __init__(self):
        super().__init__(
            _("The last digits of this long number are lost. Format the column as text and type it again.")
        )


def visible(text: str) -> str:
    """The text without invisible characters, line ends as a line feed, trimmed."""
    text = text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n")
    return INVISIBLE.sub("", text).strip()


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as their ASCII twins; every other character, rare ones too, unchanged."""
    return text if text.isascii() else text.translate(FULL_WIDTH)


def number_text(number: int | float) -> str:
    """The digits of a number cell without the spreadsheet's trailing ".0"; LostDigits from 10^15 on."""
    if isinstance(number, float) and not math.isfinite(number):
        raise InvalidCell(_("This cell holds a formula error, not a value."))
    if abs(number) >= MAX_EXACT:
        raise LostDigits
    return str(int(number)) if number == int(number) else repr(number)


def cell_text(value: Cell) -> str:
    """The visible text of any cell; "" when it is blank."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != datetime.min.time() else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise InvalidCell(_("This kind of cell cannot be read. Type its content as text."))


def code_text(value: Cell) -> str:
    """The text of a cell that holds a code or a choice: narrow, without any white space; LostDigits for "9.9E+17"."""
    text = "".join(narrow(cell_text(value)).split()).removeprefix("'")
    if SCIENTIFIC.fullmatch(text):
        raise LostDigits
    return text


def key(text: str) -> str:
    """The form in which two spellings of a choice are equal."""
    return "".join(narrow(visible(text)).split()).casefold()


def says_nothing(text: str) -> bool:
    """Whether a dash, 不详 or 无 stands where a date or a number should."""
    bare = narrow(text).strip(BRACKETS)
    return bool(DASHES.fullmatch(bare)) or bare in UNKNOWN_WORDS or bare in NONE_WORDS


def quoted(text: str, limit: int = 30) -> str:
    """The start of what was typed, safe to repeat in a sentence."""
    text = " ".join(visible(text).split())
    return text if len(text) <= limit else text[:limit] + "…"
