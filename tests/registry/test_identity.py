"""The one rule of the resident ID number."""

import datetime as dt

import pytest

from registry import identity
from registry.codes.id_number import build_id_number
from registry.models import Child, Division
from tests import factories as f

pytestmark = pytest.mark.postgres
BORN = dt.date(2016, 5, 4)
BOY = build_id_number("990000", BORN, 1)


def problems(number=BOY, sex="1", born=BORN, reason="") -> list[tuple[str, str]]:
    return [(problem.field, problem.severity) for problem in identity.identity_problems(number, sex, born, reason)]


def test_a_number_that_agrees_is_no_problem():
    assert problems() == []


@pytest.mark.parametrize("number", [BOY[:-1] + ("1" if BOY[-1] != "1" else "2"), BOY[:-1], "99000020161304001X", "x"])
def test_a_number_that_cannot_be_one_is_an_error_and_not_repeated(number):
    assert problems(number) == [("id_number", "error")]
    [problem] = identity.identity_problems(number, "1", BORN, "a reason")
    assert number not in problem.message or len(number) == 1


@pytest.mark.parametrize(("given", "field"), [({"sex": "2"}, "sex"), ({"born": dt.date(2016, 5, 5)}, "birth_date")])
def test_a_difference_is_an_error_unless_a_reason_is_given(given, field):
    assert problems(**given) == [(field, "error")]
    assert problems(**given, reason="户口登记有误") == []
    assert problems(**given, reason="   ") == [(field, "error")]


def test_both_differences_are_reported_together():
    assert problems(sex="2", born=dt.date(2016, 5, 5)) == [("sex", "error"), ("birth_date", "error")]


def test_without_a_number_a_reason_is_asked():
    assert problems(number="") == [("id_reason", "error")]
    assert problems(number="", reason="尚未落户") == []
    assert problems(number=" ", reason=" ") == [("id_reason", "error")]


def test_an_unknown_county_is_a_warning_only(settings):
    settings.PRODUCTION = True  # where invented numbers are no longer taken for granted
    assert problems() == [("id_number", "warning")]


@pytest.mark.django_db
def test_a_county_that_is_not_in_the_loaded_table_is_a_warning():
    near = Division.objects.counties_near
    assert not identity.identity_problems(BOY, "1", BORN, "", counties_near=near), "no table is loaded"
    for code in ("990000000000", "990001000000", "990002000000", "990101000000", "990001101000"):
        f.division(code, code)
    assert near(BOY) == {"990001", "990002"}, "neither the prefecture nor a township or another prefecture"
    [problem] = identity.identity_problems(BOY, "1", BORN, "", counties_near=near)
    assert (problem.field, problem.severity) == ("id_number", "warning")


@pytest.mark.django_db
def test_who_saved_a_difference_answers_for_it_and_the_next_editor_does_not():
    first, second = f.user("teacher"), f.user("head")
    child = f.child(sex="1")
    child.sex, child.id_reason = "2", "户口登记有误"
    identity.set_confirmed_by(child, by=first)
    child.save()
    identity.set_confirmed_by(child, by=second)
    assert child.id_confirmed_by == first
    child.birth_date = dt.date(2016, 6, 1)
    identity.set_confirmed_by(child, by=second)
    assert child.id_confirmed_by == second


@pytest.mark.django_db
def test_nobody_answers_for_a_file_that_agrees_again():
    child = f.child(sex="1")
    child.sex, child.id_reason = "2", "户口登记有误"
    identity.set_confirmed_by(child, by=f.user("teacher"))
    child.sex = "1"
    identity.set_confirmed_by(child, by=f.user("teacher"))
    assert child.id_confirmed_by is None


@pytest.mark.django_db
def test_children_without_a_number_are_no_duplicates_of_each_other():
    for _ in range(2):
        f.child(id_number="", id_reason="尚未落户")
    assert Child.objects.filter(id_number_index=None).count() == 2
