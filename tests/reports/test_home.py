"""The home page of each role: what it says to do next, from whose children, and at what cost."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carebase.accounts.roles import Role, permission_names
from carebase.reports.home import figures
from pairing.models import Pairing
from registry.hooks import child_filter, home_figure, home_list, home_task
from registry.models import Child, ImportBatch, Referral, Term
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]
CANARY = "不可见"


@pytest.fixture
def october():
    with time_machine.travel(dt.datetime(2026, 10, 15, 4, tzinfo=dt.UTC), tick=False):
        yield


def place_of(role):
    return {Role.TEACHER: f.school_class, Role.HEAD: f.school}.get(role, f.township)()


def person(role):
    """Return a user of the role, posted in 百里洲镇 or at its school, and a child's carer where the role is that."""
    if role in {Role.CARER, Role.COUNSELLOR}:
        return f.one_of(role)
    if role == Role.ADMIN:
        return f.user(role)
    return f.posted_user(role, place_of(role))


def child_of(user, number: int = 0):
    """Return a child that the user answers for, who has neither a visit nor, unless a carer's, a carer."""
    child = f.child(f"孩子{number}", school_class=f.school_class(), schooling="primary")
    if user.role == Role.CARER:
        carer = getattr(user, "carer", None) or f.carer(user=user, capacity=10)
        Pairing.objects.create(child=child, carer=carer, seat=number + 1, started_on=f.today())
    if user.role == Role.COUNSELLOR:
        Referral.objects.create(child=child, counsellor=user, reason="asked for help")
    return child


def strangers() -> None:
    """Make children of another township and school, visited by nobody."""
    far_class = f.school_class(f.other_school())
    f.child(CANARY, living_in=f.far_village(), school_class=far_class, schooling="primary")
    f.child(CANARY, living_in=f.far_village(), schooling="primary")


def task(context, title) -> dict:
    return next((entry for entry in context["tasks"] if entry["title"] == title), {})


@pytest.mark.parametrize("role", Role)
def test_every_role_has_something_to_do_and_sees_no_child_of_others(login, role):
    f.term()
    strangers()
    user = person(role)
    child_of(user)
    page = login(user).get("/")
    assert page.status_code == 200
    assert page.context["tasks"]
    assert CANARY not in page.content.decode()


@pytest.mark.parametrize("role", Role)
def test_a_registry_with_nothing_in_it_has_a_home_page_too(login, role):
    page = login(f.user(role)).get("/")
    assert page.status_code == 200
    assert page.context["tasks"]


def test_a_role_that_nobody_thought_of_is_shown_what_its_permissions_open(login, monkeypatch):
    f.term()
    f.role(monkeypatch, "officer", permission_names(registry_child="view add", audit_event="view"))
    context = login(f.user("officer")).get("/").context
    assert [entry["title"] for entry in context["tasks"]] == ["Children", "Audit trail"]
    assert (context["figures"], context["lists"]) == ([], []) and "You have no posting" in context["notice"]
    f.role(monkeypatch, "officer", frozenset())
    assert login(f.user("officer")).get("/").status_code == 200


def test_every_task_figure_and_list_of_the_page_declares_a_permission():
    entries = [entry for hook in (home_task, home_figure, home_list) for entry in hook]
    assert [entry.call.__name__ for entry in entries if not entry.permission] == ["password_set_by_others"]


@pytest.mark.parametrize("role", [Role.TEACHER, Role.HEAD, Role.CARER, Role.VILLAGE, Role.COORDINATOR, Role.COUNSELLOR])
def test_a_child_without_contact_is_counted_until_somebody_visits_it(login, role):
    f.term()
    strangers()
    user = person(role)
    child, other = child_of(user, 0), child_of(user, 1)
    client = login(user)
    title = "Children without contact this term"
    assert task(client.get("/").context, title)["count"] == "2"
    f.visit(child, user)
    assert task(client.get("/").context, title)["count"] == "1"
    f.visit(other, user)
    assert not task(client.get("/").context, title)


