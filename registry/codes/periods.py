"""Periods of months as the law counts them."""

from calendar import monthrange
from datetime import date, timedelta


def last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def latest_start(on: date, *, months: int = 0, days: int = 0) -> date:
    """Return the latest first day of a period of this length that is complete on `on`; never before year 1.

    A period of months ends on the day of the same number, or where the month has none, on its last day (Civil Code
    art. 202): six months from 31 August are complete on 28 February, and so are six months from 28 August.
    """
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    if year < 1:
        return date.min
    last = last_day(year, month + 1)
    ends_its_month = on.day == last_day(on.year, on.month)
    first = date(year, month + 1, last if ends_its_month and months else min(on.day, last))
    return first - timedelta(days=min(days, (first - date.min).days))
