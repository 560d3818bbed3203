"""Departures, returns and their correction, and their effect on the verdict."""

import datetime as dt

import pytest
from django.urls import reverse

from carebase.audit.models import Event
from registry.codes.relation import Relation
from registry.models import Absence, HomeStay
from tests import factories as f
from tests.factories import FATHER, MOTHER
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = f.today()


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


@pytest.fixture
def child():
    """A child of the teacher's class with both parents; a second child's father is away too."""
    other = f.child("李小红", school_class=f.school_class())
    f.parents_of(other)
    f.absence(other)
    child = f.child(school_class=f.school_class(), schooling="primary")
    f.parents_of(child, mother={"able": True})
    return child


@pytest.fixture
def teacher(login):
    return login(f.teacher_of(f.school_class()))


def page(name: str, child) -> str:
    return reverse(name, args=[child.code])


def send(client, name: str, child, query: str = "", **typed):
    url = page(name, child) + query
    return client.post(url, form_values(client.get(url)) | typed, follow=True)


def left(client, child, **typed):
    return send(client, "child-departure", child, **({"parent": FATHER, "left_on": ago(200).isoformat()} | typed))


def text(response) -> str:
    return response.content.decode()


def test_a_departure_changes_the_verdict_at_once(teacher, child):
    f.definition("T1", parents="any", months=3)
    response = left(teacher, child, destination="广东省东莞市", cross_county="yes")
    assert "The father is away since" in text(response) and "200 days" in text(response)
    assert "counts as left-behind" in text(response)
    (row,) = child.absences.all()
    assert (row.parent, row.destination, row.cross_county) == (FATHER, "广东省东莞市", True)
    assert Absence.objects.count() == 2


def test_a_form_sent_twice_records_one_departure(teacher, child):
    url = page("child-departure", child)
    typed = form_values(teacher.get(url)) | {"parent": FATHER, "left_on": ago(3).isoformat()}
    for _time in (1, 2):
        teacher.post(url, typed)
    assert child.absences.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"left_on": (TODAY + dt.timedelta(days=1)).isoformat()}, "The date is in the future."),
        ({"left_on": "2026-02-31"}, "a date that does not exist"),
        ({"left_on": "0001-01-01"}, "is too long ago"),
        ({"parent": "99"}, "Select a valid choice"),
        ({"destination": "x" * 101}, "at most 100 characters"),
        ({"destination": "广东\0"}, "Null characters are not allowed"),
    ],
)
def test_an_invalid_departure_is_refused_and_loses_nothing(teacher, child, typed, words):
    response = left(teacher, child, **({"destination": "深圳"} | typed))
    assert words in text(response) and not child.absences.exists()
    if "destination" not in typed:
        assert "深圳" in text(response)


def test_a_parent_who_is_away_cannot_leave_again(teacher, child):
    left(teacher, child)
    response = left(teacher, child, left_on=ago(5).isoformat())
    assert f"recorded as away since {ago(200)}" in text(response)
    assert left(teacher, child, parent=MOTHER).status_code == 200
    assert child.absences.count() == 2


def test_the_parent_who_is_named_later_is_the_one_of_whom_it_was_not_said(teacher, child):
    unnamed = f.absence(child, Relation.PARENT, None, known_on=ago(90))
    left(teacher, child, left_on=ago(200).isoformat())
    (row,) = child.absences.all()
    assert (row.pk, row.parent, row.left_on, row.known_on) == (unnamed.pk, FATHER, ago(200), ago(90))


def test_who_left_after_it_was_known_that_one_is_away_is_another(teacher, child):
    f.absence(child, Relation.PARENT, None, known_on=ago(90))
    left(teacher, child, left_on=ago(30).isoformat())
    assert {row.parent for row in child.absences.all()} == {Relation.PARENT, FATHER}


def test_one_parent_away_can_be_logged_and_is_refused_where_it_is_known_who(teacher, child):
    assert "which one is not known" in text(left(teacher, child, parent=Relation.PARENT, left_on=""))
    left(teacher, child, left_on=ago(1).isoformat())
    response = left(teacher, child, parent=Relation.PARENT)
    assert "recorded as away since" in text(response) and child.absences.get().parent == FATHER


def test_a_deceased_parent_cannot_leave(teacher, child):
    child.relatives.filter(relation=FATHER).get().delete()
    child.relatives.create(relation=FATHER, state="deceased")
    assert "A parent who has died" in text(left(teacher, child)) and not child.absences.exists()


def test_a_return_to_stay_ends_the_absence_and_the_verdict(teacher, child):
    f.definition("T1", parents="any", months=3)
    left(teacher, child)
    response = send(teacher, "child-return", child, kind="stay", on=ago(1).isoformat(), reason="照顾老人")
    assert f"The father came back on {ago(1)}" in text(response) and "照顾老人" in text(response)
    assert child.absences.get().returned_on == ago(1)
    assert not Absence.objects.filter(returned_on__isnull=False).exclude(child=child).exists()


