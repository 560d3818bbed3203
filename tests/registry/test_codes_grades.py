from calendar import isleap
from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from registry.codes.grades import (
    ClassName,
    age,
    birthday_in,
    grade_name,
    parse_class,
    parse_grade,
    school_year,
    years_before,
)
from registry.codes.text import InvalidCell

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(days, days, st.integers(0, 120))
def test_younger_than_n_means_born_after_the_day_n_years_before(born, on, years):
    if on.year - years > 0:
        assert (age(born, on) < years) == (born > years_before(on, years))


@given(st.integers(1901, 2100).filter(isleap), st.integers(0, 100), st.integers(-2, 2))
def test_leap_days_keep_the_same_promise(leap_year, years, shift):
    born = date(leap_year, 2, 29)
    on = date.fromordinal(birthday_in(born, leap_year + years).toordinal() + shift)
    assert (age(born, on) < years) == (born > years_before(on, years))


def test_a_child_turns_sixteen_on_the_birthday_and_not_a_day_before():
    born = date(2010, 9, 1)
    assert [age(born, date(2026, 8, 31)), age(born, date(2026, 9, 1))] == [15, 16]


def test_born_on_a_leap_day_is_a_year_older_on_28_february_of_a_common_year():
    born = date(2012, 2, 29)
    assert [age(born, on) for on in (date(2026, 2, 27), date(2026, 2, 28), date(2028, 2, 28), date(2028, 2, 29))] == [
        13,
        14,
        15,
        16,
    ]


@pytest.mark.parametrize(
    ("on", "years", "expected"),
    [
        (date(2016, 7, 31), 16, date(2000, 7, 31)),
        (date(2028, 2, 29), 14, date(2014, 2, 28)),
        (date(2026, 2, 28), 14, date(2012, 2, 29)),
        (date(2028, 2, 28), 16, date(2012, 2, 28)),
    ],
)
def test_years_before_known_days(on, years, expected):
    assert years_before(on, years) == expected


@pytest.mark.parametrize(
    ("on", "year"),
    [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026), (date(2026, 12, 31), 2026), (date(2027, 1, 1), 2026)],
)
def test_the_school_year_begins_on_the_first_of_september(on, year):
    assert school_year(on) == year


def test_grades_have_names_from_kindergarten_to_twelve():
    with override("en"):
        assert (grade_name(0), grade_name(3), grade_name(12)) == ("Kindergarten", "Grade 3", "Grade 12")
    for grade in (-1, 13):
        with pytest.raises(ValueError):
            grade_name(grade)


@pytest.mark.parametrize(
    ("cell", "grade"),
    [
        ("三年级", 3),
        ("3年级", 3),
        ("3", 3),
        (3, 3),
        (3.0, 3),
        ("３", 3),
        ("小学六年级", 6),
        ("七年级", 7),
        ("初一", 7),
        ("初中三年级", 9),
        ("高三", 12),
        ("十二年级", 12),
        ("大班", 0),
        (None, None),
        (" ", None),
    ],
)
def test_grades_are_read(cell, grade):
    assert parse_grade(cell) == grade


@pytest.mark.parametrize("cell", ["十三年级", "0", "初四", "小学七年级", "2021级", "三年级2班", "3.5", 3.5, "毕业"])
def test_what_is_no_grade_is_refused(cell):
    with pytest.raises(InvalidCell, match="is not a grade"):
        parse_grade(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2班", ClassName(2)),
        ("（2）班", ClassName(2)),
        ("二班", ClassName(2)),
        (2.0, ClassName(2)),
        ("12", ClassName(12)),
        ("202101", ClassName(1, entry_year=2021)),
        (202103, ClassName(3, entry_year=2021)),
        ("2021级1班", ClassName(1, entry_year=2021)),
        ("三年级2班", ClassName(2, grade=3)),
        ("三(2)班", ClassName(2, grade=3)),
        ("初一（12）班", ClassName(12, grade=7)),
        ("初一2班", ClassName(2, grade=7)),
        ("", None),
    ],
)
def test_classes_are_read(cell, expected):
    assert parse_class(cell) == expected


@pytest.mark.parametrize("cell", ["301班", "0班", "202100", "(2班", "2)班", "实验班", "3.2", "三二班", "-1"])
def test_a_class_that_may_mean_two_things_is_refused(cell):
    with pytest.raises(InvalidCell, match="is not a class"):
        parse_class(cell)


def test_a_class_in_an_impossible_grade_is_refused():
    with pytest.raises(InvalidCell):
        parse_class("十三年级2班")
