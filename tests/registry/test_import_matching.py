"""Children whose sheet and file differ in spelling: the rules are those of the list of possible duplicates."""

import pytest

from registry.imports import staging, writer
from registry.models import Child, ComparisonRow
from registry.sheets.matching import find_possible_matches
from registry.verification.services import compare_list
from tests import factories as f
from tests import workbooks
from tests.workbooks import number, row

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def stage(by, *rows):
    return staging.stage_file(name="census.xlsx", data=workbooks.official_form(*rows), term=f.term(), by=by)


def remarks(entry) -> list[str]:
    return [text for _column, text, _severity in entry.notes]


@pytest.mark.parametrize("name", ["王晓鸣", "王晓明", "玉小明"])
def test_a_name_of_the_same_sound_or_look_is_a_possible_duplicate(by, name):
    twin = f.child("王小明", id_reason="尚未落户")
    f.child("王小鸣", living_in=f.other_village())
    entry = stage(by, row(name=name)).rows.get()
    assert (entry.status, entry.child) == ("duplicate", twin)
    assert ["name", "王小明", name] in entry.changes


def test_a_similar_name_with_another_birthday_or_village_is_a_new_child(by):
    f.child("王小明", living_in=f.other_village(), id_reason="尚未落户")
    f.child("李小花", id_reason="尚未落户")
    assert stage(by, row(name="王晓鸣")).rows.get().status == "new"


def test_a_child_with_another_id_number_is_marked_as_a_possible_twin(by):
    f.child("王海燕", id_number=number(13))
    entry = stage(by, row(name="王海英", sex="女", id_number=number(24))).rows.get()
    assert entry.status == "duplicate"
    assert remarks(entry) == ["Each has its own ID number: they may be twins, or share a name."]


def test_a_twin_is_new_when_the_registered_sister_is_in_the_sheet_too(by):
    writer.save_batch(batch=stage(by, row(name="王海燕", sex="女", id_number=number(22))), by=by)
    both = [row(name=name, sex="女", id_number=number(place)) for name, place in (("王海燕", 22), ("王海英", 24))]
    batch = stage(by, *both)
    assert [entry.status for entry in batch.rows.order_by("number")] == ["unchanged", "new"]
    assert writer.save_batch(batch=batch, by=by) == 1
    assert {entry.status for entry in stage(by, *both).rows.all()} == {"unchanged"}


def test_two_similar_rows_carry_a_remark_and_are_not_refused(by):
    batch = stage(by, row(), row(name="王晓鸣", id_number=None), row(name="李小花", sex="女", id_number=number(24)))
    first, second, third = batch.rows.order_by("number")
    assert [entry.status for entry in (first, second, third)] == ["new"] * 3
    assert "Row 4 has a child with the same birth date" in remarks(second)[-1]
    assert not first.remarks and second.remarks and not third.remarks


def test_for_a_similar_child_elsewhere_only_the_office_is_named(by):
    f.child("王小明", id_reason="尚未落户", school=f.other_school())
    head = f.head_of(f.school())
    entry = stage(head, row(name="王晓鸣")).rows.get()
    assert (entry.status, entry.child, entry.changes) == ("duplicate", None, [])
    assert "the same or a similar name" in remarks(entry)[-1] and "小白山乡中心小学" in remarks(entry)[-1]


def test_a_similar_child_registered_since_the_preview_is_not_registered_again(by):
    batch = stage(by, row(name="王晓鸣", id_number=None))
    f.child("王小明", id_number=number())
    writer.save_batch(batch=batch, by=by, valid_rows=True)
    assert list(Child.objects.values_list("name", flat=True)) == ["王小明"]


def test_a_merged_file_never_matches_a_row(by):
    f.child("王小明", closed_on=f.today(), closing="duplicate", id_reason="尚未落户")
    assert stage(by, row(name="王晓鸣")).rows.get().status == "new"


def test_a_comparison_finds_the_file_of_a_similar_name(by):
    child = f.child("王小明", id_reason="尚未落户")
    sheet = workbooks.official_form(row(name="王晓鸣"), row(name="李小花", sex="女", id_number=number(24)))
    compare_list(name="roll.xlsx", data=sheet, kind="roll", place=f.township(), by=by)
    found = {entry.status: entry.child for entry in ComparisonRow.objects.all()}
    assert found == {"different": child, "there": None}


@pytest.mark.parametrize("count", [3, 300])
def test_matching_needs_the_same_queries_for_any_number_of_rows(by, count, django_assert_num_queries):
    f.child("王小明", id_reason="尚未落户")
    like = {"name": "王晓鸣", "birth_date": workbooks.BIRTH, "village": f.village().pk}
    rows = [like | {"id_number": number(place)} for place in range(1, count + 1)]
    with django_assert_num_queries(1):
        assert all(find_possible_matches(rows))
