"""The audit trail: which events an auditor sees, how they are narrowed, and what is never shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carebase.accounts.roles import Role
from carebase.audit.context import acting_as
from carebase.audit.models import Action, Event, record_event
from carebase.reports.audit_trail import querysets
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PAGE = "/audit/"


@pytest.fixture
def auditor():
    return f.posted_user(Role.AUDITOR, f.township())


@pytest.fixture(params=[0, 500])
def any_size(request, monkeypatch):
    """Ask in both ways: as in an office of many children, and as in one of few."""
    monkeypatch.setattr(querysets, "SMALL_OFFICE", request.param)


def codes(page) -> set[str]:
    return {row["cells"][5] for row in page.context["rows"]} - {""}


def events_of(page) -> list[list[str]]:
    return [row["cells"] for row in page.context["rows"]]


@pytest.mark.usefixtures("any_size")
def test_the_auditor_sees_what_happened_to_the_children_of_the_office(login, auditor):
    mine, far = f.child(), f.child(living_in=f.far_village())
    page = login(auditor).get(PAGE, {"action": "create"})
    assert codes(page) == {mine.code}
    assert far.code not in page.content.decode()


@pytest.mark.usefixtures("any_size")
def test_the_auditor_sees_what_people_posted_below_did_and_not_what_others_did(login, auditor):
    teacher = f.teacher_of(f.school_class())
    elsewhere = f.teacher_of(f.school_class(f.other_school()))
    for person in (teacher, elsewhere):
        with acting_as(person):
            record_event(Action.SIGN_IN)
    page = login(auditor).get(PAGE, {"action": "sign_in"})
    assert {row[1] for row in events_of(page)} == {teacher.username, auditor.username}


@pytest.mark.usefixtures("any_size")
def test_an_export_by_a_scheduled_command_is_seen_by_the_auditor_of_its_place(login, auditor):
    f.far_village()
    for place in (f.village(), f.far_village()):
        record_event(Action.EXPORT, place, detail={"report": "term"})
    page = login(auditor).get(PAGE, {"action": "export"})
    assert [row[4] for row in events_of(page)] == [f.village().code]
    assert page.context["rows"][0]["cells"][6] == "term report"


def test_a_change_is_displayed_with_its_old_and_new_value(login, auditor):
    child, other = f.child("王小明"), f.child("李小红")
    child.name, child.condition, child.relief = "王大明", "healthy", ["allowance"]
    child.save()
    page = login(auditor).get(PAGE, {"action": "change"})
    changes = page.context["rows"][0]["cells"][6]
    assert "full name: 王小明 → 王大明" in changes
    assert "physical condition: empty → healthy" in changes
    assert "relief and assistance: empty → subsistence allowance" in changes
    assert codes(page) == {child.code} != {other.code}


def test_an_encrypted_value_is_never_shown_not_even_as_ciphertext(login, auditor):
    child = f.child()
    old = child.id_number
    child.residence, child.id_number = "合心村1组", "99000020000101999X"
    child.save()
    page = login(auditor).get(PAGE, {"action": "change"})
    changes = page.context["rows"][0]["cells"][6]
    assert "resident ID number: •••• → ••••" in changes and "current residence: empty → ••••" in changes
    for secret in (old, child.id_number, "合心村1组", "k1:"):
        assert secret not in page.content.decode()


def test_the_newest_comes_first(login, auditor):
    first, second = f.child("王小明"), f.child("李小红")
    page = login(auditor).get(PAGE, {"action": "create"})
    assert [row["cells"][5] for row in page.context["rows"] if row["cells"][5]] == [second.code, first.code]


def test_a_code_or_a_user_name_narrows_the_trail(login, auditor):
    teacher, other = f.teacher_of(f.school_class()), f.teacher_of(f.school_class())
    with acting_as(teacher):
        child = f.child("王小明")
    with acting_as(other):
        sibling = f.child("李小红")
    client = login(auditor)
    assert codes(client.get(PAGE, {"words": child.code.lower()})) == {child.code}
    assert codes(client.get(PAGE, {"account": other.username})) == {sibling.code}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDITOR])
def test_nobody_but_an_auditor_reads_the_trail(login, role):
    f.child()
    account = f.posted_user(role, f.township())
    assert login(account).get(PAGE).status_code == 403


@pytest.mark.usefixtures("any_size")
def test_an_auditor_without_a_posting_in_force_sees_nothing(login):
    f.child()
    account = f.user(Role.AUDITOR)
    f.post(account, f.township(), approved=False)
    assert login(account).get(PAGE).context["rows"] == []


@pytest.mark.parametrize("wrong", [{"action": "nonsense"}, {"words": "\0"}, {"page": "-1"}, {"page": "9" * 40}])
def test_a_invalid_filter_does_not_fail(login, auditor, wrong):
    f.child()
    assert login(auditor).get(PAGE, wrong).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_trail_takes_as_many_queries_for_three_events_as_for_one(login, auditor, count):
    for number in range(count):
        f.child(f"孩子{number}", school_class=f.school_class(number=number + 1))
    client = login(auditor)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE, {"action": "create"}).status_code == 200
    assert len(queries) == 5


def test_a_field_that_no_longer_exists_does_not_break_the_page(login, auditor):
    child = f.child()
    record_event(Action.CHANGE, child, changes={"former_field": ["secret", "other"]})
    page = login(auditor).get(PAGE, {"action": "change"})
    assert "former_field: •••• → ••••" in page.content.decode()
    assert "secret" not in page.content.decode()
    assert Event.objects.filter(action=Action.CHANGE).count() == 1


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"form": True}, "opened for editing"),
        ({"history": True}, "viewed its history"),
        ({"field": "father_phone"}, "Father's phone"),
        (
            {"path": "/audit/", "method": "GET", "status": 403},
            "/audit/ · not permitted for this account",
        ),
        ({"rows": 33, "refused": 1, "sha256": "ab"}, "33 children registered · 1 refused"),
        ({"former": "value"}, "former: value"),
        ({"status": 499, "field": ["x"]}, "field: x · status: 499"),
    ],
)
def test_the_details_of_an_event_are_described(login, auditor, detail, words):
    record_event(Action.VIEW, f.child(), detail=detail)
    page = login(auditor).get(PAGE, {"action": "view"})
    assert page.context["rows"][0]["cells"][6] == words
