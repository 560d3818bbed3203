"""Undoing an import, a merge or a revision restores every column of every row, whatever a file holds."""

import datetime as dt
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activities.models import Attendance
from pairing.models import Pairing
from registry.duplicates import services as duplicates
from registry.duplicates.file_comparison import FileComparison
from registry.history import revert
from registry.history.revisions import file_events, group_revisions
from registry.imports import staging, undo, writer
from registry.models import (
    CarerRefusal,
    CategoryMembership,
    Child,
    Decision,
    DuplicateSettlement,
    HomeStay,
    ImportBatch,
    ImportFile,
    ImportRow,
    Merge,
    Referral,
    Relative,
)
from registry.transfers.placement import PLACES
from tests import factories as f
from tests import workbooks
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

APPS = ("registry", "visits", "pairing", "activities")
RECORDS = (Merge, DuplicateSettlement, ImportBatch, ImportFile, ImportRow)  # records of the operations themselves
Undo = Callable[[], None]


def all_rows(child: Child | None = None) -> dict:
    """Return every column except the version of every row of the apps, or of one child's file only."""
    rows = {}
    for model in (model for app in APPS for model in apps.get_app_config(app).get_models() if model not in RECORDS):
        names = [field.attname for field in model._meta.concrete_fields if field.name != "version"]
        for row in model._base_manager.all():
            if child is None or row == child or getattr(row, "child", None) == child:
                rows[model._meta.label, row.pk] = [getattr(row, name) for name in names]
    return rows


@contextmanager
def example():
    """Roll back the rows of one example before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What a file may hold

DAY = dt.date(2026, 3, 1)
PERSON = {
    "name": st.sampled_from(["王某", "李某"]),
    "birth_date": st.sampled_from([None, dt.date(1988, 1, 2)]),
    "phone": st.sampled_from(["", "13800000001"]),
    "id_number": st.sampled_from(["", workbooks.number(13, "1988-01-02")]),
    "able": st.sampled_from([None, True, False]),
}
RELATIVE = st.one_of(
    st.none(), st.fixed_dictionaries(PERSON), st.sampled_from([{"state": "unknown"}, {"state": "deceased"}])
)
ABSENCE = st.sampled_from(["none", "over", "open", "visited"])
OWN = [
    {},
    {"condition": "disabled", "disability": "62", "disability_grade": 2, "illness": "哮喘"},
    {"income": ["farming", "wages"], "relief": ["allowance"], "boards": True, "residence": "合心村1组"},
]
UNNUMBERED = {"id_number": "", "id_reason": "未落户"}
CLOSED = {"closed_on": DAY, "closing": "moved"}
OTHERS = ["category", "referral", "refusal", "kept", "visit", "survey", "pairing", "attendance"]


def family(own: list[dict]):
    """Return the strategy of a file: the child's own fields, one of `own`, and everything related."""
    parts = {
        "own": st.sampled_from(own),
        "relatives": st.fixed_dictionaries(dict.fromkeys(("51", "52", "63", "90"), RELATIVE)),
        "absences": st.fixed_dictionaries({"51": ABSENCE, "52": ABSENCE}),
        "guardianship": st.sampled_from(["none", "over", "open", "entrusted", "alone"]),
        "others": st.sets(st.sampled_from(OTHERS)),
    }
    return st.fixed_dictionaries(parts)


def add_family(child: Child, parts: dict, by) -> None:
    for relation, fields in parts["relatives"].items():
        if fields is not None:
            Relative.objects.create(child=child, relation=relation, **fields)
    for parent, state in parts["absences"].items():
        add_absence(child, parent, state)
    add_guardianship(child, parts["guardianship"])
    for kind in sorted(parts["others"]):
        add_other(child, kind, by)


def add_absence(child: Child, parent: str, state: str) -> None:
    if state == "none":
        return
    f.absence(child, parent, left_on=dt.date(2024, 1, 1), returned_on=dt.date(2025, 1, 1), return_reason="过年")
    if state != "over":
        row = f.absence(child, parent, left_on=DAY, destination="广东省")
        if state == "visited":
            HomeStay.objects.create(child=child, absence=row, came_on=dt.date(2026, 5, 1))


def add_guardianship(child: Child, state: str) -> None:
    if state == "none":
        return
    f.guardianship(child, starts_on=dt.date(2025, 1, 1), ends_on=DAY, phone="13700000001", address="1组")
    if state == "open":
        f.guardianship(child, relation="63", assessment="fair")
    elif state == "entrusted":
        f.entrustment(child)
    elif state == "alone":
        f.guardianship(child, name="", alone=True, found_on=DAY)


