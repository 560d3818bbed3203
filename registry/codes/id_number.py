"""The resident identity number of GB 11643-1999, whose check character follows ISO 7064 MOD 11-2."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from operator import mul

from django.utils import timezone
from django.utils.translation import gettext as _

from .grades import age
from .text import Cell, InvalidCell, code_text, words

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
ZEROS = ord("0") * sum(WEIGHTS)
SHAPE = re.compile(r"[0-9]{17}[0-9X]")
OLD_SHAPE = re.compile(r"[0-9]{15}")
EARLIEST_YEAR = 1800  # the standard's own specimen was born in 1880
OLD_NUMBER_AGES = range(18, 106)  # so that "15" never makes a child someone born in 1915
PROVINCES = frozenset(
    words("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83")
)
INVENTED = "99"  # assigned to no province, so an invented number belongs to nobody


class InvalidIdNumber(InvalidCell):
    """A number that cannot be a resident ID number; the sentence names the cause and never repeats the number."""


@dataclass(frozen=True, slots=True)
class IdNumber:
    """What a resident ID number says: its 18 characters, county (6 digits), birth date, and sex "male" or "female"."""

    number: str
    county: str
    birth_date: date
    sex: str


def normalise(value: Cell) -> str:
    """The number as it is stored: half width, upper-case X, no spaces, hyphens or apostrophes; "" when blank.

    Raises LostDigits for a number cell whose last digits the spreadsheet has dropped."""
    if isinstance(value, str) and SHAPE.fullmatch(value):
        return value
    return re.sub("['’‘`-]", "", code_text(value)).upper()


def checksum(first17: str) -> str:
    """The check character for the first 17 digits."""
    return CHECK_CHARACTERS[(sum(map(mul, WEIGHTS, first17.encode())) - ZEROS) % 11]


def parse_id_number(value: Cell, *, on: date | None = None) -> IdNumber:
    """The number read and checked as of the day `on` (today); InvalidIdNumber names the cause.

    An adult's number of 15 digits is returned with 18. The county is not checked: see county_known."""
    number, on = normalise(value), on or timezone.localdate()
    if not SHAPE.fullmatch(number):
        if not OLD_SHAPE.fullmatch(number):
            raise InvalidIdNumber(_shape_problem(number))
        number = _lengthened(number, on)
    birth_date = _birth_date(number, on)
    if checksum(number[:17]) != number[17]:
        raise InvalidIdNumber(_check_problem(number))
    return IdNumber(number, number[:6], birth_date, "male" if number[16] in "13579" else "female")


def county_known(number: str, counties: Collection[str] = (), *, accept_invented: bool = False) -> bool:
    """Whether the number begins with a known code; if not, only warn, for codes have been abolished.

    `counties` are the codes loaded for its prefecture. A single one is an installation's own: then, or without any,
    only the province is checked.
    """
    if len(counties) > 1:
        return number[:6] in counties
    return number[:2] in PROVINCES or (accept_invented and number[:2] == INVENTED)


def build_id_number(county: str, birth_date: date, sequence: int) -> str:
    """A complete number for a demonstration or a test; odd sequences (0–999) are male. Use a county that begins 99."""
    if not (re.fullmatch("[0-9]{6}", county) and 0 <= sequence <= 999):
        raise ValueError("a county has six digits and a sequence is 0 to 999")
    first17 = f"{county}{birth_date:%Y%m%d}{sequence:03}"
    return first17 + checksum(first17)


def _lengthened(old: str, on: date) -> str:
    first17 = f"{old[:6]}19{old[6:]}"
    if age(_birth_date(first17, on), on) not in OLD_NUMBER_AGES:
        raise InvalidIdNumber(_("Only adults have an old number of 15 digits. A child's number has 18 characters."))
    return first17 + checksum(first17)


def _birth_date(number: str, on: date) -> date:
    try:
        born = date.fromisoformat(number[6:14])
    except ValueError:
        born = None
    if born is None or born.year < EARLIEST_YEAR:
        raise InvalidIdNumber(_("Digits 7 to 14 of the resident ID number are not a possible birth date."))
    if born > on:
        raise InvalidIdNumber(_("The birth date in the resident ID number is in the future."))
    return born


def _shape_problem(number: str) -> str:
    if not number:
        return _("The resident ID number is empty.")
    if not re.fullmatch("[0-9]*X?", number):
        return _("A resident ID number has only digits, and at most an X as its last character.")
    return _("A resident ID number has 18 characters; this one has %(count)d.") % {"count": len(number)}


def _check_problem(number: str) -> str:
    if number.endswith("000"):
        return _("This number ends in 000: a spreadsheet has probably dropped its last digits. Type it again as text.")
    return _("The last character does not fit the other 17: at least one character is mistyped.")
