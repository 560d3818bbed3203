"""Values as text, the same for lists, pages, comparisons and histories."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from carebase.display import HIDDEN, display, display_attr, display_field
from registry.models import Child
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.datetime(2026, 1, 1, 23, 30, tzinfo=dt.UTC), "01/02/2026 7:30 a.m."),
        (Decimal("3.50"), "3.50"),
    ],
)
def test_a_value_is_displayed_by_its_type(value, shown):
    assert display(value) == shown


def test_a_column_reads_a_path_a_choice_or_a_callable():
    child = f.child(schooling="primary")
    assert display_attr(child, "village.name") == "合心村"
    assert display_attr(child, "schooling") == "primary school"
    assert display_attr(child, "school.name") == ""
    assert display_attr(child, lambda obj: obj.name) == "王小明"


def test_several_choices_in_one_field_are_read_one_by_one():
    child = f.child(income=["wages", "farming"], relief=[])
    labels = dict(Child._meta.get_field("income").flatchoices)
    assert display_attr(child, "income") == f"{labels['wages']}、{labels['farming']}"
    assert display_attr(child, "relief") == ""


def field(name: str):
    return Child._meta.get_field(name)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("schooling", "primary", "primary school"),
        ("schooling", "of_a_former_version", "of_a_former_version"),
        ("income", ["wages", "former"], "wages、former"),
        ("boards", False, "no"),
        ("birth_date", dt.date(2016, 5, 4), "2016-05-04"),
        ("illness", "", ""),
        ("id_number", "990000201605040011", HIDDEN),
        ("id_number", "", ""),
    ],
)
def test_a_stored_value_is_displayed_by_its_field(name, value, shown):
    assert display_field(field(name), value) == shown


def test_a_value_of_no_known_field_is_shown_as_it_is():
    assert display_field(None, ["a", True, None]) == "a、yes、"


def test_a_choice_is_shown_in_the_language_of_each_reader():
    shown = set()
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            shown.add(display_field(field("schooling"), "primary"))
    assert shown == {"primary school", "小学"}
