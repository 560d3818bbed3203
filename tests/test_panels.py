"""What visits, pairing and activities show on the page of a child: one query each, and only what the role may see."""

import datetime as dt

import pytest

from activities.hooks import latest_activities
from activities.services import record_attendance
from carebase.accounts.roles import Role
from pairing.hooks import latest_carers
from pairing.services import pair
from registry.hooks import child_panel
from tests import factories as f
from visits.hooks import latest_visits

pytestmark = pytest.mark.django_db


@pytest.fixture
def child():
    return f.child(school_class=f.school_class())


@pytest.fixture
def head():
    user = f.head_of(f.school())
    return type(user).objects.get(pk=user.pk)


def labels(panel) -> list[str]:
    return [action["label"] for action in panel["actions"]]


def test_the_five_latest_visits_of_this_child_are_shown(child, head):
    sister = f.child("王小红", school_class=child.school_class)
    f.visit(sister, head)
    for days in range(7):
        f.visit(child, head, made_on=f.today() - dt.timedelta(days=days), met=f"第{days}天")
    panel = latest_visits(child, head)
    assert [row["cells"][2] for row in panel["rows"]] == [f"第{days}天" for days in range(5)]
    assert labels(panel) == ["Log a visit", "All visits"]
    assert panel["actions"][0]["url"].endswith(f"?child={child.code}")


def test_a_carer_is_offered_while_there_is_none(child, head):
    assert labels(latest_carers(child, head)) == ["Choose a carer"]
    pair(child=child, carer=f.carer("李老师"), by=head, started_on=f.today())
    panel = latest_carers(child, head)
    assert [row["cells"][0] for row in panel["rows"]] == ["李老师"]
    assert labels(panel) == []


def test_no_carer_is_offered_to_a_teacher_who_may_not_choose(child):
    assert labels(latest_carers(child, f.teacher_of(child.school_class))) == []


def test_an_activity_of_another_office_is_named_without_a_link(child, head):
    own, village = f.activity("读书会", at=f.school()), f.activity("六一慰问", at=f.village())
    coordinator = f.coordinator_of(f.township())
    for activity in (own, village):
        record_attendance(activity=activity, children=[child], by=coordinator)
    links = {row["cells"][0]: row["url"] for row in latest_activities(child, head)["rows"]}
    assert links == {"读书会": own.get_absolute_url(), "六一慰问": ""}


def test_roles_see_only_the_panels_of_their_work(child):
    for role, titles in ((Role.COUNSELLOR, ["Visits and talks"]), (Role.CARER, ["Carer", "Visits and talks"])):
        user = f.user(role)
        assert [panel["title"] for panel in child_panel.results_for(user, child, user)] == titles


def test_each_panel_asks_once(child, head, django_assert_num_queries):
    for number in range(3):
        f.visit(child, head)
        record_attendance(
            activity=f.activity(f"活动{number}", at=f.school()), children=[child], by=f.coordinator_of(f.township())
        )
    _ = head.reach  # read once a request
    for panel in (latest_visits, latest_carers, latest_activities):
        with django_assert_num_queries(1):
            panel(child, head)


def test_the_page_of_a_child_shows_them_in_order(child, head, login):
    titles = [table["title"] for table in login(head).get(child.get_absolute_url()).context["related"]]
    assert titles[:3] == ["Carer", "Visits and talks", "Activities"]
