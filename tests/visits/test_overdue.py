"""Who was not visited this term: the list, and the way from it to a visit."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TERM_DAY = dt.datetime(2026, 10, 12, 4, tzinfo=dt.UTC)


def names(client) -> list[str]:
    return [row["cells"][0] for row in client.get(reverse("visit-overdue")).context["rows"]]


@time_machine.travel(TERM_DAY, tick=False)
def test_a_child_with_any_contact_this_term_is_not_overdue(login):
    f.term()
    teacher = f.teacher_of(f.school_class())
    seen, unseen, long_ago = (f.child(name, school_class=f.school_class()) for name in ("甲", "乙", "丙"))
    f.child("丁", school_class=f.school_class(number=2))
    f.visit(seen, teacher, kind="call", made_on=dt.date(2026, 9, 1))
    f.visit(long_ago, teacher, made_on=dt.date(2026, 8, 31))
    assert sorted(names(login(teacher))) == sorted(["乙", "丙"])


@time_machine.travel(TERM_DAY, tick=False)
def test_the_last_contact_is_shown_and_the_child_leads_to_the_form(login):
    f.term()
    teacher, child = f.teacher_of(f.school_class()), f.child(school_class=f.school_class())
    f.visit(child, teacher, made_on=dt.date(2026, 5, 4))
    f.visit(child, teacher, made_on=dt.date(2026, 8, 31))
    (row,) = login(teacher).get(reverse("visit-overdue")).context["rows"]
    assert row["cells"][-1] == "2026-08-31"
    assert row["url"] == f"{reverse('visit-create')}?child={child.code}"


@time_machine.travel(TERM_DAY, tick=False)
def test_closed_files_are_not_overdue(login):
    f.term()
    f.child("甲", school_class=f.school_class(), closed_on=dt.date(2026, 9, 9), closing="moved")
    f.child("乙", school_class=f.school_class())
    assert names(login(f.teacher_of(f.school_class()))) == ["乙"]


def test_without_a_term_the_page_says_what_is_missing(login):
    f.child(school_class=f.school_class())
    page = login(f.teacher_of(f.school_class())).get(reverse("visit-overdue"))
    assert page.context["rows"] == []
    assert "No term has begun yet" in page.content.decode()


@time_machine.travel(TERM_DAY, tick=False)
@pytest.mark.parametrize("items", [1, 3])
def test_the_list_takes_as_many_queries_for_one_child_as_for_three(login, django_assert_num_queries, items):
    f.term()
    for number in range(items):
        f.child(f"张{number}", school_class=f.school_class(number=number + 1))
    client = login(f.head_of(f.school()))
    client.get(reverse("visit-overdue"))  # the first request of a session notes when it was
    with django_assert_num_queries(6):
        client.get(reverse("visit-overdue"))
