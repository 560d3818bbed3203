"""Dates as people type them into spreadsheets; an ambiguous date is refused, never guessed."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from .text import Cell, InvalidCell, cell_text, narrow, quoted, says_nothing

EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIALS = range(20000, 60001)  # 1954 to 2064: the life of anyone in the register
YEARS = range(1900, 2101)
SEPARATOR = r"(?:\s*[-/.年月–—_、]\s*|\s+)"
TIME = r"(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
PARTED_DATE = re.compile(rf"([0-9]{{4}}){SEPARATOR}([0-9]{{1,2}}){SEPARATOR}([0-9]{{1,2}})\s*[日号]?{TIME}")
PARTED_MONTH = re.compile(rf"([0-9]{{4}}){SEPARATOR}([0-9]{{1,2}})\s*月?")
SOLID_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
SOLID_MONTH = re.compile(r"([0-9]{4})([0-9]{2})")
SHORT_YEAR = re.compile(rf"[0-9]{{2}}{SEPARATOR}[0-9]{{1,2}}(?:{SEPARATOR}[0-9]{{1,2}})?\s*[月日号]?")
HAN_DATE = re.compile(
    "([〇○零一二三四五六七八九]{2}|[〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号]?)?"
)
HAN_DIGITS = {sign: str(digit) for digit, sign in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0"}
LUNAR = re.compile("农历|阴历|旧历|正月|冬月|腊月|闰|初[一二三四五六七八九十]|lunar", re.IGNORECASE)


class YearMonth(NamedTuple):
    """A month whose day was not given, such as 2015.6; the ID number may supply the day."""

    year: int
    month: int

    def __str__(self):
        return f"{self.year}-{self.month:02}"


class UnsureDate(InvalidCell):
    """An ambiguous or incomplete date; `fits` tells whether a day known from elsewhere may be meant."""

    def __init__(self, sentence: str, *candidates: tuple[int, ...]):
        super().__init__(sentence)
        self.candidates = candidates

    def fits(self, day: date) -> bool:
        """Return whether the day agrees with one of the candidates, each as far as it is known."""
        return any((day.year, day.month, day.day)[: len(known)] == known for known in self.candidates)


def parse_date(value: Cell) -> date | None:
    """The day in a cell; None when blank. A month without a day is refused, as is everything that is not a date."""
    found = parse_month_or_date(value)
    if isinstance(found, YearMonth):
        raise InvalidCell(_("“%(text)s” gives only the month. Add the day, as in 2015-06-01.") % {"text": found})
    return found


def parse_month_or_date(value: Cell) -> date | YearMonth | None:
    """The day or the month in a cell; None when blank or 「—」 or 不详, InvalidCell for anything else."""
    if isinstance(value, datetime):
        return _in_range(value.date())
    if isinstance(value, date):
        return _in_range(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    text = narrow(cell_text(value)).strip().removeprefix("'").rstrip(".生 ")
    return None if not text or says_nothing(text) else _from_text(text)


def _from_number(number: int | float) -> date | YearMonth:
    text = cell_text(number)
    if int(number) in EXCEL_SERIALS:
        return EXCEL_EPOCH + timedelta(days=int(number))
    if re.fullmatch(r"[0-9]{4}\.1", text):
        raise UnsureDate(
            _("The number %(text)s may be January or October. Write it as text: 2015-01 or 2015-10.") % {"text": text},
            (int(number), 1),
            (int(number), 10),
        )
    return _from_text(text)


def _from_text(text: str) -> date | YearMonth:
    found = PARTED_DATE.fullmatch(text) or SOLID_DATE.fullmatch(text)
    if found:
        return _day(text, *map(int, found.groups()))
    found = PARTED_MONTH.fullmatch(text) or SOLID_MONTH.fullmatch(text)
    if found:
        first = _day(text, int(found[1]), int(found[2]), 1)
        return YearMonth(first.year, first.month)
    if han := HAN_DATE.fullmatch(text):
        return _from_text(_in_digits(*han.groups()))
    candidates = _candidates(text)
    sentence = _problem(text) % {"text": quoted(text)}
    raise UnsureDate(sentence, *candidates) if candidates else InvalidCell(sentence)


def _in_digits(year: str, month: str, day: str | None) -> str:
    """The date of 二〇一五年十二月二十一日 in digits, its year as long as it was written."""
    parts = ["".join(HAN_DIGITS[sign] for sign in year), *(str(_han_number(part)) for part in (month, day) if part)]
    return "-".join(parts)


def _han_number(text: str) -> int:
    """The number from 1 to 99 in 六, 十, 十二, 二十一."""
    tens, ten, ones = text.rpartition("十")
    return (int(HAN_DIGITS.get(tens, "1")) * 10 if ten else 0) + int(HAN_DIGITS.get(ones, "0"))


def _candidates(text: str) -> list[tuple[int, ...]]:
    """What a date with a year of two digits, or a year alone, may mean, as far as it is known."""
    if re.fullmatch(r"[0-9]{4}\s*年?", text):
        return [(int(text[:4]),)]
    if not SHORT_YEAR.fullmatch(text):
        return []
    year, *rest = map(int, re.findall("[0-9]+", text))
    return [(century + year, *rest) for century in (1900, 2000)]


def _problem(text: str) -> str:
    if LUNAR.search(text):
        return _("“%(text)s” looks like a lunar date. Write the Gregorian date.")
    if SHORT_YEAR.fullmatch(text):
        return _("“%(text)s” has a two-digit year. Write all four digits, as in 2015-06-01.")
    if re.fullmatch(r"[0-9]{4}\s*年?", text):
        return _("“%(text)s” gives only the year. Add month and day, as in 2015-06-01.")
    return _("“%(text)s” is not a date. Write it as 2015-06-01.")


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return _in_range(date(year, month, day))
    except InvalidCell:
        raise
    except ValueError:
        raise InvalidCell(_("“%(text)s” is a date that does not exist.") % {"text": quoted(text)}) from None


def _in_range(day: date) -> date:
    if day.year not in YEARS:
        raise InvalidCell(
            _("The year %(year)d is not between %(first)d and %(last)d.")
            % {"year": day.year, "first": YEARS[0], "last": YEARS[-1]}
        )
    return day