def add_other(child: Child, kind: str, by) -> None:
    match kind:
        case "category":
            CategoryMembership.objects.create(
                child=child, category="orphan", valid_from=DAY, basis="民政", confirmed_by=by
            )
        case "referral":
            Referral.objects.create(child=child, counsellor=f.user("counsellor"), reason="沉默")
        case "refusal":
            CarerRefusal.objects.create(child=child, name="王酒徒", grounds=["addicted"], refused_by=by)
        case "kept":
            Decision.objects.create(
                child=child, kind="kept", ground="age", until=f.today() + dt.timedelta(days=9), reason="x", by=by
            )
        case "visit":
            f.visit(child, by)
        case "survey":
            f.need(f.survey(child, by))
        case "pairing":
            Pairing.objects.create(child=child, carer=f.carer(), seat=1)
        case "attendance":
            Attendance.objects.create(child=child, activity=f.activity())


# Operations on it; each returns its undo


def import_update(child: Child, other: Child, by, data) -> Undo:
    """Update the file from a sheet with values that `data` draws."""
    blank = dict.fromkeys(workbooks.row())
    drawn = workbooks.row(**{name: data.draw(cell, label=name) for name, cell in CELLS.items()})
    own = {name: drawn[name] for name in ("name", "sex", "birth_date", "id_number", "residence", *CELLS)}
    sheet = workbooks.official_form(blank | own, reported="填报日期：2026年10月20日")
    batch = staging.stage_file(name="census.xlsx", data=sheet, term=f.term(), by=by)
    writer.save_batch(batch=batch, by=by)
    batch.refresh_from_db()
    assert batch.counts["updated"] == 1, batch.counts
    return lambda: undo.undo_batch(batch=batch, by=by)


CELLS = {
    "boards": st.just("否"),
    "residence": st.sampled_from(["百里洲镇合心村2组36号", "百里洲镇关志村"]),
    "hukou_place": st.sampled_from([None, "湖北省枝江市"]),
    "income": st.sampled_from([None, "打工收入"]),
    "father_name": st.sampled_from([None, "—", "不详", "王大明"]),
    "father_phone": st.sampled_from([None, "13900000001"]),
    "mother_name": st.sampled_from([None, "李小红"]),
    "grandmother_name": st.sampled_from([None, "钱奶奶"]),
    "both_away": st.sampled_from([None, "是", "否"]),
    "guardian_name": st.sampled_from([None, "张桂香"]),
    "guardian_phone": st.sampled_from([None, "13700000009"]),
}


def merge(child: Child, other: Child, by, data) -> Undo:
    """Merge the two files with choices that `data` draws."""
    groups = FileComparison(child, other).groups
    names = [group.name for group in groups if group.name not in PLACES]  # a merge moves nobody
    choices = {name: data.draw(st.sampled_from(["kept", "gone"]), label=name) for name in names}
    choices |= {"guardianship": "kept"}  # an agreement of the file that stays allows no other guardian
    merged = duplicates.merge_files(kept=child, gone=other, choices=choices, by=by)
    return lambda: duplicates.undo_merge(merge=merged, by=by)


def save_form(child: Child, other: Child, by, data) -> Undo:
    """Save the form of the file with values that `data` draws, and find the revision in the history."""
    client = Client()
    client.force_login(by)
    url = f"/children/{child.code}/edit/"
    typed = {name: data.draw(value, label=name) for name, value in TYPED.items()}
    response = client.post(
        url, form_values(client.get(url)) | {name: new for name, new in typed.items() if new != "kept"}
    )
    assert response.status_code == 302, response.context["form"].errors
    child.refresh_from_db()
    revision = next(group_revisions(file_events(child)))
    return lambda: revert.revert(child=child, revision=revision, by=by)


TYPED = {
    "name": st.sampled_from(["王小明", "王大明"]),
    "schooling": st.sampled_from(["primary", "junior"]),
    "residence": st.sampled_from(["kept", "关志村2组"]),
    "relief": st.sampled_from(["kept", ["medical", "other"]]),
    "mother_name": st.sampled_from(["kept", "", "—", "李小红"]),
    "mother_away": st.just("no"),
    "mother_left_on": st.just(""),
    "father_name": st.just("王大明"),
    "father_phone": st.sampled_from(["kept", "13900000001"]),
    "father_away": st.just("yes"),
    "guardian_name": st.sampled_from(["张桂香", "李奶奶"]),
    "guardian_phone": st.sampled_from(["kept", "13700000009"]),
}


@pytest.fixture
def by():
    """A coordinator of the township, with a neighbour in another."""
    f.village(), f.other_village(), f.far_village(), f.term()
    return f.coordinator_of(f.township())


@pytest.mark.parametrize("change", [import_update, merge, save_form])
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes where each example writes rows
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=family(OWN), second=family([*OWN, UNNUMBERED, CLOSED]), data=st.data())
def test_undoing_restores_every_row(by, change, first, second, data):
    with example():
        child = f.child("王小明", id_number=workbooks.number(), **first["own"])
        other = f.child("陈大红", **{"id_number": workbooks.number(21), "living_in": f.other_village()} | second["own"])
        neighbour = f.child("赵云", id_number=workbooks.number(31))
        for file, parts in ((child, first), (other, second), (neighbour, second)):
            add_family(file, parts, by)
        before, others = all_rows(), all_rows(neighbour)
        undo = change(child, other, by, data)
        assert all_rows() != before and all_rows(neighbour) == others
        undo()
        assert all_rows() == before