@pytest.mark.parametrize("role", [Role.HEAD, Role.VILLAGE, Role.COORDINATOR])
@pytest.mark.parametrize("show", ["unvisited", "unpaired"])
def test_a_number_is_the_length_of_the_list_that_it_links_to(login, role, show):
    f.term()
    strangers()
    user = person(role)
    children = [child_of(user, number) for number in range(4)]
    f.visit(children[0], user)
    for seat, paired in enumerate(children[:2], start=1):
        Pairing.objects.create(child=paired, carer=f.carer(), seat=seat, started_on=f.today())
    client = login(user)
    entry = next(entry for entry in client.get("/").context["tasks"] if entry["url"].endswith(f"show={show}"))
    listed = client.get(entry["url"]).context["rows"]
    assert entry["count"] == str(len(listed)) == ("3" if show == "unvisited" else "2")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HEAD])
def test_pupils_without_a_class_wait_for_who_may_place_them(login, role):
    f.term()
    strangers()
    user = person(role)
    child_of(user)
    f.child("没有班级", school=f.school(), schooling="primary")
    entry = task(login(user).get("/").context, "Pupils without a class")
    assert (entry["count"], entry["url"]) == ("1", "/children/?show=unplaced")


def test_nobody_is_unvisited_while_there_is_no_term(login):
    user = person(Role.VILLAGE)
    child_of(user)
    assert not task(login(user).get("/").context, "Children without contact this term")


@pytest.mark.parametrize("role", [Role.TEACHER, Role.CARER])
def test_the_children_whom_one_accompanies_are_listed_the_longest_unseen_first(login, role):
    f.term()
    strangers()
    user = person(role)
    carer = f.carer(user=user)
    seen, unseen = f.child("见过"), f.child("没见过")
    for seat, child in enumerate((seen, unseen), start=1):
        Pairing.objects.create(child=child, carer=carer, seat=seat, started_on=f.today())
    f.visit(seen, user, made_on=dt.date(2026, 9, 5))
    rows = login(user).get("/").context["lists"][0]["rows"]
    assert [row["cells"] for row in rows] == [["没见过", "合心村", "none yet"], ["见过", "合心村", "2026-09-05"]]


def test_a_promise_that_has_passed_is_listed_until_it_is_kept(login):
    f.term()
    user = person(Role.TEACHER)
    child = child_of(user)
    stranger = f.child(CANARY, living_in=f.far_village())
    for visited in (child, stranger):
        f.visit(visited, user, made_on=dt.date(2026, 9, 5), next_on=dt.date(2026, 10, 14))
    client = login(user)
    due = client.get("/").context["lists"][1]
    assert [row["cells"][:2] for row in due["rows"]] == [["孩子0", "2026-10-14"]]
    f.visit(child, user, made_on=dt.date(2026, 10, 15))
    assert client.get("/").context["lists"][1]["rows"] == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HEAD, Role.VILLAGE])
def test_an_import_that_waits_is_shown_to_who_sent_it_alone(login, role):
    mine, other = person(role), f.coordinator_of(f.county())
    batch = ImportBatch.objects.create(
        by=mine, term=f.term(), file_name="a.xlsx", file_hash="0" * 64, reported_on=f.today(), status="preview"
    )
    title = "Imports awaiting your confirmation"
    assert task(login(mine).get("/").context, title)["url"] == "/children/imports/?status=preview"
    assert [row["url"] for row in login(mine).get("/children/imports/?status=preview").context["rows"]] == [
        batch.get_absolute_url()
    ]
    assert not task(login(other).get("/").context, title)
    batch.status = ImportBatch.Status.SAVED
    batch.save()
    assert not task(login(mine).get("/").context, title)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
def test_postings_wait_for_a_second_person(login, role):
    f.term()
    user = person(role)
    f.post(f.user(Role.TEACHER), f.school_class(), approved=False)
    elsewhere = f.school_class(f.other_school())
    f.post(f.user(Role.TEACHER), elsewhere, approved=False)
    entry = task(login(user).get("/").context, "Postings awaiting approval")
    assert entry["count"] == ("1" if role == Role.COORDINATOR else "2")


