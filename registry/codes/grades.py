"""School years, grades, classes and ages in full years (周岁)."""

import re
from calendar import isleap
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .text import Cell, InvalidCell, code_text, quoted, words

KINDERGARTEN = 0
# Spelt out one by one, because Chinese writes 一年级, not 1年级.
GRADE_NAMES = (
    gettext_noop("Kindergarten"),
    gettext_noop("Grade 1"),
    gettext_noop("Grade 2"),
    gettext_noop("Grade 3"),
    gettext_noop("Grade 4"),
    gettext_noop("Grade 5"),
    gettext_noop("Grade 6"),
    gettext_noop("Grade 7"),
    gettext_noop("Grade 8"),
    gettext_noop("Grade 9"),
    gettext_noop("Grade 10"),
    gettext_noop("Grade 11"),
    gettext_noop("Grade 12"),
)
NUMERALS = {name: number for number, name in enumerate(words("一 二 三 四 五 六 七 八 九 十 十一 十二"), start=1)}
KINDERGARTEN_NAMES = {"幼儿园", "学前班", "大班", "中班", "小班"}
NUMERAL = r"(?:[0-9]{1,2}|十[一二]?|[一二三四五六七八九])"
GRADE = re.compile(rf"(小学|初中|高中|初|高)?({NUMERAL})(?:年级|年)?")
STAGES = {None: (0, 12), "小学": (0, 6), "初中": (6, 3), "初": (6, 3), "高中": (9, 3), "高": (9, 3)}
CLASS_CODE = re.compile(r"(20[0-9]{2}|19[0-9]{2})([0-9]{2})班?")
# "301班" is grade 3 in one school and class 301 in another: a grade must be marked as one.
CLASS_NAME = re.compile(
    rf"(?:(?P<entry>[0-9]{{4}})级|(?P<grade>.+年级|[初高].+?|{NUMERAL}(?=\()))?"
    rf"(?:\((?P<inner>{NUMERAL})\)|(?P<plain>{NUMERAL}))班?"
)
SHORT = re.compile(r"([一二三四五六七八九](?=[0-9])|[1-9](?=[.-]))[.-]?([0-9]{1,2})班?")  # 五2, 5.2


class ClassName(NamedTuple):
    """What a class cell says: its number, and the entry year or the grade when it names one."""

    number: int
    entry_year: int | None = None
    grade: int | None = None


def school_year(on: date) -> int:
    """The year in which the school year of this day began; it runs from 1 September to 31 August."""
    return on.year if on.month >= 9 else on.year - 1


def term_slug(first_day: date) -> str:
    """Return the short name of the term that begins on a day, such as 2026-autumn."""
    return f"{first_day.year}-{'spring' if first_day.month < 7 else 'autumn'}"


def grade_name(grade: int) -> str:
    """The translated name of grade 1 to 12, or of kindergarten, which is 0; ValueError for any other number."""
    if not 0 <= grade < len(GRADE_NAMES):
        raise ValueError(f"no grade {grade}")
    return _(GRADE_NAMES[grade])


def birthday_in(birth: date, year: int) -> date:
    """The birthday in this year; those born on 29 February have it on the 28th in common years."""
    if (birth.month, birth.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return birth.replace(year=year)


def age(birth: date, on: date) -> int:
    """Full years (周岁) on this day, negative before birth; below n exactly when birth > years_before(on, n)."""
    return on.year - birth.year - (on < birthday_in(birth, on.year))


def years_before(on: date, years: int) -> date:
    """The latest birth date of a person who is this many years old on this day: those born later are younger."""
    year = on.year - years
    if (on.month, on.day) == (2, 28) and not isleap(on.year) and isleap(year):
        return date(year, 2, 29)  # their birthday is kept today
    return birthday_in(on, year)


def parse_grade(value: Cell) -> int | None:
    """The grade 1–12 in 三年级, 七年级, 初一, 3 …, kindergarten as 0; None when blank, InvalidCell otherwise."""
    text = code_text(value)
    if not text:
        return None
    if text in KINDERGARTEN_NAMES:
        return KINDERGARTEN
    found = GRADE.fullmatch(text)
    if found:
        below, most = STAGES[found[1]]
        if 1 <= _numeral(found[2]) <= most:
            return below + _numeral(found[2])
    raise InvalidCell(_("“%(text)s” is not a grade. Write for example 三年级, 初一 or 3.") % {"text": quoted(text)})


def parse_class(value: Cell) -> ClassName | None:
    """The class in 2班, (2)班, 三(2)班, 2021级1班 or the roll's 202101; None when blank, InvalidCell otherwise."""
    text = code_text(value)
    if not text:
        return None
    code, name = CLASS_CODE.fullmatch(text), CLASS_NAME.fullmatch(text)
    if code:
        found = ClassName(int(code[2]), entry_year=int(code[1]))
    elif name:
        entry = int(name["entry"]) if name["entry"] else None
        found = ClassName(_numeral(name["inner"] or name["plain"]), entry, parse_grade(name["grade"]))
    if not (code or name) or found.number < 1:
        raise InvalidCell(_("“%(text)s” is not a class. Write for example 2班 or 202101.") % {"text": quoted(text)})
    return found


def find_class(word: str) -> ClassName | None:
    """What is typed to find a class: 五(2)班, 五2, 2021级1班, 2班; the number is 0 in 五年级. None for other words."""
    if short := SHORT.fullmatch(word):
        word = f"{short[1]}({short[2]})"
    for read in (parse_class, lambda text: ClassName(0, grade=parse_grade(text))):
        try:
            return read(word)
        except InvalidCell:
            continue
    return None


def _numeral(text: str) -> int:
    return NUMERALS.get(text) or int(text)
