"""Tasks: mine and those of my office, the overdue first, done with what came of it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from registry.access import users_who_see
from registry.models import Need
from tests import factories as f
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LIST = "/children/tasks/"


@pytest.fixture
def here():
    """A head and a teacher, each with a task for a child of the school, and a task at another school."""
    head, teacher = f.head_of(f.school()), f.teacher_of(f.school_class())
    survey = f.survey(f.child("王小明", school_class=f.school_class()), teacher)
    far = f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    other = f.head_of(f.other_school())
    return {
        "head": head,
        "teacher": teacher,
        "mine": f.need(survey, head, what="视力检查", domain="health"),
        "theirs": f.need(survey, teacher, what="冬衣"),
        "far": f.need(f.survey(far, other), other, what="围栏", domain="safety"),
    }


def listed(client, **asked) -> list[str]:
    return [row["cells"][0] for row in client.get(LIST, asked).context["rows"]]


def finish(need, **fields) -> None:
    for name, value in fields.items():
        setattr(need, name, value)
    need.save()


def test_the_list_shows_mine_and_on_demand_those_of_my_office(here, login):
    client = login(here["head"])
    assert listed(client) == ["视力检查"]
    assert set(listed(client, whose="office")) == {"视力检查", "冬衣"}
    assert set(listed(login(f.coordinator_of(f.county())), whose="office")) == {"视力检查", "冬衣", "围栏"}


def test_the_longest_overdue_stands_first_and_is_called_so(here, login):
    finish(here["theirs"], due_on=f.today() - dt.timedelta(days=1))
    client = login(here["head"])
    assert listed(client, whose="office") == ["冬衣", "视力检查"]
    assert [row["cells"][6] for row in client.get(LIST, {"whose": "office"}).context["rows"]] == ["overdue", ""]


def test_a_task_due_today_is_not_overdue(here):
    finish(here["mine"], due_on=f.today())
    assert not here["mine"].overdue


def test_filters_narrow_the_list(here, login):
    finish(here["theirs"], done_on=f.today(), outcome="已送到")
    client = login(here["head"])
    assert listed(client, whose="office", state="done") == ["冬衣"]
    assert listed(client, whose="office", state="all") == ["视力检查", "冬衣"]
    assert listed(client, whose="office", state="all", domain="life") == ["冬衣"]
    assert listed(client, q="wxm") == ["视力检查"] and listed(client, q="赵小兰") == []


@pytest.mark.parametrize("asked", [{"whose": "x"}, {"domain": "\x00"}, {"q": "\x00"}, {"page": "9" * 30}])
def test_a_invalid_filter_does_not_fail(asked, here, login):
    assert login(here["head"]).get(LIST, asked).status_code == 200


def test_a_task_is_done_with_what_came_of_it(here, login):
    client, url = login(here["teacher"]), here["theirs"].get_absolute_url()
    sent = form_values(client.get(url)) | {"done_on": f.today(), "outcome": "已送到"}
    assert client.post(url, sent).url == reverse("need-list")
    here["theirs"].refresh_from_db()
    assert (here["theirs"].done_on, here["theirs"].outcome) == (f.today(), "已送到")
    assert listed(client) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"done_on": "2026-10-01"}, "Enter the outcome."),
        ({"outcome": "已送到"}, "Enter when it was done."),
        ({"done_on": "2999-01-01", "outcome": "已送到"}, "The date is in the future."),
        ({"owner": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_a_refusal_says_why(here, login, wrong, words):
    client, url = login(here["teacher"]), here["theirs"].get_absolute_url()
    page = client.post(url, form_values(client.get(url)) | wrong)
    assert words in page.content.decode()
    here["theirs"].refresh_from_db()
    assert here["theirs"].version == 1


def test_a_task_is_handed_over_to_somebody_who_sees_the_child_only(here, login):
    client, url = login(here["teacher"]), here["theirs"].get_absolute_url()
    form = form_values(client.get(url))
    stranger = f.teacher_of(f.school_class(number=2))
    assert "owner" in client.post(url, form | {"owner": stranger.pk}).context["form"].errors
    assert client.post(url, form | {"owner": here["head"].pk}).status_code == 302
    here["theirs"].refresh_from_db()
    assert here["theirs"].owner == here["head"]


def test_a_task_of_somebody_who_left_can_still_be_finished(here, login):
    finish(here["mine"], owner=f.teacher_of(f.school_class(number=2)))
    client, url = login(here["teacher"]), here["mine"].get_absolute_url()
    sent = form_values(client.get(url)) | {"done_on": f.today(), "outcome": "视力正常"}
    assert client.post(url, sent).status_code == 302


def test_a_task_that_goes_with_the_child_to_another_office_is_nobodys_there(here, login):
    need, child = here["theirs"], here["theirs"].child
    there = f.head_of(f.other_school())
    child.school_class = f.school_class(f.other_school())
    child.save()
    rows = login(there).get(LIST).context["rows"]
    assert {row["cells"][0] for row in rows} == {"视力检查", "冬衣"}  # beside the school's own, which somebody else has
    assert {row["cells"][4] for row in rows} == {f"nobody (was: {n.owner.name})" for n in (need, here["mine"])}
    tasks = login(there).get(reverse("census-work")).context["tasks"]
    assert {task["url"]: task["count"] for task in tasks}[reverse("need-list")] == "2"
    client, url = login(there), need.get_absolute_url()
    assert client.post(url, form_values(client.get(url)) | {"owner": there.pk}).status_code == 302
    assert listed(login(here["teacher"])) == []


@pytest.mark.parametrize("role", ["village", "coordinator", "teacher", "head", "paired"])
def test_a_task_is_nobodys_exactly_when_its_owner_does_not_see_the_child(here, role):
    """The condition for many tasks says the same as the accounts that one child's task may be given to."""
    village, county = f.village(), f.county()
    of_role = {
        "village": [f.admin_of(village), f.admin_of(f.other_village())],
        "coordinator": [f.coordinator_of(place) for place in (county, f.township(), f.division("990101102000", ""))],
        "teacher": [here["teacher"], f.teacher_of(f.school_class(number=2)), f.user("teacher")],
        "head": [here["head"], f.head_of(f.other_school()), f.user("head")],
        "paired": [f.user("teacher"), f.one_of("carer")],
    }
    ended = f.user(role if role != "paired" else "teacher")
    f.post(ended, village, ends_on=f.today() - dt.timedelta(days=1))
    child = here["mine"].child
    if role == "paired":
        child.pairings.create(carer=f.carer(user=of_role[role][0]), seat=1)
    for owner in (*of_role[role], ended):
        finish(here["mine"], owner=owner)
        in_charge = Need.objects.with_owner_in_charge().get(pk=here["mine"].pk).in_charge
        assert in_charge == users_who_see(child, permission="registry.change_need").filter(pk=owner.pk).exists(), owner
    assert Need.objects.with_owner_in_charge().get(pk=here["theirs"].pk).in_charge


def test_the_database_takes_no_end_without_an_outcome(here):
    with pytest.raises(IntegrityError), transaction.atomic():
        finish(Need.objects.get(pk=here["mine"].pk), done_on=f.today())


def test_the_work_page_counts_ones_own_open_tasks(here, login):
    finish(f.need(here["mine"].survey, here["head"]), done_on=f.today(), outcome="已送到")
    tasks = login(here["head"]).get(reverse("census-work")).context["tasks"]
    assert {task["url"]: task["count"] for task in tasks}[reverse("need-list")] == "1"