def test_the_administrator_is_warned_that_the_present_term_is_missing(login):
    f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31))
    client = login(person(Role.ADMIN))
    assert task(client.get("/").context, "The current term is missing")
    Term.objects.create(slug="2026-autumn", starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2027, 2, 14))
    assert not task(client.get("/").context, "The current term is missing")


def test_an_empty_installation_is_led_to_its_next_step(login):
    f.term()
    client = login(f.user(Role.ADMIN))

    def next_step() -> str:
        return " ".join(entry["title"] for entry in client.get("/").context["tasks"] if "Step" in entry["title"])

    assert next_step() == "Step 1 of 5: Add the places"
    f.village()
    assert next_step() == "Step 2 of 5: Add the schools"
    f.school()
    assert next_step() == "Step 3 of 5: Add the classes"
    place = f.school_class()
    assert next_step() == "Step 4 of 5: Add a second administrator"
    f.user(Role.ADMIN)
    assert next_step() == "Step 5 of 5: Add accounts with their postings"
    f.post(f.user(Role.TEACHER), place)
    assert next_step() == ""


def test_only_who_adds_places_is_led_through_the_first_steps(login):
    f.term()
    tasks = login(f.user(Role.COORDINATOR)).get("/").context["tasks"]
    assert not [entry for entry in tasks if "Step" in entry["title"]]


def test_the_auditor_sees_figures_of_the_office_and_no_names(login):
    f.term()
    strangers()
    child = f.child("看不见的名字")
    page = login(person(Role.AUDITOR)).get("/")
    assert [figure["value"] for figure in page.context["figures"]] == ["1", "1", "1"]
    assert child.name not in page.content.decode() and child.code not in page.content.decode()


def test_in_a_large_office_only_the_first_files_are_searched(login, monkeypatch):
    monkeypatch.setattr(figures, "MAX_FILES", 2)
    f.term()
    user = person(Role.VILLAGE)
    for number in range(4):
        child_of(user, number)
    context = login(user).get("/").context
    assert task(context, "Children without a carer")["count"] == "at least 2"
    assert context["figures"][0]["value"] == "4"


def test_a_large_office_is_not_told_that_all_is_well_when_only_the_first_files_are(monkeypatch):
    monkeypatch.setattr(figures, "MAX_FILES", 1)
    for seat in (1, 2):
        child = f.child(f"孩子{seat}")
        Pairing.objects.create(child=child, carer=f.carer(), seat=1, started_on=f.today())
    office = figures.Office(Child.objects.all())
    assert office.number("unpaired") == "" and not office.is_complete


@pytest.mark.parametrize("role", Role)
def test_the_page_takes_at_most_twelve_queries_and_as_many_for_three_children_as_for_one(login, role):
    f.term()
    strangers()
    user = person(role)
    client, asked = login(user), []
    client.get("/")
    for number in range(3):
        f.visit(child_of(user, number), user, made_on=dt.date(2026, 9, 5), next_on=dt.date(2026, 10, 14))
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        asked.append(len(queries))
    assert asked[0] == asked[2] <= 12


def test_a_stranger_is_asked_to_sign_in(client):
    f.child(CANARY)
    answer = client.get("/")
    assert (answer.status_code, answer.url) == (302, "/login/?next=/")


def test_the_lists_that_the_page_counts_are_offered_by_the_list_of_children():
    assert [entry.name for entry in child_filter] == [
        "open",
        "unplaced",
        "closed",
        "unsurveyed",
        "unvisited",
        "unpaired",
    ]


def test_who_has_no_posting_in_force_learns_why_nothing_is_seen(login):
    waiting = f.user(Role.HEAD)
    f.post(waiting, f.school(), approved=False)
    assert "You have no posting in force" in login(waiting).get("/").content.decode()
    assert "You have no posting in force" not in login(f.head_of(f.school())).get("/").content.decode()
    for role in (Role.CARER, Role.COUNSELLOR):  # a pairing or a referral alone shows nothing either
        assert "You have no posting in force" in login(f.user(role)).get("/").content.decode()
        assert "You have no posting in force" not in login(f.one_of(role)).get("/").content.decode()
    assert "You have no posting in force" not in login(f.user(Role.ADMIN)).get("/").content.decode()
