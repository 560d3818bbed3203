"""Follows fields that README's recipe added: run by test_census.py in a copy of the checkout that has them.

The child has `added_text` (text) and `added_day` (a date), the guardian `added_note`; nothing else was changed.
"""

import datetime as dt
import re

import pytest
from django.urls import reverse

from registry.child_file import ChildFile
from registry.children.forms import ChildForm
from registry.duplicates import services as duplicates
from registry.imports import staging, undo, writer
from registry.models import Child
from tests import factories as f
from tests import workbooks
from tests.form_values import form_values
from tests.registry.papers import body, sheet_cells
from tests.workbooks import row

pytestmark = pytest.mark.django_db
HEADINGS = {"added_text": "试验文字", "added_day": "试验日期", "guardian_added_note": "监护人试验项"}
LABELS = {
    "added_text": "Added text",
    "added_day": "Added day",
    "guardian_added_note": "Added note of the guardian",
}
FIRST = {"added_text": "A型", "added_day": "2020-03-02", "guardian_added_note": "农民"}
SECOND = {"added_text": "B型", "added_day": "2021-04-05", "guardian_added_note": "教师"}


@pytest.fixture
def by():
    f.village(), f.far_village()
    return f.coordinator_of(f.township())


def stage(by, added: dict, *others: dict):
    """Stage the rows of a sheet with columns of the printed form and of the added fields."""
    headings = workbooks.plain_headings() | HEADINGS
    rows = [row(**added), *others]
    cells = [[given.get(name) for name in headings] for given in rows]
    data = workbooks.workbook([list(headings.values()), *cells])
    return staging.stage_file(name="census.xlsx", data=data, term=f.term(), by=by)


def imported(by, added: dict = FIRST, *others: dict):
    batch = stage(by, added, *others)
    writer.save_batch(batch=batch, by=by)
    return Child.objects.get(name="王小明")


def held(child: Child) -> dict:
    child = Child.objects.get(pk=child.pk)
    values = {
        "added_text": child.added_text,
        "added_day": child.added_day and child.added_day.isoformat(),
        "guardian_added_note": ChildFile(child).values()["guardian_added_note"],
    }
    return {name: value or "" for name, value in values.items()}


def all_in(texts, words: dict) -> bool:
    return all(word in texts for word in words.values())


def test_a_sheet_brings_it_into_a_new_file_and_into_one_that_is_there(by, login):
    child = imported(by, FIRST, row(name="李小花", id_number=workbooks.number(13)))
    assert held(child) == FIRST
    assert not any(held(Child.objects.get(name="李小花")).values())

    batch = stage(by, SECOND)
    page = login(by).get(batch.get_absolute_url()).content.decode()
    assert all(all_in(page, words) for words in (LABELS, FIRST, SECOND))
    writer.save_batch(batch=batch, by=by)
    assert held(child) == SECOND
    undo.undo_batch(batch=batch, by=by)
    assert held(child) == FIRST
    writer.save_batch(
        batch=stage(by, FIRST | {"added_text": "O型"}), by=by
    )  # the same date again is no change meanwhile
    assert held(child) == FIRST | {"added_text": "O型"}
    assert stage(by, FIRST | {"added_text": "O型"}).rows.get().status == "unchanged"
    assert stage(by, {}).rows.get().status == "unchanged", "an empty cell changes nothing"


def test_the_page_and_the_papers_show_it(by, login):
    child = imported(by)
    client = login(f.admin_of(f.village()))
    page = client.get(child.get_absolute_url()).content.decode()
    query = {"village": f.village().code, "full": "on"}
    paper = sheet_cells(body(client.get(reverse("paper-file", args=["files.xlsx"]), query)))
    assert all(all_in(texts, words) for texts in (page, paper) for words in (LABELS, FIRST))


def test_the_form_takes_it_and_two_who_differ_are_asked(by, login):
    child = imported(by)
    client, url = login(f.admin_of(f.village())), reverse("child-update", args=[child.code])
    opened = form_values(client.get(url))
    assert {name: opened[name] for name in FIRST} == FIRST
    assert client.post(url, opened | SECOND).status_code == 302
    assert held(child) == SECOND

    late = client.post(url, opened | {"added_text": "O型"})
    asked = {line["name"]: (line["mine"], line["theirs"]) for line in late.context["rows"]}
    assert asked == {name: (FIRST[name], SECOND[name]) for name in FIRST} | {"added_text": ("O型", "B型")}
    assert held(child) == SECOND


def test_a_new_file_has_it_from_the_form(by, login):
    f.child("陈小红")
    user = f.admin_of(f.village())
    opened = form_values(login(user).get(reverse("child-create")))
    given = {"name": "周小兰", "sex": "2", "birth_date": "2016-05-04", "id_reason": "未办理", "village": f.village().pk}
    answer = login(user).post(reverse("child-create"), opened | given | FIRST | {"guardian_name": "张桂香"})
    assert answer.status_code == 302
    assert held(Child.objects.get(name="周小兰")) == FIRST
    assert set(ChildForm(user=user).fields) >= set(FIRST)


def test_the_admin_site_takes_it(by, login):
    child = imported(by)
    client = login(f.admin_of(f.village()))
    url = reverse("admin:registry_child_change", args=[child.pk])
    own = {"added_text": "B型", "added_day": "2021-04-05", "guardianships-0-added_note": "教师"}
    opened = form_values(client.get(url))
    assert set(own) <= set(opened)
    assert client.post(url, opened | own).status_code == 302
    assert held(child) == SECOND
    assert {"added_text", "added_day"} <= set(form_values(client.get(reverse("admin:registry_child_add"))))


def test_the_history_tells_it_and_takes_it_back(by, login):
    child = imported(by)
    client, url = login(f.admin_of(f.village())), reverse("child-update", args=[child.code])
    client.post(url, form_values(client.get(url)) | SECOND)
    history = reverse("child-history", args=[child.code])
    page = client.get(history).content.decode()
    assert all_in(page, FIRST) and all_in(page, SECOND) and "added text" in page.lower()
    newest = re.search(r'name="save" value="(\d+)"', page)[1]
    client.post(history, {"save": newest, "version": Child.objects.get(pk=child.pk).version})
    assert held(child) == FIRST


def test_of_two_files_that_are_merged_the_chosen_value_stays(by):
    kept = f.child("王小明", added_text="A型")
    gone = f.child("王小明", added_text="B型", added_day=dt.date(2021, 4, 5))
    duplicates.merge_files(kept=kept, gone=gone, choices={"added_text": "gone"}, by=by)
    assert (held(kept)["added_text"], held(kept)["added_day"]) == ("B型", "")
