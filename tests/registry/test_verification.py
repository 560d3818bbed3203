"""Verification: the registry compared with another authority's list, and each difference settled with a reason."""

import csv
import io

import pytest
from django.test import Client

from carebase.sheets.guard import SheetError
from registry.models import Child, Comparison, ComparisonRow
from registry.verification.services import compare_list
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HEADINGS = ["姓名", "性别", "出生日期", "公民身份证号码", "是否学校寄宿", "现居住地"]
Status = ComparisonRow.Status


@pytest.fixture
def head():
    return f.head_of(f.school())


def pupil(name: str, **more) -> Child:
    return f.child(name, **{"school": f.school(), "schooling": "primary", "boards": False} | more)


def list_row(child: Child, **more) -> list[str]:
    """Return the row of a list for a child: the values of the registry, except for `more`."""
    values = {"name": child.name, "sex": "男", "born": str(child.birth_date), "number": child.id_number}
    return list((values | {"boards": "否", "home": "百里洲镇合心村2组36号"} | more).values())


def sheet(lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADINGS, *lines])
    return out.getvalue().encode()


def compare(lines: list[list[str]], by, place=None) -> Comparison:
    return compare_list(name="学籍.csv", data=sheet(lines), kind="roll", place=place or f.school(), by=by)


def results(comparison) -> dict[str, str]:
    return {row.child.name if row.child else row.values["name"]: row.status for row in comparison.rows.all()}


def test_each_child_is_in_both_different_only_registered_or_only_listed(head):
    same, changed, missing = pupil("王小明"), pupil("陈小红"), pupil("李小刚")
    pupil("赵小兰", school=f.other_school())  # of another school: not missing from this one's list
    stranger = ["孙小宝", "男", "2017-03-04", "", "否", "百里洲镇合心村1组1号"]
    comparison = compare([list_row(same), list_row(changed, boards="是"), stranger], head)
    assert results(comparison) == {"王小明": "both", "陈小红": "different", "李小刚": "here", "孙小宝": "there"}
    assert comparison.counts == {"both": 1, "different": 1, "here": 1, "there": 1}
    assert comparison.rows.get(child=changed).differences == [["boards", False, True]]
    assert comparison.rows.get(child=missing).number is None


def test_a_number_finds_the_child_under_another_name(head):
    child = pupil("王小明")
    comparison = compare([list_row(child, name="王晓明")], head)
    assert comparison.rows.get().differences == [["name", "王小明", "王晓明"]]


def test_nothing_of_a_file_is_changed_by_comparing(head):
    child = pupil("王小明")
    compare([list_row(child, name="王晓明", boards="是")], head)
    again = Child.objects.get(pk=child.pk)
    assert (again.name, again.boards, again.version) == ("王小明", False, child.version)


def test_for_a_child_elsewhere_only_the_office_is_named(head):
    far = pupil("赵小兰", school=f.other_school(), living_in=f.far_village())
    row = compare([list_row(far)], head).rows.get()
    assert (row.status, row.child) == ("there", None)
    assert "小白山乡中心小学" in row.note and far.code not in row.note


def test_closed_files_are_not_missing_and_get_a_note_if_the_list_names_them(head):
    closed, listed = pupil("王小明"), pupil("陈小红")
    for child in (closed, listed):
        child.closed_on, child.closing = f.today(), "moved"
        child.save()
    comparison = compare([list_row(listed)], head)
    assert results(comparison) == {"陈小红": "different"}


def test_a_village_list_is_compared_with_the_children_living_there():
    here, away = f.child("王小明"), f.child("陈小红", living_in=f.other_village())
    comparison = compare([list_row(here)], f.admin_of(f.village()), f.village())
    assert results(comparison) == {"王小明": "both"} and away.code


def test_a_list_without_children_is_refused_with_its_name(head):
    with pytest.raises(SheetError, match=r"学籍\.csv"):
        compare([], head)
    assert not Comparison.objects.exists()


def test_numbers_and_addresses_of_a_list_are_masked(client, head):
    client.force_login(head)
    child = pupil("王小明", id_number="", id_reason="未上户口")
    other = f.child("陈小红", school=f.other_school())  # lends its sound number
    number, other.id_number = other.id_number, ""
    other.id_reason = "未上户口"
    other.save()
    row = compare([list_row(child, number=number)], head).rows.get(child=child)
    text = client.get(row.get_absolute_url()).content.decode()
    assert number[-4:] in text and number not in text


def settle(client: Client, row: ComparisonRow, **data):
    row.refresh_from_db()
    return client.post(row.get_absolute_url(), {"version": row.version, **data})


