"""Names of people and their telephone numbers, as one cell holds them."""

import re
import unicodedata
from enum import Enum

from django.utils.translation import gettext as _

from .text import (
    BRACKETS,
    DASHES,
    NONE_WORDS,
    UNKNOWN_WORDS,
    Cell,
    InvalidCell,
    cell_text,
    code_text,
    narrow,
    quoted,
    says_nothing,
    words,
)

MAX_NAME = 60
# By block, not by Unicode category: characters newer than Python's tables are names too.
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
LETTER = re.compile(f"[{HAN}{LATIN}]")
NOT_IN_A_NAME = re.compile(f"[^{HAN}{LATIN}· '-]")
DOTS = re.compile(f"[•・‧⋅∙･]|(?<=[{HAN}])\\.(?=[{HAN}])")
PADDING = re.compile(f"(?<=[{HAN}·]) +(?=[{HAN}·])")
MARKED_LETTER = re.compile(f"[{LATIN}][\u0300-\u036f]+")
DECEASED_WORDS = frozenset(words("已故 去世 已去世 亡 已亡 亡故 病故 死亡 已死亡 过世 已过世 逝世 已逝 殁 故"))
# Remarks instead of a name; all of them could be Chinese names.
REMARKS = frozenset(
    words("同上 本人 离异 离婚 改嫁 再婚 失联 失踪 出走 离家出走 外出 打工 务工 外出务工 服刑 在家 单亲 其他 其它 一")
    + words("父亲 母亲 爸爸 妈妈 父母 爷爷 奶奶 外公 外婆 祖父 祖母 外祖父 外祖母 亲戚 邻居")
)
PEOPLE_SEPARATORS = re.compile(r"[、/,，;；|\n]")
TWO_CHINESE_NAMES = re.compile(f"[{HAN}·]{{2,}}(?: +[{HAN}·]{{2,}})+")

PHONE_SEPARATORS = re.compile(r"[/、;；,，|\n或]")
PHONE_NOISE = re.compile(r"[\s()\[\].·—–-]+")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LAND_LINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([0-9]{7,8})")
COUNTRY = re.compile(r"(?:\+|00)86|86(?=1[3-9][0-9]{9}$)")


class NameState(Enum):
    """An entry instead of a name: the person has died (note 4 of the census form) or is not known."""

    DECEASED = "deceased"
    UNKNOWN = "unknown"


def parse_person_name(value: Cell, *, none_is_blank: bool = False) -> str | NameState | None:
    """A name of at most 60 letters, DECEASED for 「—」 and its words, UNKNOWN for 不详; None when blank.

    无 and / mean nobody where that is possible (`none_is_blank`), and are refused where someone must have lived."""
    text = " ".join(narrow(cell_text(value)).split())
    bare = text.strip(BRACKETS)
    if not text:
        return None
    if DASHES.fullmatch(bare) or bare in DECEASED_WORDS:
        return NameState.DECEASED
    if bare in UNKNOWN_WORDS:
        return NameState.UNKNOWN
    if bare in NONE_WORDS and none_is_blank:
        return None
    if bare in NONE_WORDS:
        raise InvalidCell(
            _("“%(text)s” is ambiguous. Write — for a person who has died, 不详 for an unknown name.") % {"text": bare}
        )
    return _checked_name(_tidy_name(text))


def split_people(value: Cell) -> list[str | NameState | None]:
    """The names in a cell such as 缪飞、王秀芳, each in its place, None for an empty one; [] when blank."""
    text = " ".join(narrow(cell_text(value)).replace("\n", "、").split(" ")).strip()
    if not text or text in NONE_WORDS:
        return []
    if TWO_CHINESE_NAMES.fullmatch(text):
        text = "、".join(text.split())
    return [parse_person_name(piece, none_is_blank=True) for piece in PEOPLE_SEPARATORS.split(text)]


def parse_phone(value: Cell) -> list[str]:
    """The telephone numbers in a cell, mobiles as 11 digits, land lines as 0717-1234567, each once; [] when blank.

    Raises InvalidCell when any of them is not a mainland number; the sentence does not repeat it."""
    code = code_text(value)
    if not code or says_nothing(code):
        return []
    numbers = []
    for piece in filter(str.strip, PHONE_SEPARATORS.split(narrow(cell_text(value)))):
        whole = _phone(piece)
        numbers += [whole] if whole else [_phone(part) for part in piece.split()]
    if not numbers or None in numbers:
        raise InvalidCell(
            _("This is not a phone number. Write 11 digits, or a landline with its area code: 0717-1234567.")
        )
    return list(dict.fromkeys(numbers))


def _tidy_name(text: str) -> str:
    text = DOTS.sub("·", text.replace("’", "'").replace("‘", "'").replace("‐", "-"))
    text = MARKED_LETTER.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return text if TWO_CHINESE_NAMES.fullmatch(text) else PADDING.sub("", text)


def _checked_name(name: str) -> str:
    invalid = NOT_IN_A_NAME.search(name)
    if invalid:
        raise InvalidCell(
            _("A name contains only letters; this one contains “%(sign)s”. Write only the name.") % {"sign": invalid[0]}
        )
    if name in REMARKS:
        raise InvalidCell(
            _("“%(text)s” is a remark, not a name. Write the person's name, or 不详.") % {"text": quoted(name)}
        )
    if TWO_CHINESE_NAMES.fullmatch(name):
        raise InvalidCell(_("These look like two names. Write one name, without spaces."))
    if not LETTER.match(name):
        raise InvalidCell(_("A name must start with a letter."))
    if len(name) > MAX_NAME:
        raise InvalidCell(_("A name has at most %(count)d characters.") % {"count": MAX_NAME})
    return name


def _phone(piece: str) -> str | None:
    digits = PHONE_NOISE.sub("", piece).removeprefix("'")
    local = COUNTRY.sub("", digits, count=1) if COUNTRY.match(digits) else digits
    if local != digits and not local.startswith("0") and not MOBILE.fullmatch(local):
        local = "0" + local  # a land line dialled from abroad drops the zero of its area code
    if local.startswith("0") and MOBILE.fullmatch(local[1:]):
        local = local[1:]  # mobiles of another place used to be dialled with a zero
    if MOBILE.fullmatch(local):
        return local
    line = LAND_LINE.fullmatch(local)
    return f"{line[1]}-{line[2]}" if line else None
