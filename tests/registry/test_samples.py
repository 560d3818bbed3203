"""The four samples in the demonstration, and their figures counted again from the raw sheets.

What is read of a sheet here shares nothing with the importer: columns by number, words as they stand there.
"""

import csv
import io
from collections import Counter
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from django.core.management import call_command
from django.db import transaction

from carebase.accounts.models import User
from carebase.audit.models import Event
from carebase.management.demo_data.loader import load_demonstration
from registry.imports import staging, writer
from registry.models import Absence, Child, Division, Guardianship, ImportRow, Relative, Term

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DATA = Path(__file__).parent.parent / "data"
HEXIN = "990101101201"
NAMES = ("census_form_34.xlsx", "school_hand_made.xlsx", "school_roll_export.xlsx", "village_ledger_gb18030.csv")
REGISTRY = (Child, Relative, Absence, Guardianship)
FATHER, MOTHER = "51", "52"


class Pupil(NamedTuple):
    """What a raw row says about a child; `away` are the absent parents, None where it does not say which."""

    name: str
    number: str
    village: str
    away: frozenset | None
    boards: bool | None
    father: str
    father_phone: str
    guardian: str


def cells(name: str, first: int) -> list[tuple]:
    """Return the rows of a workbook from the row `first` on, down to the first empty one, blanks as ""."""
    sheet = openpyxl.load_workbook(DATA / name).active
    rows = ([cell or "" for cell in row] for row in sheet.iter_rows(min_row=first, values_only=True))
    return list(takewhile(any, rows))


def village_in(address: str) -> str:
    return next(village for village in ("合心村", "关志村", "中心村") if village in address)


def parents(*, father, mother) -> frozenset:
    return frozenset(code for code, away in ((FATHER, father), (MOTHER, mother)) if away)


def pupil_of_form(row) -> Pupil:
    both, unable = row[31] == "是", row[33]
    away = parents(father=both or unable == "母亲", mother=both or unable == "父亲")
    return Pupil(row[0], row[4], village_in(row[7]), away, row[11] == "是", row[21], row[24], row[35])


def pupil_of_school(row) -> Pupil:
    away = parents(father=row[11], mother=row[14])
    boards = {"√": True, "×": False}.get(row[20])
    return Pupil(row[4], row[8], village_in(row[9]), away, boards, row[10], row[12], row[17])


def pupil_of_roll(row) -> Pupil:
    both, father = row[26] == "双亲留守儿童", row[49]
    away = parents(father=True, mother=both) if both or father else None
    guardian = row[58] if row[59] != "母亲" else None  # 成员2; where it is the mother, both parents say 是
    return Pupil(row[1], row[12], village_in(row[19]), away, row[18] == "住校", row[46], row[51], guardian)


def pupil_of_ledger(row) -> Pupil:
    away = parents(father=True, mother=True) if row["留守类型"] == "父母双方外出" else None
    father, phone = row["父母姓名"].split("、")[0], row["父母电话"].split("/")[0]
    return Pupil(row["姓名"], row["身份证号"], "合心村", away, None, father, phone, row["监护人"])


def pupils(name: str) -> list[Pupil]:
    """Return the children of a sample, from its raw cells."""
    if name == "village_ledger_gb18030.csv":
        return [pupil_of_ledger(row) for row in csv.DictReader(StringIO((DATA / name).read_bytes().decode("gb18030")))]
    first, read = {
        "census_form_34.xlsx": (5, pupil_of_form),
        "school_hand_made.xlsx": (4, pupil_of_school),
        "school_roll_export.xlsx": (2, pupil_of_roll),
    }[name]
    return [read(row) for row in cells(name, first)]


def registered_pupil(child: Child) -> Pupil:
    """Return the same from the registry."""
    father = child.relatives.filter(relation=FATHER).first()
    away = frozenset(child.absences.filter(returned_on=None).values_list("parent", flat=True))
    guardian = child.guardianships.filter(ends_on=None).first()
    name_and_phone = (father.name, father.phone) if father else ("", "")
    named = guardian.name if guardian else ""
    return Pupil(child.name, child.id_number, child.village.name, away, child.boards, *name_and_phone, named)