def test_a_difference_is_settled_with_a_reason_and_by_whom(client, head):
    client.force_login(head)
    row = compare([list_row(pupil("王小明"), name="王晓明")], head).rows.get()
    assert settle(client, row, outcome="registry").status_code == 200  # no reason
    row.refresh_from_db()
    assert row.outcome == ""
    assert settle(client, row, outcome="registry", reason="户口簿上是王小明").status_code == 302
    row.refresh_from_db()
    assert (row.outcome, row.settled_by) == ("registry", head)


def test_a_child_only_in_the_registry_cannot_be_settled_as_registered(client, head):
    client.force_login(head)
    pupil("李小刚")
    row = compare([list_row(pupil("王小明"))], head).rows.get(status="here")
    settle(client, row, outcome="registered", reason="已登记")
    row.refresh_from_db()
    assert row.outcome == ""


def test_the_comparison_of_another_school_is_not_found(client, head):
    comparison = compare([list_row(pupil("王小明"))], head)
    client.force_login(f.head_of(f.other_school()))
    assert client.get(comparison.get_absolute_url()).status_code == 404
    client.force_login(f.posted_user("coordinator", f.township()))
    assert client.get(comparison.get_absolute_url()).status_code == 200


def test_for_a_child_of_another_offices_comparison_only_the_list_is_shown(client, head):
    """The coordinator, who sees all, compares the school's roll: it names a pupil of another school of the county."""
    far = pupil("赵小兰", school=f.other_school(), living_in=f.far_village())
    near = pupil("王小明")
    lines = [list_row(far, name="赵晓兰"), list_row(near, name="王晓明")]
    comparison = compare(lines, f.coordinator_of(f.county()))
    rows = {row.child: row for row in comparison.rows.all()}
    client.force_login(head)
    text = client.get(comparison.get_absolute_url()).content.decode()
    assert "赵晓兰" in text and "赵小兰" not in text and "王小明" in text
    assert rows[far].code not in text and rows[near].code in text
    assert client.get(rows[far].get_absolute_url()).status_code == 404
    assert client.get(rows[near].get_absolute_url()).status_code == 200


def test_a_comparison_hides_a_child_who_moved_to_another_office(client, head):
    moved, stayed = pupil("李小刚"), pupil("王小明")
    comparison = compare([list_row(stayed)], head)
    client.force_login(head)
    assert "李小刚" in client.get(comparison.get_absolute_url()).content.decode()
    moved.school = f.other_school()
    moved.save()
    text = client.get(comparison.get_absolute_url()).content.decode()
    assert "李小刚" not in text and "王小明" in text
    assert client.get(comparison.rows.get(child=moved).get_absolute_url()).status_code == 404


def test_the_page_of_a_comparison_filters_by_result(client, head):
    client.force_login(head)
    comparison = compare([list_row(pupil("王小明")), list_row(pupil("陈小红"), boards="是")], head)
    text = client.get(comparison.get_absolute_url() + "?status=different").content.decode()
    assert "陈小红" in text and "王小明" not in text


def test_a_list_is_sent_in_through_the_page(client, head):
    client.force_login(head)
    pupil("李小刚")
    file = io.BytesIO(sheet([list_row(pupil("王小明"))]))
    file.name = "学籍.csv"
    response = client.post("/children/verification/new/", {"kind": "roll", "school": f.school().pk, "file": file})
    assert response.status_code == 302
    assert results(Comparison.objects.get()) == {"王小明": "both", "李小刚": "here"}


def test_a_roll_without_addresses_is_compared(head):
    child = pupil("王小明")
    data = f"姓名,性别,出生日期,公民身份证号码\n王小明,男,{child.birth_date},{child.id_number}\n".encode()
    comparison = compare_list(name="学籍.csv", data=data, kind="roll", place=f.school(), by=head)
    assert comparison.counts == {"both": 1, "here": 0}


def test_without_numbers_and_addresses_a_unique_name_and_birthday_matches(head):
    child, twin = pupil("王小明"), pupil("陈小红")
    pupil("陈小红")  # a namesake born on the same day: which of the two is meant nobody can say
    comparison = compare([list_row(child, number="", home=""), list_row(twin, number="", home="")], head)
    assert comparison.rows.get(child=child).status == "both"
    assert comparison.counts == {"both": 1, "there": 1, "here": 2}


def test_a_reason_without_an_outcome_settles_nothing(client, head):
    client.force_login(head)
    row = compare([list_row(pupil("王小明"), name="王晓明")], head).rows.get()
    assert settle(client, row, reason="户口簿上是王小明").status_code == 200
    row.refresh_from_db()
    assert row.outcome == ""
