"""Kinds of disability by GB/T 2261.3-2003 (61–69), and the four grades of the disability certificate."""

import re

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .text import Cell, InvalidCell, code_text, quoted, words


class Disability(TextChoices):
    """The kind; several at once are "multiple"."""

    VISUAL = "61", _("Visual")
    HEARING = "62", _("Hearing")
    SPEECH = "63", _("Speech")
    PHYSICAL = "64", _("Physical")
    INTELLECTUAL = "65", _("Intellectual")
    MENTAL = "66", _("Mental (psychiatric)")
    MULTIPLE = "67", _("Multiple")
    OTHER = "69", _("Other disability")


class DisabilityGrade(IntegerChoices):
    """一级 is the most severe."""

    FIRST = 1, _("Grade 1 (most severe)")
    SECOND = 2, _("Grade 2 (severe)")
    THIRD = 3, _("Grade 3 (moderate)")
    FOURTH = 4, _("Grade 4 (mild)")


SEVERE = frozenset({DisabilityGrade.FIRST, DisabilityGrade.SECOND})
DISABILITY_NAMES = {
    "视力": Disability.VISUAL,
    "听力": Disability.HEARING,
    "言语": Disability.SPEECH,
    "肢体": Disability.PHYSICAL,
    "智力": Disability.INTELLECTUAL,
    "精神": Disability.MENTAL,
    "多重": Disability.MULTIPLE,
    "其他": Disability.OTHER,
    "其它": Disability.OTHER,
    "语言": Disability.SPEECH,
}
NONE_WORDS = frozenset(words("无 没有 否 健康 / - —"))
KINDS = re.compile("|".join(DISABILITY_NAMES))
GRADE = re.compile("([一二三四1-4ⅠⅡⅢⅣ])[级級等]")
GRADES = {sign: number for signs in ("一二三四", "1234", "ⅠⅡⅢⅣ") for number, sign in enumerate(signs, start=1)}
FILLER = re.compile("残疾人?|残|障碍|[、,，()（）:;/-]")


def parse_disability(value: Cell) -> tuple[Disability, DisabilityGrade | None] | None:
    """Kind and grade in 视力残疾二级, 肢体 3级 or 64; the grade is None when not given. None for a blank and for 无."""
    text = code_text(value)
    if not text or text in NONE_WORDS:
        return None
    if text in Disability.values:
        return Disability(text), None
    kinds, grades = set(KINDS.findall(text)), GRADE.findall(text)
    rest = FILLER.sub("", GRADE.sub("", KINDS.sub("", text)))
    if len(kinds) > 1 and not rest:
        raise InvalidCell(
            gettext("“%(text)s” names several kinds. Write 多重残疾 and its grade.") % {"text": quoted(text)}
        )
    if len(kinds) != 1 or len(grades) > 1 or rest:
        raise InvalidCell(
            gettext("“%(text)s” is not a disability with its grade. Write for example 肢体三级.")
            % {"text": quoted(text)}
        )
    return DISABILITY_NAMES[kinds.pop()], DisabilityGrade(GRADES[grades[0]]) if grades else None
