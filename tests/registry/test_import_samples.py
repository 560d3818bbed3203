"""The four sheets as offices really keep them, imported without manual work."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from carebase.sheets.guard import SheetError
from registry.codes.grades import years_before
from registry.imports import staging, writer
from registry.leftbehind.query import filter_left_behind, rule_conditions
from registry.models import Absence, Child, Definition, ImportRow
from registry.statistics.columns import count_columns
from tests import factories as f

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
SIZES = {
    "census_form_34.xlsx": 34,
    "school_hand_made.xlsx": 77,
    "school_roll_export.xlsx": 107,
    "village_ledger_gb18030.csv": 60,
}


@pytest.fixture
def places():
    """Two townships with their schools; the first school has three classes a year, the other none."""
    f.village(), f.other_village(), f.far_village(), f.other_school(), f.term()
    for year in range(2018, 2027):
        for number in (1, 2, 3):
            f.school_class(f.school(), year, number)


def stage(name, by, place=None):
    return staging.stage_file(name=name, data=(DATA / name).read_bytes(), term=f.term(), by=by, place=place)


def row(batch, name):
    return next(row for row in batch.rows.all() if row.values["name"] == name)


@pytest.mark.parametrize("name", SIZES)
def test_a_county_coordinator_reads_and_saves_every_child_of_each_sample(places, name):
    by = f.coordinator_of(f.county())
    batch = stage(name, by, f.village() if name.endswith("csv") else None)
    refused = [row.notes for row in batch.rows.filter(status=ImportRow.Status.PROBLEM)]
    assert refused == []
    assert writer.save_batch(batch=batch, by=by) == Child.objects.count() == SIZES[name]


def test_the_hand_made_sheet_gives_class_absences_and_guardian(places):
    batch = stage("school_hand_made.xlsx", f.coordinator_of(f.county()))
    values = row(batch, "王莹").values  # 八年级3班, both parents with a place of work, 外祖父
    assert values["schooling"] == "junior" and values["school_class"]
    assert (values["father_away"], values["mother_away"]) == (True, True)
    assert (values["guardian_name"], values["guardian_relation"]) == ("张欢", "63")
    alone = row(batch, "祁莹").values  # 单亲: only the father has a place of work
    assert alone["father_away"] is True and "mother_away" not in alone
    assert (alone["guardian_relation"], alone["entrusted"]) == ("51", False)


@pytest.mark.parametrize(("person", "offered"), [(f.coordinator_of, True), (f.head_of, False)])
def test_a_class_that_the_school_lacks_is_a_click_away_for_who_may_add_it(places, login, person, offered):
    by = person(f.county() if offered else f.school())
    page = login(by).get(stage("school_hand_made.xlsx", by).get_absolute_url()).content.decode()
    assert ("Add a class" in page) == offered


def test_the_hand_made_sheet_is_no_contradiction_where_a_parent_is_guardian(places):
    batch = stage("school_hand_made.xlsx", f.coordinator_of(f.county()))
    remarks = Counter(text for row in batch.rows.all() for _column, text, _severity in row.notes)
    assert remarks and all("that entered in 20" in text and "Add the class and read" in text for text in remarks)


def test_the_roll_gives_the_family_from_its_members(places):
    batch = stage("school_roll_export.xlsx", f.coordinator_of(f.county()))
    values = row(batch, "刘兵").values  # 双亲留守, father in Shenzhen, a grandparent is guardian
    assert (values["father_name"], values["father_work_place"]) == ("刘坤", "广东省深圳市")
    assert (values["guardian_name"], values["guardian_relation"]) == ("魏楠", "60")
    assert (values["father_away"], values["mother_away"]) == (True, True)
    assert values["hukou_rural"] is True and values["boards"] is False
    assert row(batch, "胡凤兰").values["boards"] is True


def test_the_roll_leaves_an_absence_open_where_no_parent_has_a_place_of_work(places):
    unclear = row(stage("school_roll_export.xlsx", f.coordinator_of(f.county())), "胡建")
    assert "father_away" not in unclear.values and "mother_away" not in unclear.values
    assert any("which parent is away" in text for _column, text, _severity in unclear.notes)


@pytest.mark.parametrize(
    ("name", "size"), [("school_roll_export.xlsx", 16), ("village_ledger_gb18030.csv", 17), ("census_form_34.xlsx", 0)]
)
def test_one_parent_away_which_is_not_said_is_recorded_and_never_a_sure_no(places, name, size):
    by = f.coordinator_of(f.county())
    batch = stage(name, by, f.village() if name.endswith("csv") else None)
    writer.save_batch(batch=batch, by=by)
    unnamed = Child.objects.filter(absences__parent="50")
    remarks = Counter(text for row in batch.rows.all() for _column, text, _severity in row.notes)
    assert unnamed.count() == size == sum("one of them is" in text and remarks[text] for text in remarks)
    for definition in Definition.objects.filter(code__in=["D1", "D2", "D3"]):
        for day in (batch.reported_on, batch.reported_on + dt.timedelta(days=90)):
            young = unnamed.filter(birth_date__gt=years_before(day, 16))
            assert not young.filter(rule_conditions(definition, day).no).exists(), definition
    again = stage(name, by, f.village() if name.endswith("csv") else None)
    assert again.counts["unchanged"] == SIZES[name]


def test_a_form_of_rural_children_says_that_they_are_rural(places, login):
    by = f.coordinator_of(f.county())
    batch = stage("census_form_34.xlsx", by)
    assert "The title says 农村留守儿童" in login(by).get(batch.get_absolute_url()).content.decode()
    writer.save_batch(batch=batch, by=by)
    assert set(Child.objects.values_list("hukou_rural", flat=True)) == {True}
    assert (
        count_columns(
            filter_left_behind(Child.objects, Definition.objects.get(code="D1"), dt.date(2026, 11, 28)),
            dt.date(2026, 11, 28),
        )[1]
        == 34
    )
    town = Child.objects.first()
    town.hukou_rural = False
    town.save()
    assert stage("census_form_34.xlsx", by).counts["unchanged"] == 34, "a title corrects no file"


@pytest.mark.parametrize("name", ["school_hand_made.xlsx", "village_ledger_gb18030.csv"])
def test_other_sheets_do_not_say_it(places, login, name):
    by = f.coordinator_of(f.county())
    batch = stage(name, by, f.village())
    assert "The title says" not in login(by).get(batch.get_absolute_url()).content.decode()
    assert all("hukou_rural" not in row.values for row in batch.rows.all())


def test_the_relation_of_the_ledger_outranks_the_name_of_the_father(places):
    line = row(stage("village_ledger_gb18030.csv", f.admin_of(f.village())), "盛杨")  # guardian and father are 盛亮
    assert (line.values["guardian_relation"], line.values["father_name"]) == ("60", "盛亮")
    assert any("same name as the father" in text for _column, text, _severity in line.notes)


def test_the_village_ledger_is_read_for_the_village_of_its_admin(places):
    by = f.admin_of(f.village())
    batch = stage("village_ledger_gb18030.csv", by)
    writer.save_batch(batch=batch, by=by)
    child = Child.objects.get(name="缪超")
    assert (child.village, child.residence) == (f.village(), "合心村1组")
    assert {relative.name for relative in child.relatives.all()} == {"缪飞", "王秀芳"}
    assert Absence.objects.filter(child=child).count() == 2
    values = row(batch, "缪超").values
    assert (values["school"], values["schooling"]) == (f.school().pk, "primary")
    assert (values["father_phone"], values["mother_phone"]) == ("13900000349", "13800006906")
    assert values["father_cross_county"] is values["mother_cross_county"] is True


def test_ledger_columns_that_are_not_read_are_named(places):
    batch = stage("village_ledger_gb18030.csv", f.admin_of(f.village()))
    assert batch.counts["ignored"] == ["B 户编号", "G 年龄", "Q 关爱等级", "R 最近走访日期", "S 走访记录", "T 备注"]


def test_a_ledger_without_any_village_is_refused_in_one_sentence_until_one_is_chosen(places):
    by = f.coordinator_of(f.township())
    with pytest.raises(SheetError, match="names no village in any column"):
        stage("village_ledger_gb18030.csv", by)
    assert stage("village_ledger_gb18030.csv", by, f.other_village()).rows.count() == 60


def test_children_of_another_township_are_refused_rows(places):
    batch = stage("school_hand_made.xlsx", f.coordinator_of(f.township()))
    refused = batch.rows.filter(status=ImportRow.Status.PROBLEM)
    assert 0 < refused.count() < 77
    assert all("小白山乡" in row.values["residence"] for row in refused)
