"""The official form with 34 children: each saved field equals what an independent reader reads on the sheet."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from django.db import connection

from registry.child_file import ChildFile
from registry.imports import staging, writer
from registry.models import Absence, Child, Guardianship, Relative
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
FORM = Path(__file__).parent.parent / "data" / "census_form_34.xlsx"
YES_NO = {"是": True, "否": False, None: None}
SCHOOLING = {
    "幼儿园": "kindergarten",
    "未入园": "no_kindergarten",
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "中职": "vocational",
    "辍学": "dropped_out",
    "不在学": "not_in_school",
}
ETHNICITY = {"汉族": "01", "苗族": "06", "满族": "11", "土家族": "15"}
CONDITION = {"健康": "healthy", "残疾": "disabled", "患病": "ill", None: ""}
RELATION = {"祖父": "61", "祖母": "62", "外祖父": "63", "外祖母": "64", "姑母": "90", "邻居": "99", None: ""}
KIND = {"肢体": "64"}
GRADE = {"二级": 2, "三级": 3}
INCOME = dict(zip(("打工收入", "种养殖业", "政府救助", "亲朋接济", "其他"), Child.Income.values, strict=True))
RELIEF = dict(zip(("享受低保", "临时救助", "医疗救助", "住房救助", "其他救助"), Child.Relief.values, strict=True))
ASSESSMENT = {"较好": "good", "一般": "fair", "差": "poor", None: ""}


@pytest.fixture(autouse=True)
def places():
    """Two townships with their villages, and a term."""
    f.village(), f.other_village(), f.far_village(), f.term()


def stage(by, data):
    return staging.stage_file(name="census.xlsx", data=data, term=f.term(), by=by)


def save(by, data):
    return writer.save_batch(batch=stage(by, data), by=by)


def raw_rows() -> list[tuple]:
    """Return the 43 cells of each child of the sample form, read without our reader."""
    sheet = openpyxl.load_workbook(FORM).active
    rows = [cells for cells in sheet.iter_rows(min_row=5, max_col=43, values_only=True) if cells[4]]
    assert len(rows) == 34
    return rows


def parse_day(cell):
    return None if cell in (None, "—") else dt.date.fromisoformat(cell)


def expected_child(cells) -> tuple:
    """Return the expected values of fields 1–13, 42 and 43 of a row."""
    name, sex, ethnicity, born, number, registered, hukou = cells[:7]
    home, condition, disability, illness, boards, school = cells[7:13]
    kind = next((code for word, code in KIND.items() if disability and word in disability), "")
    grade = next((grade for word, grade in GRADE.items() if disability and word in disability), None)
    several = [
        [names[word] for word in (cell or "").split("、") if word]
        for cell, names in zip(cells[41:], (INCOME, RELIEF), strict=True)
    ]
    return (
        (name, {"男": "1", "女": "2"}[sex], ETHNICITY[ethnicity], parse_day(born))
        + (number, YES_NO[registered], hukou, home, CONDITION[condition], kind, grade, illness or "")
        + (YES_NO[boards], SCHOOLING[school], *several)
    )


def child_values(child) -> tuple:
    return (
        (child.name, child.sex, child.ethnicity, child.birth_date, child.id_number, child.hukou_registered)
        + (child.hukou_place, child.residence, child.condition, child.disability, child.disability_grade)
        + (child.illness, child.boards, child.schooling, child.income, child.relief)
    )


def expected_relatives(cells) -> dict:
    """Return the expected values of fields 14–31: (state, name, birth date, work place, phone, ID number)."""
    relatives = {}
    for relation, place in (("61", 13), ("62", 15), ("63", 17), ("64", 19), ("51", 21), ("52", 25)):
        name, born = cells[place : place + 2]
        parent = relation in ("51", "52")
        work, phone = cells[place + 2 : place + 4] if parent else (None, None)
        number = cells[29 + (relation == "52")] if parent else None
        if any((name, born, work, phone, number)):
            state = "deceased" if name == "—" else "living"
            relatives[relation] = (
                state,
                "" if name == "—" else name,
                parse_day(born),
                work or "",
                phone or "",
                number or "",
            )
    return relatives


def test_every_field_of_the_official_form_is_saved_as_written():
    save(f.coordinator_of(f.township()), FORM.read_bytes())

    assert Child.objects.count() == 34
    for cells in raw_rows():
        child = Child.objects.with_id_number(cells[4]).get()
        assert child_values(child) == expected_child(cells)
        filed = {
            row.relation: (row.state, row.name, row.birth_date, row.work_place, row.phone, row.id_number)
            for row in child.relatives.all()
        }
        assert filed == expected_relatives(cells)


def test_fields_32_to_34_become_absences_and_abilities():
    save(f.coordinator_of(f.township()), FORM.read_bytes())

    for cells in raw_rows():
        file = ChildFile(Child.objects.with_id_number(cells[4]).get())
        both, one, unable = (
            YES_NO[cells[31]],
            YES_NO[cells[32]],
            {"父亲": "father", "母亲": "mother", None: ""}[cells[33]],
        )
        assert (file.both_away, *file.one_away()) == (both, one, unable)
        assert {row.known_on for row in file.history} == {dt.date(2026, 9, 10)}, "as of the date of the report"
        for row in file.history:
            assert row.destination == (cells[23 if row.parent == "51" else 27] or "")


def test_fields_35_to_41_become_the_guardianship():
    save(f.coordinator_of(f.township()), FORM.read_bytes())

    for cells in raw_rows():
        row = Guardianship.objects.get(child__id_number_index=Child._meta.get_field("id_number_index").hash(cells[4]))
        entrusted, name, phone, number, relation, address, assessment = cells[34:41]
        expected = (YES_NO[entrusted], name or "", phone or "", number or "", RELATION[relation], address or "")
        assert (row.entrusted, row.name, row.phone, row.id_number, row.relation, row.address) == expected
        assert (row.assessment, row.starts_on, row.ends_on) == (ASSESSMENT[assessment], dt.date(2026, 9, 10), None)


def test_each_child_is_filed_in_the_village_of_its_residence():
    save(f.coordinator_of(f.township()), FORM.read_bytes())

    for cells in raw_rows():
        assert Child.objects.with_id_number(cells[4]).get().village.name in cells[7]


def test_no_number_of_a_preview_or_a_file_is_readable_in_the_database():
    """A dump of the database, previews and audit trail included, holds no ID number, phone or address of anybody."""
    save(f.coordinator_of(f.township()), FORM.read_bytes())

    dump = dump_database()
    assert Child.objects.first().code in dump, "the dump is one"
    for cells in raw_rows():
        for place in (4, 7, 24, 28, 29, 30, 36, 37, 39):
            assert not cells[place] or cells[place] not in dump
    assert [value for value in query_rows("SELECT id_number FROM registry_child") if not value.startswith("k")] == []


def dump_database() -> str:
    """Return the text of all tables."""
    tables = connection.introspection.table_names()
    return "\n".join(str(value) for table in tables for value in query_rows(f'SELECT * FROM "{table}"'))


def query_rows(query: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [value for row in cursor.fetchall() for value in row]


def test_a_second_import_of_the_same_form_changes_nothing():
    by = f.coordinator_of(f.township())
    save(by, FORM.read_bytes())
    before = {child.pk: (child.version, child_values(child)) for child in Child.objects.all()}

    batch = stage(by, FORM.read_bytes())
    assert batch.counts == {"unchanged": 34, "remarks": 0, "ignored": [], "rural": True}
    assert writer.save_batch(batch=batch, by=by) == 0
    assert {child.pk: (child.version, child_values(child)) for child in Child.objects.all()} == before
    assert (Relative.objects.count(), Absence.objects.count(), Guardianship.objects.count()) == (204, 61, 34)
