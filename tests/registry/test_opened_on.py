"""The day on which a file was opened: from then on it belongs to terms and rounds."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps

from registry.duplicates.services import merge_files, undo_merge
from registry.models import Child
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_new_file_is_opened_today(time_machine):
    time_machine.move_to("2026-11-21T00:10:00+08:00")
    assert f.child().opened_on == dt.date(2026, 11, 21)


def test_files_that_were_there_before_were_opened_on_the_day_of_the_audit_trail(time_machine):
    time_machine.move_to("2026-03-01T00:10:00+08:00")
    child = f.child(opened_on=dt.date(2026, 11, 20))
    import_module("registry.migrations.0016_fill_opened_on").fill(apps, None)
    child.refresh_from_db()
    assert child.opened_on == dt.date(2026, 3, 1)


def test_the_file_that_stays_was_opened_when_the_first_of_the_two_was():
    kept, gone, other = f.child(), f.child(opened_on=dt.date(2026, 3, 1)), f.child("李小红")
    head = f.coordinator_of(f.township())
    merge = merge_files(kept=kept, gone=gone, choices={}, by=head)
    opened = dict(Child.objects.values_list("pk", "opened_on"))
    assert opened == {kept.pk: gone.opened_on, gone.pk: gone.opened_on, other.pk: f.today()}
    undo_merge(merge=merge, by=head)
    kept.refresh_from_db()
    assert kept.opened_on == f.today()


def test_a_file_is_open_within_a_term_from_its_first_day_to_the_day_of_closing():
    child = f.child(opened_on=dt.date(2026, 3, 1), closed_on=dt.date(2026, 4, 1), closing="moved")
    f.child("李小红", opened_on=dt.date(2027, 1, 1))
    spans = {
        ((2026, 1, 1), (2026, 2, 28)): [],
        ((2026, 1, 1), (2026, 3, 1)): [child],
        ((2026, 4, 1), (2026, 12, 31)): [child],
        ((2026, 4, 2), (2026, 12, 31)): [],
    }
    found = {span: list(Child.objects.open_within(*(dt.date(*day) for day in span))) for span in spans}
    assert found == spans
