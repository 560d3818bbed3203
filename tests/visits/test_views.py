"""Visits in the browser: who may log, read and correct them, and which errors are reported."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from tests import factories as f
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def here():
    """A class with a child, its teacher, and a child of another class of the same school."""
    own, other = f.school_class(), f.school_class(number=2)
    return {
        "teacher": f.teacher_of(own),
        "child": f.child("王小明", school_class=own),
        "other": f.child("陈小红", school_class=other),
    }


def answers(child, **more):
    return {"child": child.code, "kind": "home_visit", "made_on": f.today(), "observed": "房屋整洁", **more}


def log_url(child) -> str:
    return f"{reverse('visit-create')}?child={child.code}"


def test_a_visit_is_logged_by_who_made_it_and_leads_to_the_childs_page(here, login):
    response = login(here["teacher"]).post(log_url(here["child"]), answers(here["child"]))
    assert response.url == here["child"].get_absolute_url()
    visit = Visit.objects.get()
    assert (visit.child, visit.by, visit.kind) == (here["child"], here["teacher"], "home_visit")


def test_a_visit_to_a_child_of_another_class_is_not_found(here, login):
    client = login(here["teacher"])
    assert client.get(log_url(here["other"])).status_code == 404
    assert client.post(reverse("visit-create"), answers(here["other"])).status_code == 404
    assert not Visit.objects.exists()


def test_another_child_smuggled_into_the_form_is_refused(here, login):
    data = answers(here["other"])
    assert login(here["teacher"]).post(log_url(here["child"]), data).status_code == 404
    assert not Visit.objects.exists()


def test_without_a_child_one_is_sent_to_choose_one(here, login):
    response = login(here["teacher"]).get(reverse("visit-create"))
    assert response.url == reverse("child-list")


@pytest.mark.parametrize("code", ["\x00", "' OR 1=1", "王"])
def test_a_senseless_code_is_not_found(here, login, code):
    assert login(here["teacher"]).get(reverse("visit-create"), {"child": code}).status_code == 404


def test_the_kind_is_preset_by_the_address(here, login):
    client = login(here["teacher"])
    assert client.get(log_url(here["child"]) + "&kind=talk").context["form"]["kind"].value() == "talk"
    assert client.get(log_url(here["child"]) + "&kind=nonsense").context["form"]["kind"].value() == "home_visit"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"observed": ""}, "Fill in the observations or the conversation."),
        ({"made_on": "2999-01-01"}, "The date is in the future."),
        ({"minutes": "0"}, "Enter a length from one minute to one day."),
        ({"next_on": "2020-01-01"}, "The next contact is before the visit."),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(here, login, wrong, words):
    data = answers(here["child"], advice="下周再来", **wrong) | wrong
    response = login(here["teacher"]).post(log_url(here["child"]), data)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert "下周再来" in response.content.decode()
    assert not Visit.objects.exists()


def test_nobody_visits_after_the_file_was_closed(here, login):
    child = here["child"]
    child.closed_on, child.closing = f.today() - dt.timedelta(days=3), "moved"
    child.save()
    client = login(here["teacher"])
    refused = client.post(log_url(child), answers(child))
    assert "file was closed on" in refused.content.decode()
    assert client.post(log_url(child), answers(child, made_on=child.closed_on)).status_code == 302


def test_a_form_that_is_sent_twice_makes_one_visit(here, login):
    client = login(here["teacher"])
    token = client.get(log_url(here["child"])).context["form"]["form_token"].value()
    first = client.post(log_url(here["child"]), answers(here["child"], form_token=token))
    second = client.post(log_url(here["child"]), answers(here["child"], form_token=token))
    assert first.url == second.url
    assert Visit.objects.count() == 1


def test_two_visits_alike_are_two_visits(here, login):
    client = login(here["teacher"])
    for _ in range(2):
        token = client.get(log_url(here["child"])).context["form"]["form_token"].value()
        client.post(log_url(here["child"]), answers(here["child"], form_token=token))
    assert Visit.objects.count() == 2


def test_the_list_holds_ones_own_children_only(here, login):
    f.visit(here["child"], here["teacher"])
    f.visit(here["other"], f.teacher_of(here["other"].school_class))
    page = login(here["teacher"]).get(reverse("visit-list")).content.decode()
    assert "王小明" in page
    assert "陈小红" not in page


def test_the_list_is_narrowed_by_kind_and_by_child(here, login):
    neighbour = f.child("李小华", school_class=here["child"].school_class)
    f.visit(here["child"], here["teacher"], kind="talk")
    f.visit(neighbour, here["teacher"])
    client = login(here["teacher"])

    def names(**query):
        return [row["cells"][0] for row in client.get(reverse("visit-list"), query).context["rows"]]

    assert names(kind="talk") == ["王小明"]
    assert names(q="lxh") == ["李小华"]
    assert names(q=here["child"].code) == ["王小明"]
    assert len(names()) == 2


def test_reading_a_visit_leaves_a_line_in_the_childs_trail(here, login):
    visit = f.visit(here["child"], here["teacher"])
    head = f.head_of(f.school())
    assert "房屋整洁" in login(head).get(visit.get_absolute_url()).content.decode()
    event = Event.objects.get(action=Action.VIEW)
    assert (event.user, event.subject, event.object_code) == (head, here["child"].code, visit.code)


def test_a_visit_out_of_scope_is_not_found(here, login):
    visit = f.visit(here["other"], f.teacher_of(here["other"].school_class))
    client = login(here["teacher"])
    assert client.get(visit.get_absolute_url()).status_code == 404
    assert client.get(reverse("visit-update", args=[visit.code])).status_code == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_roles_without_visits_are_refused(here, login, role):
    visit = f.visit(here["child"], here["teacher"])
    client = login(f.user(role))
    for url in (reverse("visit-list"), reverse("visit-overdue"), reverse("visit-create"), visit.get_absolute_url()):
        assert client.get(url).status_code == 403


def test_a_coordinator_logs_a_visit_but_corrects_none(here, login):
    coordinator = f.coordinator_of(f.township())
    visit = f.visit(here["child"], coordinator)
    client = login(coordinator)
    assert client.get(log_url(here["child"])).status_code == 200
    assert client.get(reverse("visit-update", args=[visit.code])).status_code == 403


def test_only_who_wrote_a_visit_corrects_it(here, login):
    visit = f.visit(here["child"], here["teacher"])
    url = reverse("visit-update", args=[visit.code])
    colleague = f.head_of(f.school())
    assert login(colleague).get(url).status_code == 403
    assert login(colleague).post(url, answers(here["child"])).status_code == 403
    assert "edit/" not in login(colleague).get(visit.get_absolute_url()).content.decode()
    assert login(here["teacher"]).get(url).status_code == 200


def test_a_visit_is_corrected_within_a_week_of_being_written(here, login):
    written = dt.datetime(2026, 11, 2, 15, tzinfo=dt.UTC)
    with time_machine.travel(written, tick=False):
        visit = f.visit(here["child"], here["teacher"], made_on=dt.date(2026, 10, 12))
    url = reverse("visit-update", args=[visit.code])
    for days, status in ((7, 200), (8, 403)):
        with time_machine.travel(written + dt.timedelta(days=days), tick=False):
            client = login(here["teacher"])
            assert client.get(url).status_code == status
            assert ("edit/" in client.get(visit.get_absolute_url()).content.decode()) is (status == 200)


def test_a_correction_keeps_the_child_and_the_maker(here, login):
    visit = f.visit(here["child"], here["teacher"])
    data = answers(here["other"], said="想爸爸", version=visit.version)
    login(here["teacher"]).post(reverse("visit-update", args=[visit.code]), data)
    visit.refresh_from_db()
    assert (visit.said, visit.child, visit.by) == ("想爸爸", here["child"], here["teacher"])


def test_a_stale_correction_shows_both_versions_and_the_choice_is_saved(here, login):
    visit = f.visit(here["child"], here["teacher"], said="原话")
    url, client = reverse("visit-update", args=[visit.code]), login(here["teacher"])
    mine = answers(here["child"], said="第二稿", version=visit.version)
    visit.said = "第一稿"
    visit.save()
    conflict = client.post(url, mine)
    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "第一稿" in page
    assert "第二稿" in page
    visit.refresh_from_db()
    assert visit.said == "第一稿"
    chosen = mine | {"version": conflict.context["version"]}
    chosen |= {f"choose-{row['name']}": "mine" for row in conflict.context["rows"]}
    assert client.post(url, chosen).status_code == 302
    visit.refresh_from_db()
    assert visit.said == "第二稿"


@pytest.mark.parametrize("items", [1, 3])
def test_the_pages_take_as_many_queries_for_one_visit_as_for_three(
    here, login, django_assert_max_num_queries, django_assert_num_queries, items
):
    for number in range(items):
        child = f.child(f"张{number}", living_in=f.other_village(), school_class=here["child"].school_class)
        visit = f.visit(child, here["teacher"])
    client = login(here["teacher"])
    client.get(reverse("visit-list"))  # the first request of a session notes when it was
    with django_assert_num_queries(5):
        client.get(reverse("visit-list"))
    with django_assert_max_num_queries(12):
        client.get(visit.get_absolute_url())
