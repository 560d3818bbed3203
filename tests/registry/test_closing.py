"""Closing: the proposals and their grounds, the decisions, and reopening."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from carebase.audit.models import Event
from registry.closing import services as closing
from registry.closing.proposals import find_proposals
from registry.models import CategoryMembership, Decision, Definition
from tests import factories as f
from tests.factories import FATHER, MOTHER
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = f.today()


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def years_old(years: int, days: int = 0) -> dt.date:
    """Return the birth date of somebody who turned `years` that many days ago."""
    day = ago(days)
    return day.replace(year=day.year - years, day=min(day.day, 28))


@pytest.fixture(autouse=True)
def rules():
    """Three definitions as in use; whatever else is there is taken away."""
    Definition.objects.all().delete()
    f.definition("A")
    f.definition("B", months=6, cross_county=True)
    f.definition("C", parents="any", months=3, below_age=None, pupils_only=True)


@pytest.fixture
def coordinator():
    return f.coordinator_of(f.township())


def family(name="王小明", **fields):
    """Return an ordinary pupil whose father is at home and whose mother is away, both able."""
    child = f.child(name, **({"school_class": f.school_class(), "schooling": "primary"} | fields))
    f.parents_of(child, father={"able": True} | f.AT_HOME, mother={"able": True} | f.AT_HOME)
    return child


def grounds(user) -> dict[str, str]:
    return {child.name: child.ground for child in find_proposals(user)}


def listed(client) -> str:
    return client.get(reverse("closing-list")).content.decode()


def test_a_child_who_turned_sixteen_is_proposed_with_the_date(login, coordinator):
    family("王小大", birth_date=dt.date(TODAY.year - 17, 1, 2))
    family("王小小", birth_date=years_old(15))
    assert grounds(coordinator) == {"王小大": "age"}
    assert f"Turned 16 on {TODAY.year - 1}-01-02" in listed(login(coordinator))


def test_the_highest_age_limit_in_force_decides(coordinator):
    family("王小大", birth_date=years_old(17, 60))
    family("李小大", birth_date=years_old(17, 60), living_in=f.other_village())
    f.definition("HX", division=f.village(), below_age=18)
    assert grounds(coordinator) == {"李小大": "age"}


def test_a_parents_return_is_proposed_when_no_definition_holds(login, coordinator):
    child = family()
    f.absence(child, FATHER, ago(400), returned_on=ago(3))
    still = family("李小红")
    f.absence(still, FATHER, ago(400), returned_on=ago(3))
    f.absence(still, MOTHER, ago(400), cross_county=True)
    assert grounds(coordinator) == {"王小明": "parent_back"}
    assert f"The father came back on {ago(3)}" in listed(login(coordinator))


def test_a_parent_who_left_last_week_keeps_the_file_open(coordinator):
    child = family()
    f.absence(child, FATHER, ago(400), returned_on=ago(30))
    f.absence(child, MOTHER, ago(7))
    assert grounds(coordinator) == {}


def test_unrecorded_facts_keep_the_file_open(coordinator):
    child = family()
    f.absence(child, FATHER, ago(400), returned_on=ago(30))
    child.relatives.filter(relation=MOTHER).get().delete()
    child.relatives.create(relation=MOTHER, state="unknown")
    father = child.relatives.get(relation=FATHER)
    father.able = None
    father.save()
    assert grounds(coordinator) == {}


def test_a_migrant_child_is_proposed_as_moved(login, coordinator):
    child = family()
    family("李小红").memberships.create(
        category="poor_family", basis="低保", valid_from=ago(50), confirmed_by=coordinator
    )
    CategoryMembership.objects.create(
        child=child, category="migrant", basis="随父母到东莞", valid_from=ago(200), confirmed_by=coordinator
    )
    assert grounds(coordinator) == {"王小明": "moved"}
    assert f"since {ago(200)}" in listed(login(coordinator))


def test_leaving_school_means_finishing_grade_nine_not_dropping_out(login, coordinator):
    family("高小中", schooling="senior", school_class=None, birth_date=years_old(15))
    family("毕小业", school_class=f.school_class(entry_year=TODAY.year - 11), birth_date=years_old(15))
    for name, schooling in (("辍小学", "dropped_out"), ("不小在", "not_in_school"), ("初小中", "junior")):
        family(name, schooling=schooling, birth_date=years_old(15))
    away = family("外小出", schooling="senior", birth_date=years_old(15))
    for parent in (FATHER, MOTHER):
        f.absence(away, parent, ago(900), cross_county=True)
    assert grounds(coordinator) == {"高小中": "left_school", "毕小业": "left_school"}
    text = listed(login(coordinator))
    assert "Has moved up to: senior middle school" in text and "The class finished grade 9 on" in text


def test_only_open_files_in_scope_are_proposed(coordinator):
    family("王小大", birth_date=years_old(16, 60))
    family("赵小远", birth_date=years_old(16, 60), living_in=f.far_village())
    closed = family("李小关", birth_date=years_old(16, 60))
    closed.closed_on, closed.closing = TODAY, "age"
    closed.save()
    assert grounds(coordinator) == {"王小大": "age"}


def test_without_a_definition_nothing_is_proposed(coordinator):
    child = family(birth_date=years_old(17))
    f.absence(child, FATHER, ago(400), returned_on=ago(30))
    Definition.objects.all().delete()
    assert grounds(coordinator) == {}


def decide(client, page, child, **typed):
    url = reverse(page, args=[child.code])
    return client.post(url, form_values(client.get(url)) | typed, follow=True)


def test_a_file_is_closed_as_proposed_and_reopened_with_a_reason(login, coordinator):
    other = family("李小红", birth_date=years_old(16, 60))
    child = family(birth_date=dt.date(TODAY.year - 17, 1, 2))
    client = login(coordinator)
    response = decide(client, "child-close", child)
    assert response.redirect_chain == [(reverse("closing-list"), 302)]
    child.refresh_from_db()
    assert (child.closing, child.closed_on) == ("age", dt.date(TODAY.year - 1, 1, 2))
    assert other.closed_on is None and grounds(coordinator) == {"李小红": "age"}

    refused = decide(client, "child-reopen", child, reason="")
    assert "This field is required" in refused.content.decode()
    decide(client, "child-reopen", child, reason="出生日期有误")
    child.refresh_from_db()
    assert (child.closing, child.closed_on) == ("", None)
    assert list(child.decisions.values_list("kind", "reason")) == [("reopened", "出生日期有误"), ("closed", "")]
    lines = Event.objects.filter(subject=child.code, user=coordinator).values_list("action", "model")
    assert ("change", "registry.child") in lines and ("create", "registry.decision") in lines


def test_a_closed_file_is_not_listed_and_can_be_reopened(login, coordinator):
    child = family()
    client = login(coordinator)
    decide(client, "child-close", child, ground="moved")
    assert child.name not in client.get(reverse("child-list")).content.decode()
    page = client.get(child.get_absolute_url()).content.decode()
    assert reverse("child-reopen", args=[child.code]) in page and "child-close" not in page
    answer = client.get(reverse("child-close", args=[child.code]), follow=True)
    assert "This file is already closed." in answer.content.decode()


def test_a_file_kept_open_is_not_proposed_before_its_date(login, coordinator):
    child = family(birth_date=years_old(16, 60))
    family("李小红", birth_date=years_old(16, 60))
    until = TODAY + dt.timedelta(days=30)
    decide(login(coordinator), "child-keep", child, until=until.isoformat(), reason="初中还未毕业")
    assert grounds(coordinator) == {"李小红": "age"}
    assert {row.name for row in find_proposals(coordinator, until)} == {"王小明", "李小红"}


def test_a_file_kept_open_is_still_proposed_on_another_ground(coordinator):
    child = family(birth_date=years_old(16, 60))
    f.absence(child, FATHER, ago(400), returned_on=ago(30))
    closing.keep_open(child=child, ground="age", until=TODAY + dt.timedelta(days=9), reason="x", by=coordinator)
    assert grounds(coordinator) == {"王小明": "parent_back"}


@pytest.mark.parametrize(
    ("page", "typed", "words"),
    [
        ("child-close", {"on": (TODAY + dt.timedelta(days=1)).isoformat(), "ground": "moved"}, "is in the future"),
        ("child-close", {"on": "1999-01-01", "ground": "moved"}, "was not born yet"),
        ("child-close", {"ground": "age"}, "The child does not turn 16 until 2032-05-04."),
        ("child-close", {"ground": ""}, "This field is required"),
        ("child-close", {"ground": "nonsense"}, "Select a valid choice"),
        ("child-close", {"ground": "moved", "reason": "\0"}, "Null characters"),
        ("child-keep", {"ground": "age", "until": TODAY.isoformat(), "reason": "x"}, "a day after today"),
        ("child-keep", {"ground": "age", "until": "2999-01-01", "reason": "x"}, "within a year"),
        ("child-keep", {"ground": "age", "until": (TODAY + dt.timedelta(days=9)).isoformat()}, "is required"),
    ],
)
def test_an_invalid_decision_is_refused_and_changes_nothing(login, coordinator, page, typed, words):
    child = family()
    response = decide(login(coordinator), page, child, **typed)
    assert words in response.content.decode()
    child.refresh_from_db()
    assert child.closed_on is None and not Decision.objects.exists()


def alone(child):
    return f.guardianship(child, name="", alone=True, found_on=TODAY)


def test_a_child_who_lives_alone_cannot_be_closed(login, coordinator):
    alarmed, other = family(), family("李小红")
    alone(alarmed), f.guardianship(other)
    client = login(coordinator)
    page = client.get(reverse("child-close", args=[alarmed.code])).content.decode()
    assert "Nobody looks after this child" in page
    assert "Nobody looks after this child" in decide(client, "child-close", alarmed, ground="moved").content.decode()
    decide(client, "child-close", other, ground="moved")
    alarmed.refresh_from_db(), other.refresh_from_db()
    assert alarmed.closed_on is None and other.closed_on == TODAY


@pytest.mark.parametrize("ground", ["died", "mistake"])
def test_some_grounds_close_the_file_of_a_child_living_alone(coordinator, ground):
    child, other = family(), family("李小红")
    alone(child), alone(other)
    assert closing.close_file(child=child, ground=ground, on=TODAY, by=coordinator).closing == ground
    with pytest.raises(ValidationError):
        closing.close_file(child=other, ground="left_school", on=TODAY, by=coordinator)


def test_a_new_guardianship_removes_the_obstacle(coordinator):
    child, other = family(), family("李小红")
    row = alone(child)
    row.ends_on = TODAY
    row.save()
    f.guardianship(child, starts_on=TODAY), alone(other)
    assert closing.close_file(child=child, ground="moved", on=TODAY, by=coordinator).closed_on == TODAY


def test_closing_withdraws_an_open_transfer(coordinator):
    child, other = family(), family("李小红")
    offers = [f.transfer(each, to=f.far_village(), by=coordinator) for each in (child, other)]
    closing.close_file(child=child, ground="moved", on=TODAY, by=coordinator)
    for offer in offers:
        offer.refresh_from_db()
    assert [offer.state for offer in offers] == ["withdrawn", "open"]
    assert offers[0].answer == "The file was closed." and offers[0].answered_by == coordinator


def test_the_tasks_of_a_closed_file_are_hidden_until_it_is_reopened(login, coordinator):
    village = f.admin_of(f.village())
    child, other = family(), family("李小红")
    f.need(f.survey(child, village), what="冬衣"), f.need(f.survey(other, village), what="书包")
    closing.close_file(child=child, ground="moved", on=TODAY, by=coordinator)
    page = login(village).get(reverse("need-list")).content.decode()
    assert "书包" in page and "冬衣" not in page
    assert "冬衣" in login(village).get(reverse("need-list"), {"state": "all"}).content.decode()
    closing.reopen_file(child=child, reason="又回来了", by=coordinator)
    assert "冬衣" in login(village).get(reverse("need-list")).content.decode()


def test_closing_twice_or_reopening_an_open_file_is_refused(coordinator):
    child = family()
    with pytest.raises(ValidationError, match="already open"):
        closing.reopen_file(child=child, reason="x", by=coordinator)
    closing.close_file(child=child, ground="moved", on=TODAY, by=coordinator)
    with pytest.raises(ValidationError, match="already closed"):
        closing.close_file(child=child, ground="moved", on=TODAY, by=coordinator)
    assert Decision.objects.count() == 1


def test_closing_frees_the_carers_seat(coordinator):
    carer = f.carer()
    child, other = family(), family("李小红")
    pairing = carer.pairings.create(child=child, seat=1, started_on=ago(5))
    carer.pairings.create(child=other, seat=2, started_on=ago(5))
    closing.close_file(child=child, ground="moved", on=ago(90), by=coordinator)
    pairing.refresh_from_db()
    assert (pairing.ending, pairing.ended_on) == ("file_closed", ago(5))
    assert carer.pairings.filter(ended_on=None).get().child == other


def test_a_teacher_sees_neither_list_nor_button(login):
    child = family()
    client = login(f.teacher_of(f.school_class()))
    assert "/close/" not in client.get(child.get_absolute_url()).content.decode()
    assert reverse("closing-list") not in client.get(reverse("census-work")).content.decode()


def test_the_task_menu_links_to_the_proposals_without_counting_them(login, coordinator):
    family(birth_date=years_old(16, 60))
    family("李小红")
    assert f'href="{reverse("closing-list")}"' in login(coordinator).get(reverse("census-work")).content.decode()
    assert login(coordinator).get(reverse("closing-list")).context["total"] == "1"
