"""Two people at one moment on one child's file: one is heard, the other is told, and nothing that was saved is lost."""

from functools import partial

import pytest

from registry.closing import services as closing
from registry.duplicates import services as duplicates
from registry.guardianship import services as guardianship
from registry.imports import staging, undo, writer
from registry.leftbehind import services as absences
from registry.models import Absence, Child, Decision, Guardianship, Merge, Survey, Transfer
from registry.rounds.services import save_survey
from registry.transfers import services as transfers
from tests import factories as f
from tests import workbooks
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
FAMILY = {"entrusted": False, "alone": False, "found_on": None, "relation": "", "phone": "", "id_number": ""} | {
    "address": "",
    "assessment": "",
    "assessed_on": None,
    "assessment_reason": "",
}


@pytest.fixture
def office():
    return f.coordinator_of(f.county())


@pytest.fixture
def child():
    f.child("陈小红")
    return f.child("王小明")


def close(child, by):
    return closing.close_file(child=child, ground="moved", on=f.today(), by=by)


def test_a_file_is_closed_once(child, office, tmp_path):
    act = partial(close, child, office)
    with shared_database(tmp_path):
        outcomes = run_concurrently([act, act])
        assert Decision.objects.count() == 1
    assert set(outcomes) == {DONE, "This file is already closed."}


def test_closing_and_accepting_do_not_wait_for_each_other(child, office, tmp_path):
    offer = f.transfer(child, to=f.far_village(), by=office)
    with shared_database(tmp_path):
        outcomes = run_concurrently(
            [partial(close, child, office), partial(transfers.accept_transfer, transfer=offer, by=office)]
        )
        now, state = Child.objects.get(pk=child.pk), Transfer.objects.get(pk=offer.pk).state
    assert DONE in outcomes and "Error(" not in "".join(outcomes)
    assert state == ("accepted" if now.village == f.far_village() else "withdrawn")


def test_of_two_new_guardianships_one_is_begun_and_the_other_learns_of_it(child, office, tmp_path):
    def begin(name):
        values = FAMILY | {"starts_on": f.today(), "name": name}
        guardianship.begin_guardianship(child=child, version=child.version, values=values, agreement=False, by=office)

    with shared_database(tmp_path):
        outcomes = run_concurrently([partial(begin, "王大叔"), partial(begin, "王二叔")])
        rows = Guardianship.objects.filter(child=child)
        assert rows.count() == 1
    assert outcomes.count(DONE) == 1 and "StaleRecord" in "".join(outcomes)


def test_of_two_surveys_one_is_kept(child, office, tmp_path):
    village, term = f.admin_of(f.village()), f.term()
    ratings = {f"{domain}_rating": "good" for domain in ("study", "life", "psychology", "safety", "health")}

    def survey():
        save_survey(survey=Survey(child=child, term=term, **ratings), by=village)

    with shared_database(tmp_path):
        outcomes = run_concurrently([survey, survey])
        assert Survey.objects.count() == 1
    assert outcomes.count(DONE) == 1 and "already surveyed" in "".join(outcomes)


def test_two_files_are_merged_once(child, office, tmp_path):
    gone = f.child("王晓明")

    def merge():
        duplicates.merge_files(kept=child, gone=gone, choices={}, by=office)

    with shared_database(tmp_path):
        outcomes = run_concurrently([merge, merge])
        assert Merge.objects.count() == 1
    assert outcomes.count(DONE) == 1 and "Error(" not in "".join(outcomes)


def test_an_import_is_undone_once(office, tmp_path):
    batch = imported(office)
    with shared_database(tmp_path):
        outcomes = run_concurrently([partial(undo.undo_batch, batch=batch, by=office)] * 2)
        assert not Child.objects.exists()
    assert outcomes.count(DONE) == 1 and "Only an import that was saved" in "".join(outcomes)


def imported(by):
    f.village(), f.other_village()
    row = workbooks.row(both_away="否", one_away="是", unable_parent="母亲")
    batch = staging.stage_file(name="census.xlsx", data=workbooks.official_form(row), term=f.term(), by=by)
    writer.save_batch(batch=batch, by=by)
    batch.refresh_from_db()
    return batch


def test_a_departure_logged_while_an_import_is_undone_is_kept_or_refused_and_never_lost(office, tmp_path):
    batch = imported(office)
    child = Child.objects.get()

    def depart():
        absences.record_departure(absence=Absence(child=child, parent="52", left_on=f.today()), by=office)

    with shared_database(tmp_path):
        outcomes = run_concurrently([depart, partial(undo.undo_batch, batch=batch, by=office)])
        kept = Absence.objects.filter(parent="52").count()
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert "outside your area" in "".join(outcomes) or "other records depend on it" in "".join(outcomes)
    assert kept == (1 if "other records depend on it" in "".join(outcomes) else 0)
