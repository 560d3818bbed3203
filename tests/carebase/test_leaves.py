"""The leaf of an audit event can be computed again from its row, whatever the database does to the spelling of it."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from carebase.accounts.roles import Role
from carebase.audit.context import acting_as
from carebase.audit.leaves import LEAF_FIELDS, canonical_row
from carebase.audit.merkle import hash_leaf
from carebase.audit.models import Action, Event, build_event, record_event
from carebase.bulk import bulk_insert
from tests import factories as f
from tests.triggers import without_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def recomputed(row: Event) -> bytes:
    return hash_leaf(canonical_row(*(getattr(row, name) for name in LEAF_FIELDS)))


def leaves_hold() -> bool:
    rows = list(Event.objects.all())
    return bool(rows) and all(bytes(row.leaf) == recomputed(row) for row in rows)


@pytest.mark.parametrize("way", ["save", "bulk_create", "bulk_insert"])
def test_every_way_to_write_an_event_gives_it_its_leaf(way):
    with acting_as(f.user(Role.TEACHER), address="FE80::00A1"):
        event = build_event(Action.CHANGE, f.child(), changes={"b": [None, "子"], "a": [1, date(2026, 3, 1)]})
    event.subject = "SET LATER"
    match way:
        case "save":
            event.save()
        case "bulk_create":
            Event.objects.bulk_create([event])
        case "bulk_insert":
            bulk_insert([event])
    assert Event.objects.filter(subject="SET LATER", user__isnull=False).count() == 1
    assert leaves_hold()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.dates()
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=8))))
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.integers(), inner, max_size=3),
    max_leaves=6,
)


class LeafTest(TestCase):
    @settings(max_examples=150, deadline=None)
    @given(value=VALUES, year=st.integers(1000, 9000), micro=st.integers(0, 999_999), address=st.ip_addresses())
    def test_the_leaf_is_that_of_the_row_that_was_stored(self, value, year, micro, address):
        at = datetime(year, 12, 31, 23, 59, 59, micro, tzinfo=timezone(timedelta(hours=8)))
        Event(action="view", at=at, detail={"value": value}, address=str(address), account="é").save()
        assert leaves_hold()


def test_numbers_that_one_database_writes_otherwise_have_the_same_leaf():
    record_event(Action.VIEW, detail={"large": 1e20, "whole": 2.0, "small": 1e-7, "price": Decimal("2.50")})
    assert leaves_hold()


def test_two_rows_that_say_different_things_have_different_leaves():
    first, second = record_event(Action.VIEW, detail={"a": "1"}), record_event(Action.VIEW, detail={"a": 1})
    assert first.leaf != second.leaf and len(first.leaf) == 32


def test_lines_from_before_leaves_are_given_theirs():
    f.child()
    record_event(Action.VIEW, detail={"whole": 2.0})
    with without_triggers() as cursor:
        cursor.execute("UPDATE audit_event SET leaf = NULL")
        import_module("carebase.audit.migrations.0004_fill_leaves").fill(QuerySet(Event), connection)
    assert leaves_hold()
