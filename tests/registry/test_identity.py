"""The one rule of a child's ID number, as the form, the desk and the import ask it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import identity
from registry.codes.id_number import make as make_number
from tests import factories as make

BORN = dt.date(2016, 5, 4)
BOY = make_number("990000", BORN, 1)


def fields(*args) -> dict[str, str]:
    return {problem.field: problem.severity for problem in identity.identity_problems(*args)}


def test_a_number_that_agrees_has_no_problem():
    assert fields(BOY, "1", BORN, "") == {}


def test_another_sex_or_birth_date_is_an_error_until_the_reason_is_given():
    assert fields(BOY, "2", dt.date(2016, 5, 5), "") == {"sex": "error", "birth_date": "error"}
    assert fields(BOY, "2", dt.date(2016, 5, 5), "户口本有误") == {}


@pytest.mark.parametrize("sex", ["0", "9", ""])
def test_a_sex_that_is_not_stated_contradicts_nothing(sex):
    assert fields(BOY, sex, BORN, "") == {}


def test_no_number_needs_a_reason():
    assert fields(" ", "1", BORN, "  ") == {"id_reason": "error"}
    assert fields("", "1", BORN, "未上户口") == {}


@pytest.mark.parametrize("reason", ["", "户口本有误"])
def test_a_wrong_check_digit_is_an_error_whatever_the_reason(reason):
    wrong = BOY[:17] + ("0" if BOY[17] != "0" else "1")
    assert fields(wrong, "1", BORN, reason) == {"id_number": "error"}


def test_an_unknown_county_is_only_a_warning():
    assert fields(make_number("000000", BORN, 1), "1", BORN, "") == {"id_number": "warning"}


def test_an_invented_number_is_a_warning_in_production(settings):
    settings.PRODUCTION = True
    assert fields(BOY, "1", BORN, "") == {"id_number": "warning"}


@given(st.text(max_size=25))
def test_whatever_is_typed_gives_a_sentence_that_does_not_repeat_it(typed):
    for problem in identity.identity_problems(typed, "1", BORN, ""):
        assert problem.message and (len(typed.strip()) < 15 or typed not in problem.message)


@pytest.mark.django_db
def test_who_confirms_a_difference_stays_named_until_it_changes():
    first, second = make.user("village"), make.user("village")
    child = make.child(id_number=BOY, sex="2", birth_date=BORN, id_reason="户口本有误")
    identity.confirm(child, by=first)
    child.save()
    identity.confirm(child, by=second)
    assert child.id_confirmed_by == first
    child.birth_date = dt.date(2016, 5, 5)
    identity.confirm(child, by=second)
    assert child.id_confirmed_by == second
    child.sex, child.birth_date = "1", BORN
    identity.confirm(child, by=second)
    assert child.id_confirmed_by is None


@pytest.mark.django_db
def test_a_number_belongs_to_one_child():
    child, other = make.child(id_number=BOY, birth_date=BORN), make.child("李小明")
    assert identity.already_registered(BOY) and identity.already_registered(BOY, but=other)
    assert not identity.already_registered(BOY, but=child)
    assert not identity.already_registered("")