def test_a_short_visit_does_not_end_the_absence(teacher, child):
    f.definition("T1", parents="any", months=3)
    left(teacher, child)
    visit = {"kind": "visit", "on": ago(20).isoformat(), "until": ago(15).isoformat()}
    response = send(teacher, "child-return", child, **visit)
    assert "does not break the absence" in text(response) and "counts as left-behind" in text(response)
    assert child.absences.get().returned_on is None
    assert "already recorded" in text(send(teacher, "child-return", child, **visit))
    assert HomeStay.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"parent": MOTHER}, "Select a valid choice"),
        ({"on": ago(201).isoformat()}, "The return is before the departure."),
        ({"on": ago(201).isoformat(), "kind": "visit"}, "The return is before the departure."),
        ({"on": (TODAY + dt.timedelta(days=1)).isoformat()}, "The date is in the future."),
        ({"kind": "visit", "until": ago(9).isoformat()}, "The last day is before the first day."),
        ({"until": TODAY.isoformat()}, "leave it empty"),
        ({"kind": ""}, "This field is required"),
    ],
)
def test_an_invalid_return_is_refused_and_ends_nothing(teacher, child, typed, words):
    left(teacher, child)
    response = send(teacher, "child-return", child, **({"kind": "stay", "on": ago(1).isoformat()} | typed))
    assert words in text(response)
    assert child.absences.get().returned_on is None and not HomeStay.objects.exists()


def test_a_parent_who_is_at_home_cannot_return(teacher, child):
    response = send(teacher, "child-return", child, parent=FATHER, kind="stay", on=TODAY.isoformat())
    assert "is not recorded as away" in text(response)


def test_an_entry_is_corrected_by_its_number(teacher, child):
    f.absence(child, FATHER, ago(900), returned_on=ago(800))
    left(teacher, child)
    send(teacher, "absence-update", child, "?entry=1", left_on=ago(890).isoformat(), destination="温州")
    first, second = child.absences.order_by("pk")
    assert (first.left_on, first.destination) == (ago(890), "温州")
    assert (second.left_on, second.destination) == (ago(200), "")


def test_a_correction_that_overlaps_another_absence_is_refused(teacher, child):
    f.absence(child, FATHER, ago(900), returned_on=ago(800))
    f.absence(child, MOTHER, ago(850), returned_on=ago(840))
    left(teacher, child)
    response = send(teacher, "absence-update", child, "?entry=3", left_on=ago(820).isoformat())
    assert f"It overlaps the absence from {ago(900)} to {ago(800)}" in text(response)
    response = send(teacher, "absence-update", child, "?entry=1", returned_on="")
    assert "It overlaps the absence" in text(response)


@pytest.mark.parametrize("query", ["?entry=0", "?entry=3", "?entry=x", "?entry=99999999999999999999", "?entry=-1"])
def test_an_unknown_entry_is_not_found(teacher, child, query):
    left(teacher, child)
    assert teacher.get(page("absence-update", child) + query).status_code == 404


def test_a_stale_correction_saves_nothing_and_shows_the_stored_values(teacher, child):
    left(teacher, child)
    url = page("absence-update", child)
    mine = form_values(teacher.get(url)) | {"destination": "深圳"}
    send(teacher, "absence-update", child, destination="东莞")
    response = teacher.post(url, mine)
    assert response.status_code == 409 and "东莞" in text(response) and "深圳" in text(response)
    assert child.absences.get().destination == "东莞"
    teacher.post(url, form_values(response))
    assert child.absences.get().destination == "深圳"


def test_a_child_form_opened_before_does_not_undo_a_departure(teacher, child):
    f.absence(child, FATHER, ago(900), returned_on=ago(800))
    url = child.get_absolute_url() + "edit/"
    opened = form_values(teacher.get(url))
    left(teacher, child)
    assert teacher.post(url, opened | {"hukou_place": "宜昌"}).status_code == 409
    assert child.absences.filter(returned_on=None).exists()


def test_the_date_of_the_verdict_can_be_chosen_and_is_validated(teacher, child):
    f.definition("T1", parents="any", months=3)
    f.absence(child, FATHER, ago(300), returned_on=ago(100))
    url = page("child-left-behind", child)
    assert "199 days" in text(teacher.get(url, {"on": ago(101).isoformat()}))
    assert f"The father came back on {ago(100)}" in text(teacher.get(url))
    for day, words in (
        ("2026-13-01", "a date that does not exist"),
        ("2999-01-01", "in the future"),
        ("0001-01-01", "too long"),
    ):
        response = teacher.get(url, {"on": day})
        assert response.status_code == 200 and words in text(response)


def test_only_definitions_that_apply_to_the_child_are_shown(teacher, child):
    f.definition("HERE", division=f.village())
    f.definition("THERE", division=f.far_village())
    f.definition("ENDED", valid_to=ago(1))
    seen = text(teacher.get(page("child-left-behind", child)))
    assert "HERE" in seen and "THERE" not in seen and "ENDED" not in seen


def test_views_and_writes_are_audited(teacher, child):
    teacher.get(page("child-left-behind", child))
    left(teacher, child)
    lines = Event.objects.filter(subject=child.code).values_list("action", "model")
    assert ("view", "registry.child") in lines and ("create", "registry.absence") in lines


def test_a_carer_gets_no_link_to_the_log(login, child):
    user = f.one_of("carer")
    f.carer(at=f.school(), user=user).pairings.create(child=child, seat=1)
    client = login(user)
    assert client.get(page("child-left-behind", child)).status_code == 403
    assert page("child-left-behind", child) not in text(client.get(child.get_absolute_url()))
