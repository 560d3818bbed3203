from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes.dates import UnsureDate, YearMonth, parse_date, parse_month_or_date
from registry.codes.text import InvalidCell


@pytest.mark.parametrize(
    "cell",
    [
        "2015-06-01",
        "2015/6/1",
        "2015.6.1",
        "2015.06.01.",
        "2015 - 6 - 1",
        "20150601",
        20150601,
        20150601.0,
        "2015年6月1日",
        "2015年6月1号",
        "2015年06月01日生",
        "２０１５年６月１日",
        "'2015-06-01",
        "2015-06-01 00:00:00",
        "2015/6/1 0:00",
        "2015-06-01T08:30:00.000",
        "2015 06 01",
        "2015、6、1",
        "二〇一五年六月一日",
        "二零一五年六月一日",
        "二○一五年六月一号",
        42156,
        42156.0,
        42156.75,
        date(2015, 6, 1),
        datetime(2015, 6, 1, 8, 30),
    ],
)
def test_a_day_is_read_in_every_usual_form(cell):
    assert parse_date(cell) == parse_month_or_date(cell) == date(2015, 6, 1)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_each_form(day):
    forms = [
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert {parse_date(form) for form in [*forms, day, str(day)]} == {day}


@given(st.dates(date(1954, 10, 3), date(2064, 4, 8)))
def test_every_serial_is_the_day_the_spreadsheet_shows(day):
    assert parse_date((day - date(1899, 12, 30)).days) == day


@pytest.mark.parametrize(
    "cell",
    [
        "二〇一五年六月",
        "2015.6",
        "2015.06",
        "2015-06",
        "2015/6",
        "2015年6月",
        "2015年6月生",
        "201506",
        201506,
        201506.0,
        2015.6,
        2015.06,
    ],
)
def test_a_month_stays_a_month_and_is_no_date(cell):
    assert parse_month_or_date(cell) == YearMonth(2015, 6)
    with pytest.raises(InvalidCell, match="2015-06”.*only the month"):
        parse_date(cell)


def test_the_number_2015_1_may_be_october_but_the_text_is_january():
    with pytest.raises(InvalidCell, match="January or October"):
        parse_month_or_date(2015.1)
    assert parse_month_or_date("2015.1") == YearMonth(2015, 1)
    assert parse_month_or_date("2015.10") == parse_month_or_date("201510") == YearMonth(2015, 10)


@pytest.mark.parametrize(
    ("cell", "cause"),
    [
        ("2015-02-30", "“2015-02-30” is a date that does not exist"),
        ("20150229", "does not exist"),
        ("2015.13", "does not exist"),
        (2015.13, "does not exist"),
        ("201500", "does not exist"),
        ("15-06-01", "two-digit year"),
        ("15.6", "two-digit year"),
        ("15年6月1日", "two-digit year"),
        ("2015", "only the year"),
        (2015, "only the year"),
        ("2015年", "only the year"),
        ("农历2015年5月", "lunar"),
        ("2015年腊月初八", "lunar"),
        ("06/01/2015", "not a date"),
        ("六月一日", "not a date"),
        ("42156", "not a date"),
        (19999, "not a date"),
        (60001, "not a date"),
        (0, "not a date"),
        (True, "not a date"),
        ("٢٠١٥-٠٦-٠١", "not a date"),
        ("1899-12-31", "between 1900 and 2100"),
        ("21010101", "between 1900 and 2100"),
        (datetime(1899, 12, 31), "between 1900 and 2100"),
        (float("nan"), "formula error"),
        (float("inf"), "formula error"),
    ],
)
def test_what_is_no_date_is_refused_by_its_cause(cell, cause):
    with pytest.raises(InvalidCell, match=cause):
        parse_month_or_date(cell)


@pytest.mark.parametrize("cell", ["—", "「—」", "--", "－", "不详", "无"])
def test_the_dash_of_a_dead_grandparent_is_no_birth_date(cell):
    assert parse_date(cell) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇一五年十二月二十一日", date(2015, 12, 21)),
        ("二〇二〇年十月十日", date(2020, 10, 10)),
        ("一九九九年十一月三十日", date(1999, 11, 30)),
    ],
)
def test_chinese_numerals_are_read(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("cell", "fitting", "other"),
    [
        ("15.6.1", date(2015, 6, 1), date(2015, 1, 6)),
        ("15.6", date(2015, 6, 30), date(2015, 7, 1)),
        ("一五年六月", date(2015, 6, 3), date(2015, 8, 3)),
        (2015.1, date(2015, 10, 2), date(2015, 11, 2)),
        ("2015年", date(2015, 2, 3), date(2014, 2, 3)),
    ],
)
def test_a_date_that_may_mean_several_things_tells_which_days_it_fits(cell, fitting, other):
    with pytest.raises(UnsureDate) as caught:
        parse_month_or_date(cell)
    assert caught.value.fits(fitting) and not caught.value.fits(other)
