"""Terms: each day of care lies in one of them."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError

from registry.models import Term
from tests import factories as f

pytestmark = pytest.mark.django_db
SPRING = ("2027-spring", dt.date(2027, 2, 15), dt.date(2027, 8, 31))


def clean(slug, starts_on, ends_on):
    Term(slug=slug, starts_on=starts_on, ends_on=ends_on).full_clean()


@pytest.mark.parametrize(
    ("slug", "name"), [("2026-autumn", "2026–2027, first term"), ("2027-spring", "2026–2027, second term")]
)
def test_a_term_is_named_by_the_school_year(slug, name):
    assert str(Term(slug=slug)) == name


@pytest.mark.parametrize(
    ("instant", "slug"),
    [
        (dt.datetime(2026, 8, 31, 15, 59, 59, tzinfo=dt.UTC), None),  # 23:59:59 in Shanghai
        (dt.datetime(2026, 8, 31, 16, 0, 0, tzinfo=dt.UTC), "2026-autumn"),  # midnight in Shanghai
        (dt.datetime(2027, 2, 14, 15, 59, 59, tzinfo=dt.UTC), "2026-autumn"),
        (dt.datetime(2027, 2, 14, 16, 0, 0, tzinfo=dt.UTC), "2027-spring"),
        (dt.datetime(2028, 1, 1, tzinfo=dt.UTC), "2027-spring"),  # the last that began
    ],
)
def test_the_present_term_changes_at_midnight_in_shanghai(instant, slug):
    f.term()
    f.term(*SPRING)
    with time_machine.travel(instant, tick=False):
        current = Term.objects.current()
    assert (current and current.slug) == slug


def test_without_terms_there_is_no_present_one():
    assert Term.objects.current() is None


def test_terms_that_overlap_are_refused_and_neighbours_are_not():
    f.term()
    clean(*SPRING)
    with pytest.raises(ValidationError, match="overlaps"):
        clean("2027-spring", dt.date(2027, 2, 14), dt.date(2027, 8, 31))


@pytest.mark.parametrize("slug", ["2026", "2026-winter", "2026-autumn2", "autumn-2026", "２０２６-autumn-"])
def test_a_term_is_called_by_year_and_season_only(slug):
    with pytest.raises(ValidationError):
        clean(slug, dt.date(2026, 9, 1), dt.date(2027, 2, 14))


def test_a_term_begins_before_it_ends():
    with pytest.raises(ValidationError, match="must begin before"):
        clean("2026-autumn", dt.date(2026, 9, 1), dt.date(2026, 9, 1))


@pytest.mark.parametrize("day", [dt.date(2026, 9, 1), dt.date(2026, 12, 31), dt.date(2027, 2, 14)])
def test_each_day_lies_in_exactly_one_term(day):
    f.term()
    f.term(*SPRING)
    assert [term.slug for term in Term.objects.on(day)] == ["2026-autumn"]