@pytest.fixture(scope="module")
def by(module_db):
    """The coordinator of the demonstration."""
    load_demonstration()
    return User.objects.get(username="coordinator")


def stage(name: str, by):
    place = Division.objects.get(code=HEXIN) if name.endswith("csv") else None
    return staging.stage_file(
        name=name, data=(DATA / name).read_bytes(), term=Term.objects.current(), by=by, place=place
    )


def imported(name: str, by) -> list[Child]:
    batch = stage(name, by)
    writer.save_batch(batch=batch, by=by)
    return list(Child.objects.filter(imported_in=batch))


def stored_values() -> dict:
    """Return every row of the children and families, and the length of their audit trail."""
    rows = {model.__name__: list(model._base_manager.order_by("pk").values()) for model in REGISTRY}
    labels = [model._meta.label_lower for model in REGISTRY]
    return rows | {"events": Event.objects.filter(model__in=labels).count()}


def test_the_command_imports_every_sample_and_finds_all_unchanged_a_second_time(by):
    total = Child.objects.count()
    term = Term.objects.current().slug
    for name in NAMES:
        place = ("--place", HEXIN) if name.endswith("csv") else ()
        size = len(pupils(name))
        for unchanged in (0, size):
            output = io.StringIO()
            call_command("import_census", str(DATA / name), "--term", term, "--by", by.username, *place, stdout=output)
            lines = output.getvalue().splitlines()
            assert lines[:5] == [
                f"new: {size - unchanged}",
                "changed: 0",
                f"unchanged: {unchanged}",
                "possible duplicate: 0",
                "problem: 0",
            ]
        total += size
        assert Child.objects.count() == total


@pytest.fixture(scope="module", params=NAMES)
def sample(request, by) -> tuple[str, list[Child]]:
    """The name of a sample, and the children that were imported from it."""
    with transaction.atomic():
        yield request.param, imported(request.param, by)
        transaction.set_rollback(True)


def test_a_sample_is_saved_whole_and_changes_nothing_the_second_time(by, sample):
    name, children = sample
    size = len(pupils(name))
    assert len(children) == size
    before = stored_values()
    again = stage(name, by)
    assert {key: again.counts.get(key, 0) for key in ImportRow.Status.values} == {
        "new": 0, "changed": 0, "unchanged": size, "duplicate": 0, "problem": 0
    }  # fmt: skip
    assert writer.save_batch(batch=again, by=by) == 0
    assert stored_values() == before


def test_the_registry_equals_the_raw_sheet_for_each_child(sample):
    name, children = sample
    sheet = {pupil.number: pupil for pupil in pupils(name)}
    for child in children:
        expected, actual = sheet.pop(child.id_number), registered_pupil(child)
        if expected.away is None:
            expected = expected._replace(away=actual.away)
        if expected.guardian is None:
            expected = expected._replace(guardian=actual.guardian)
        assert actual == expected
    assert sheet == {}


# The children of each village, those whose parents are both away, and those who board.
COUNTED_BY_HAND = {
    "census_form_34.xlsx": ({"合心村": 19, "关志村": 15}, 27, 5),
    "school_hand_made.xlsx": ({"合心村": 31, "关志村": 24, "中心村": 22}, 54, 24),
    "school_roll_export.xlsx": ({"合心村": 25, "关志村": 42, "中心村": 40}, 80, 15),
    "village_ledger_gb18030.csv": ({"合心村": 60}, 43, 0),
}


def test_the_sums_equal_those_counted_by_hand(sample):
    name, children = sample
    villages, both_away, boarding = COUNTED_BY_HAND[name]
    pupils_of_sample = [registered_pupil(child) for child in children]
    assert Counter(pupil.village for pupil in pupils_of_sample) == villages
    assert sum(pupil.away == {FATHER, MOTHER} for pupil in pupils_of_sample) == both_away
    assert sum(pupil.boards is True for pupil in pupils_of_sample) == boarding
    assert sum(bool(pupil.father_phone) for pupil in pupils_of_sample) == len(children)
