"""Sex by GB/T 2261.1-2003; the code itself is stored."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .parsing import parse_choice
from .text import Cell


class Sex(TextChoices):
    """The four codes of the standard; school rolls use only 1 and 2."""

    UNKNOWN = "0", _("Unknown")
    MALE = "1", _("Male")
    FEMALE = "2", _("Female")
    NOT_STATED = "9", _("Not stated")


SEX_NAMES = {
    "男": Sex.MALE,
    "女": Sex.FEMALE,
    "未知": Sex.UNKNOWN,
    "未说明": Sex.NOT_STATED,
    "男性": Sex.MALE,
    "女性": Sex.FEMALE,
    "未知的性别": Sex.UNKNOWN,
    "未说明的性别": Sex.NOT_STATED,
    "male": Sex.MALE,
    "female": Sex.FEMALE,
    "M": Sex.MALE,
    "F": Sex.FEMALE,
    **{code: Sex(code) for code in Sex.values},
}


def parse_sex(value: Cell) -> Sex | None:
    return parse_choice(value, SEX_NAMES)


def sex_of_id(word: str) -> Sex:
    """The code for the "male" or "female" that a resident ID number says."""
    return {"male": Sex.MALE, "female": Sex.FEMALE}[word]
