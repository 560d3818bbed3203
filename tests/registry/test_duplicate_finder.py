"""Possible duplicates, within the user's scope and beyond it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.duplicates import services
from registry.duplicates.finder import DuplicateFinder, candidate_pairs, find_possible_duplicates
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BORN = dt.date(2016, 5, 4)


@pytest.fixture
def coordinator():
    return f.coordinator_of(f.township())


def unnumbered(name: str, **fields):
    return f.child(name, id_number="", id_reason="尚未落户", **fields)


def found(user, **more) -> list[set[str]]:
    return [{pair.first.name, pair.second.name} for pair in candidate_pairs(user, **more)]


def test_similar_names_with_the_same_birth_date_and_village_are_a_pair(coordinator):
    f.child("王小明"), unnumbered("王晓鸣")
    f.child("王小鸣", living_in=f.other_village())
    f.child("王晓明", birth_date=dt.date(2016, 5, 5))
    f.child("张小花")
    assert found(coordinator) == [{"王小明", "王晓鸣"}]


def test_files_with_different_numbers_come_last_as_possible_twins(coordinator):
    f.child("甲小明"), f.child("甲小明")
    f.child("王小明", living_in=f.other_village()), unnumbered("王小明", living_in=f.other_village())
    assert [pair.twins for pair in candidate_pairs(coordinator)] == [False, True]


def test_closed_files_are_not_listed(coordinator):
    f.child("王小明"), unnumbered("王小明", closed_on=f.today(), closing="moved")
    assert found(coordinator) == []


def test_a_village_finds_nothing_in_another():
    f.child("王小明", living_in=f.other_village()), unnumbered("王小明", living_in=f.other_village())
    assert found(f.admin_of(f.village())) == []
    assert len(found(f.admin_of(f.other_village()))) == 1


def test_a_pair_says_that_the_other_file_is_out_of_scope():
    mine = f.child("王小明", school_class=f.school_class())
    hidden = unnumbered("王小明", school_class=f.school_class(f.other_school()))
    (pair,) = candidate_pairs(f.head_of(f.school()))
    assert (pair.first, pair.second) == (mine, hidden) and pair.first.reached and not pair.second.reached
    assert candidate_pairs(f.head_of(f.school("2142000003", "第三小学"))) == []


def test_a_settled_pair_is_listed_only_among_the_settled(coordinator):
    one, other, third = f.child("王小明"), f.child("王小明"), f.child("王晓明")
    services.mark_as_different(one=other, other=one, reason="双胞胎", by=coordinator)
    assert len(candidate_pairs(coordinator)) == 2 and {one.name, third.name} in found(coordinator)
    (settled,) = candidate_pairs(coordinator, settled=True)
    assert settled.settlement.reason == "双胞胎" and {settled.first, settled.second} == {one, other}


# One child


def test_a_file_is_found_by_its_number_whatever_its_name():
    child = f.child("王小明", living_in=f.far_village())
    f.child("陈小红")
    hits = find_possible_duplicates(
        name="张三", birth_date=None, village=None, id_number=child.id_number, user=f.user("teacher")
    )
    assert hits == [child] and not hits[0].reached


def test_the_exact_name_comes_first_and_a_different_number_last():
    twin, similar, same = f.child("王小明"), unnumbered("王晓鸣"), unnumbered("王小明")
    number = f.child("别人", birth_date=dt.date(2015, 1, 1)).id_number
    assert find_possible_duplicates(name="王小明", birth_date=BORN, village=f.village())[0] == twin
    hits = find_possible_duplicates(
        name="王小明", birth_date=BORN, village=f.village(), id_number=number.replace("2015", "2014")
    )
    assert hits == [same, similar, twin]


def test_a_merged_file_is_found_only_by_its_number():
    gone = f.child("王小明", closed_on=f.today(), closing="duplicate")
    assert find_possible_duplicates(name="王小明", birth_date=BORN, village=f.village()) == []
    assert find_possible_duplicates(name="王小明", birth_date=BORN, village=f.village(), id_number=gone.id_number) == [
        gone
    ]


# Many rows


def row(child, **changes) -> dict:
    return {
        "name": child.name,
        "birth_date": child.birth_date,
        "village": child.village_id,
        "id_number": child.id_number,
    } | changes


def test_rows_of_a_sheet_find_their_files():
    child, far = f.child("王小明"), f.child("张小花", living_in=f.far_village())
    rows = [
        row(child, name="李四"),
        row(child, name="王晓鸣", id_number=""),
        row(far, village=f.village().pk, id_number=""),
        row(child, name="", id_number=""),
        {},
    ]
    finder = DuplicateFinder(rows)
    assert [[file.pk for file in finder.alike(each)] for each in rows] == [[], [child.pk], [], [], []]
    assert DuplicateFinder(rows, among=type(child).objects.exclude(pk=child.pk)).alike(rows[1]) == []


def test_a_thousand_rows_are_looked_up_in_one_query():
    child = f.child("王小明")
    for count in (1, 500):
        with CaptureQueriesContext(connection) as asked:
            DuplicateFinder([row(child)] * count)
        assert len(asked.captured_queries) == 1
