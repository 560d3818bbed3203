"""The audit trail: which events an auditor sees, how they are narrowed, and what is never shown."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carebase.accounts.roles import Role
from carebase.audit.context import acting_as
from carebase.audit.models import Action, Event, build_event, record_event
from carebase.reports.audit_trail import querysets, views
from registry.models import Comparison, Division, ImportBatch
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
    return {row["cells"][5].rsplit(" · ")[-1] for row in page.context["rows"]} - {""}


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
    people = {f"{person.name} · {person.username}" for person in (teacher, auditor)}
    assert {row[1] for row in events_of(page)} == people


@pytest.mark.usefixtures("any_size")
def test_an_export_by_a_scheduled_command_is_seen_by_the_auditor_of_its_place(login, auditor):
    f.far_village()
    for place in (f.village(), f.far_village()):
        record_event(Action.EXPORT, place, detail={"report": "term"})
    page = login(auditor).get(PAGE, {"action": "export"})
    assert [row[4] for row in events_of(page)] == [f"合心村 · {f.village().code}"]
    assert page.context["rows"][0]["cells"][6] == "term report"


def test_of_a_change_of_a_file_an_auditor_reads_the_fields_and_no_value(login, auditor):
    child, other = f.child("王小明"), f.child("李小红")
    child.condition, child.relief = "ill", ["allowance"]
    child.save()
    child.relatives.create(relation="61", name="李奶奶", state="deceased").delete()
    f.survey(child, f.teacher_of(f.school_class()), psychology_rating="urgent", psychology="郁闷").delete()
    client = login(auditor)
    page, taken = (client.get(url, {"child": child.code}) for url in (PAGE, "/audit/lines.csv"))
    assert codes(page) == {child.code} != {other.code}
    for changes in (["".join(row) for row in events_of(page)], list(csv.reader(io.StringIO(b"".join(taken).decode())))):
        text = str(changes)
        assert "physical condition: •••• → ••••" in text and "state: •••• → ••••" in text
        assert not any(f"{secret} →" in text for secret in ("empty", "李奶奶", "deceased", "urgent"))
        assert not any(f"→ {secret}" in text for secret in ("empty", "seriously ill", "subsistence allowance"))


def test_an_auditor_reads_where_a_file_was_moved_and_why_it_was_closed(login, auditor):
    child = f.child("王小明")
    child.village, child.closed_on, child.closing = f.other_village(), f.today(), "moved"
    child.save()
    changes = login(auditor).get(PAGE, {"action": "change"}).context["rows"][0]["cells"][6]
    assert f"village: {f.village().code} → {f.other_village().code}" in changes
    assert f"file closed: empty → {f.today()}" in changes


def test_a_change_of_a_place_is_displayed_with_its_old_and_new_value(login, auditor):
    place = f.village()
    place.name = "同心村"
    place.save()
    changes = login(auditor).get(PAGE, {"action": "change"}).context["rows"][0]["cells"][6]
    assert "name: 合心村 → 同心村" in changes


def test_an_encrypted_value_is_never_shown_not_even_as_ciphertext(login, auditor):
    child = f.child()
    old = child.id_number
    child.residence, child.id_number = "合心村1组", "99000020000101999X"
    child.save()
    page = login(auditor).get(PAGE, {"action": "change"})
    changes = page.context["rows"][0]["cells"][6]
    assert "resident ID number: •••• → ••••" in changes and "current residence: •••• → ••••" in changes
    for secret in (old, child.id_number, "合心村1组", "k1:"):
        assert secret not in page.content.decode()


def test_what_programs_count_is_not_shown_as_a_change(login, auditor):
    changes = {"status": ["preview", "saved"], "counts": [{"new": 1}, {"new": 2}]}
    sent = {"by": auditor, "term": f.term(), "file_name": "x", "file_hash": "x", "reported_on": f.today()}
    batch = ImportBatch.objects.create(office=f.township(), **sent)
    record_event(Action.CHANGE, batch, changes=changes)
    page = login(auditor).get(PAGE, {"action": "change"})
    assert page.context["rows"][0]["cells"][6] == "status: awaiting confirmation → saved"


def test_the_newest_comes_first(login, auditor):
    first, second = f.child("王小明"), f.child("李小红")
    page = login(auditor).get(PAGE, {"action": "create"})
    children = [row["cells"][5] for row in page.context["rows"] if row["cells"][5]]
    assert children == [f"李小红 · {second.code}", f"王小明 · {first.code}"]


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "nonsense"},
        {"words": "\0"},
        {"page": "-1"},
        {"page": "9" * 40},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"child": "\0", "account": "\0", "place": "\0"},
        {"child-words": "nobody of that name", "child-shown": ""},
    ],
)
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
    assert len(queries) == 8, "three of them are the choices of the filter"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_child_takes_as_many_queries_however_often_it_moved_and_was_exported(login, auditor, count):
    child = f.child("王小明")
    for _number in range(count):
        for village in (f.other_village(), f.village()):
            child.village = village
            child.save()
            record_export(village)
    client = login(auditor)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(PAGE, {"child": child.code}).context["rows"]) == 4 * count + 1
    assert len(queries) == 13


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
        ({"rows": 33, "updated": 2, "refused": 1}, "33 children registered · 2 files updated · 1 refused"),
        ({"trail": True, "sha256": "ab"}, "viewed its audit trail"),
        ({"former": "value"}, "former: value"),
        ({"status": 499, "field": ["x"]}, "field: x · status: 499"),
    ],
)
def test_the_details_of_an_event_are_described(login, auditor, detail, words):
    record_event(Action.VIEW, f.child(), detail=detail)
    page = login(auditor).get(PAGE, {"action": "view"})
    assert page.context["rows"][0]["cells"][6] == words


def record_export(about, detail=None, *, by=None, days_ago: int = 0) -> Event:
    with acting_as(by):
        event = build_event(Action.EXPORT, about, detail=detail or {"report": "term"})
    event.at -= dt.timedelta(days=days_ago)
    event.save()
    return event


def exported(client, **query) -> set[int]:
    """Return the keys of the exports on the page."""
    page = client.get(PAGE, {"action": "export"} | query)
    return {event.pk for event in page.context["page_obj"]}


@pytest.mark.usefixtures("any_size")
def test_what_was_taken_of_a_place_above_is_in_the_trail_of_the_township(login, auditor):
    far = f.far_village()
    county, province = f.county(), f.division("990000000000", "省")
    above = {record_export(place).pk for place in (county, province)}
    record_export(far), record_export(Division.objects.get(code=f"{far.code[:9]}000"))
    record_export(f.division("990102000000", "邻县"))
    assert exported(login(auditor)) == above


@pytest.mark.usefixtures("any_size")
def test_changes_of_a_place_above_are_not_in_the_trail_of_the_township(login, auditor):
    record_event(Action.CHANGE, f.county(), changes={"name": ["a", "b"]})
    page = login(auditor).get(PAGE, {"action": "change"})
    assert page.context["rows"] == []


@pytest.mark.usefixtures("any_size")
def test_papers_of_schools_and_classes_that_teach_children_of_the_township_are_in_its_trail(login, auditor):
    own, elsewhere = f.school_class(), f.school_class(f.other_school())
    strangers = f.school_class(f.other_school(), number=2)
    f.child("赵小兰", living_in=f.far_village(), school_class=strangers)
    f.child("王小明", school_class=elsewhere)  # lives in the township, goes to school in the next one
    seen = {record_export(place, {"paper": "forms"}).pk for place in (own, own.school, elsewhere)}
    record_export(strangers)
    assert exported(login(auditor)) == seen


@pytest.mark.usefixtures("any_size")
def test_sheets_and_rolls_from_above_are_in_the_trail_of_the_township(login, auditor):
    f.far_village()
    county, next_township = f.county(), Division.objects.get(code="990101102000")
    coordinator = f.coordinator_of(county)

    def batch(**places):
        sent = {"term": f.term(), "file_name": "x.xlsx", "file_hash": "x", "reported_on": f.today()}
        return ImportBatch.objects.create(by=coordinator, **sent, **places)

    mine = [batch(office=county), batch(office=next_township, place=f.township()), batch(place=f.village())]
    other = batch(office=county, place=next_township)
    rolls = [
        Comparison.objects.create(division=county, by=coordinator, kind="police", file_name="x", file_hash="x"),
        Comparison.objects.create(school=f.school(), by=coordinator, kind="roll", file_name="x", file_hash="x"),
    ]
    strange = Comparison.objects.create(
        school=f.other_school(), by=coordinator, kind="roll", file_name="x", file_hash="x"
    )
    seen = {record_export(about).pk for about in (*mine, *rolls)}
    record_export(other), record_export(strange)
    assert exported(login(auditor)) == seen


def test_a_child_is_found_by_name_and_shown_by_name_village_and_code_only(login, auditor):
    child = f.child("王小明", residence="合心村1组")
    far = f.child("王小明", living_in=f.far_village())
    for number in range(30):
        f.child(f"孩子{number}")
    client = login(auditor)
    found = client.get(PAGE, {"suggest": "child", "term": "wangxiaom"}).json()["results"]
    assert found == [{"id": child.code, "text": f"王小明 · 合心村 · {child.code}"}]
    page = client.get(PAGE, {"child": child.code})
    assert page.context["subtitle"] == f"王小明 · 合心村 · {child.code}"
    assert codes(page) == {child.code}
    assert child.id_number not in page.content.decode() and "1组" not in page.content.decode()
    assert client.get(child.get_absolute_url()).status_code == 403
    assert "subtitle" not in client.get(PAGE, {"child": far.code}).context


def test_who_saw_a_child_in_the_last_month_and_which_exports_held_it_is_one_page(login, auditor):
    child, other = f.child("王小明"), f.child("李小红", living_in=f.other_village())
    teacher = f.teacher_of(f.school_class(f.other_school()))
    old = Event.objects.get(subject=child.code, action=Action.CREATE)
    with acting_as(teacher):
        look = record_event(Action.VIEW, child)
        record_event(Action.VIEW, other)
    held = {
        record_export(f.county()).pk,
        record_export(f.village()).pk,
        record_export(child, {"paper": "forms"}).pk,
        record_export(f.school_class(), {"paper": "roster", "codes": [other.code, child.code]}).pk,
    }
    record_export(f.other_village())
    record_export(f.village(), {"paper": "roster", "codes": [other.code]})
    record_export(f.village(), {"paper": "statistics", "codes": []})
    record_export(child, days_ago=40)
    client = login(auditor)
    client.get(PAGE, {"child": child.code, "suggest": "account", "term": "x"})  # no look
    page = client.get(PAGE, {"child": child.code})
    [link] = [action["url"] for action in page.context["actions"] if action["icon"] == "eye"]
    visit = Event.objects.get(subject=child.code, user=auditor)
    assert visit.detail == {"trail": True}, "the look at the trail is in the trail"
    page = client.get(link)
    seen = {event.pk for event in page.context["page_obj"]}
    assert seen - {visit.pk} == {look.pk, *held}
    assert old.pk not in seen


def test_an_export_held_the_child_where_it_lived_then(login, auditor):
    child = f.child("王小明", living_in=f.far_village())
    before = record_export(f.far_village())
    not_yet = record_export(f.village())
    child.village = f.village()
    child.save()
    after = record_export(f.village())
    record_export(f.far_village())
    seen = exported(login(auditor), child=child.code)
    assert seen == {before.pk, after.pk} and not_yet.pk not in seen


def test_an_export_from_before_a_child_was_registered_did_not_hold_it(login, auditor):
    record_export(f.county())
    child = f.child("王小明")
    assert exported(login(auditor), child=child.code) == set()


def test_days_a_person_and_a_place_narrow_the_trail(login, auditor):
    teacher, other = f.teacher_of(f.school_class()), f.coordinator_of(f.county())
    today = timezone.localdate()
    mine = record_export(f.village(), by=teacher, days_ago=3)
    theirs = record_export(f.other_village(), by=other)
    client = login(auditor)
    assert exported(client) == {mine.pk, theirs.pk}
    assert exported(client, account=teacher.username) == {mine.pk}
    assert exported(client, account=other.username) == {theirs.pk}, "of an office above"
    assert exported(client, until=today - dt.timedelta(days=1)) == {mine.pk}
    assert exported(client, since=today) == {theirs.pk}
    assert exported(client, since=today - dt.timedelta(days=3), until=today - dt.timedelta(days=3)) == {mine.pk}
    assert exported(client, place=f.other_village().code) == {theirs.pk}


def test_people_of_other_offices_and_places_outside_are_no_choice(login, auditor):
    stranger = f.teacher_of(f.school_class(f.other_school()))
    page = login(auditor).get(PAGE, {"account": stranger.username, "place": f.far_village().code})
    assert set(page.context["filter_form"].errors) == {"account", "place"}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_list_is_taken_away_as_a_file_that_is_recorded(login, auditor, format):
    child, other = f.child("=1+1"), f.child("李小红")
    client = login(auditor)
    response = client.get(f"/audit/lines.{format}", {"child": child.code, "action": "create"})
    data = b"".join(response) if response.streaming else response.content
    if format == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert rows[1][5] == f"'=1+1 · {child.code}"
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        rows = [[cell.value or "" for cell in row] for row in sheet]
        assert rows[1][5] == f"=1+1 · {child.code}" and sheet["F2"].data_type == "s"
    assert rows[0][:2] == ["Time", "Person"] and len(rows) == 2
    assert other.code not in str(rows)
    event = Event.objects.get(action=Action.EXPORT)
    assert (event.user, event.subject) == (auditor, child.code)
    assert event.detail == {
        "report": "trail",
        "format": format,
        "lines": 1,
        "filter": {"child": child.code, "action": "create"},
    }
    page = client.get(PAGE, {"action": "export"})
    words = {"csv": "CSV", "xlsx": "Workbook"}[format]
    assert page.context["rows"][0]["cells"][6] == f"audit trail · {words} · 1 line · {child.code}、create"


def test_a_file_of_too_many_lines_is_refused_with_the_way_out(login, auditor, monkeypatch):
    monkeypatch.setattr(views, "MAX_LINES", 1)
    f.child("王小明"), f.child("李小红")
    page = login(auditor).get("/audit/lines.csv", {"action": "create"}, follow=True)
    assert "These are more than 1 lines. Choose a shorter time, then download again." in page.content.decode()
    assert page.redirect_chain == [("/audit/?action=create", 302)]
    assert not Event.objects.filter(action=Action.EXPORT).exists()
