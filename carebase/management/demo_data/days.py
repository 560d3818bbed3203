"""Dates of the demonstration, all relative to today: terms, festivals and birthdays."""

import datetime as dt

from registry.codes.grades import school_year

SPRING_BEGINS = (2, 15)  # the holiday belongs to the term before it, so that each day lies in exactly one
AUTUMN_BEGINS = (9, 1)
# The lunar festivals, by the calendar of the Purple Mountain Observatory; other years are near enough.
DRAGON_BOAT = {2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5)}
MID_AUTUMN = {2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12)}


def term_of(day: dt.date) -> dict:
    spring, autumn = dt.date(day.year, *SPRING_BEGINS), dt.date(day.year, *AUTUMN_BEGINS)
    if spring <= day < autumn:
        return {"slug": f"{day.year}-spring", "starts_on": spring, "ends_on": before(autumn)}
    year = school_year(day)
    return {
        "slug": f"{year}-autumn",
        "starts_on": dt.date(year, *AUTUMN_BEGINS),
        "ends_on": before(dt.date(year + 1, *SPRING_BEGINS)),
    }


def before(day: dt.date, days: int = 1) -> dt.date:
    return day - dt.timedelta(days=days)


def latest_date(month: int, day: int, today: dt.date) -> dt.date:
    this_year = dt.date(today.year, month, day)
    return this_year if this_year <= today else dt.date(today.year - 1, month, day)


def latest_festival(today: dt.date) -> tuple[dt.date, bool]:
    """Return the day of the latest of the two lunar festivals, and whether it is the Mid-Autumn Festival."""
    years = (today.year - 1, today.year)
    found = [(dt.date(year, *DRAGON_BOAT.get(year, (6, 10))), False) for year in years]
    found += [(dt.date(year, *MID_AUTUMN.get(year, (9, 25))), True) for year in years]
    return max(festival for festival in found if festival[0] <= today)


def birthday_in_grade(grade: int, month: int, day: int, today: dt.date) -> dt.date:
    """Return the birthday of a child in this grade who entered school at six; 0 and below are the years before."""
    entered = entry_year(grade, today)
    return dt.date(entered - (7 if month >= 9 else 6), month, day)


def entry_year(grade: int, today: dt.date) -> int:
    return school_year(today) - grade + 1


def grade_of(birth: dt.date, today: dt.date) -> int:
    """Return the grade of a child with this birthday: the inverse of `birthday_in_grade`."""
    return school_year(today) + 1 - (birth.year + (7 if birth.month >= 9 else 6))
