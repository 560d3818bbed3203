"""Census rounds: who opens and sees them, and how far they have come, counted once more without the product's code."""

import datetime as dt
import random

import pytest
from django.urls import reverse

from registry.models import Child, Round
from registry.rounds.completion import awaiting_survey, progress_by, without_survey
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def a_day_of_the_term(time_machine):
    f.term()
    time_machine.move_to("2026-11-20T10:00:00+08:00", tick=False)


def close(child: Child, day: dt.date) -> None:
    child.closed_on, child.closing = day, "moved"
    child.save()


def answers(place, **more) -> dict:
    return {"term": f.term().pk, "division": place.pk, "starts_on": "2026-11-01", "due_on": "2026-11-30"} | more


def rows(client, round_, title: str) -> dict[str, list[str]]:
    """Return the cells of a table of the round's page, by the first of each row."""
    related = client.get(round_.get_absolute_url()).context["related"]
    table = next(part for part in related if part["title"] == title)
    return {row["cells"][0]: row["cells"][1:] for row in table["rows"]}


def names(client, round_, **asked) -> list[str]:
    page = client.get(reverse("round-open", args=[round_.code]), asked)
    return [row["cells"][0] for row in page.context["rows"]]


# Opening


def test_a_coordinator_opens_a_round_for_a_division_of_theirs(login):
    user = f.coordinator_of(f.township())
    response = login(user).post(reverse("round-create"), answers(f.village()))
    made = Round.objects.get()
    assert response.url == made.get_absolute_url()
    assert (made.division, made.by, made.reaches_to) == (f.village(), user, f.village().code)


def test_the_form_presets_the_term_and_ones_own_division(login):
    form = login(f.coordinator_of(f.township())).get(reverse("round-create")).context["form"]
    assert form["term"].value() == f.term().pk and form["division"].value() == f.township().pk


def test_a_round_for_another_township_is_refused(login):
    page = login(f.coordinator_of(f.township())).post(reverse("round-create"), answers(f.far_village()))
    assert "division" in page.context["form"].errors and not Round.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"due_on": "2026-10-31"}, "The due date is before the first day."),
        ({"due_on": "2027-03-01"}, "The term lasts from 2026-09-01 to 2027-02-14."),
        ({"starts_on": "2026-08-01"}, "The term lasts from 2026-09-01 to 2027-02-14."),
        ({"due_on": "2026-02-30"}, "a date that does not exist"),
        ({"term": "\x00"}, "Null characters are not allowed."),
        ({"division": "99"}, "Select a valid choice."),
    ],
)
def test_a_round_of_invalid_days_is_refused_with_a_reason(login, wrong, words):
    page = login(f.coordinator_of(f.township())).post(reverse("round-create"), answers(f.township()) | wrong)
    assert words in page.content.decode() and not Round.objects.exists()


def test_a_second_round_of_a_term_and_division_is_refused_but_one_below_is_not(login):
    f.census_round(f.township())
    client = login(f.coordinator_of(f.township()))
    page = client.post(reverse("round-create"), answers(f.township()))
    assert "This division already has a round in this term." in page.content.decode()
    assert client.post(reverse("round-create"), answers(f.village())).status_code == 302


def test_the_days_of_a_round_can_be_changed_but_not_its_place(login):
    made, client = f.census_round(f.township()), login(f.coordinator_of(f.township()))
    url = reverse("round-update", args=[made.code])
    sent = {"version": 1, "starts_on": "2026-11-01", "due_on": "2026-12-01", "division": f.village().pk}
    assert client.post(url, sent).url == made.get_absolute_url()
    made.refresh_from_db()
    assert (made.due_on, made.division) == (dt.date(2026, 12, 1), f.township())
    assert (
        "The due date is before the first day."
        in client.post(url, sent | {"version": 2, "due_on": "2026-10-01"}).content.decode()
    )


# Who sees which


def test_an_office_sees_the_rounds_above_and_below_it_and_changes_only_those_below():
    county, town, village = (f.census_round(place) for place in (f.county(), f.township(), f.village()))
    next_village, far = f.census_round(f.other_village()), f.census_round(f.far_village())
    user = f.coordinator_of(f.township())
    assert set(Round.objects.visible_to(user)) == {county, town, village, next_village}
    assert set(Round.objects.governed_by(user)) == {town, village, next_village}
    assert set(Round.objects.visible_to(f.admin_of(f.village()))) == {county, town, village}
    assert far in Round.objects.visible_to(f.coordinator_of(f.county()))


def test_a_school_sees_the_rounds_of_where_its_children_live():
    town, far = f.census_round(f.township()), f.census_round(f.far_village())
    f.child(living_in=f.far_village(), school_class=f.school_class())
    f.child(living_in=f.village(), school_class=f.school_class(f.other_school()))
    assert list(Round.objects.visible_to(f.head_of(f.school()))) == [far]
    assert list(Round.objects.visible_to(f.teacher_of(f.school_class(f.other_school())))) == [town]
    assert not Round.objects.visible_to(f.teacher_of(f.school_class(number=2))).exists()


def test_an_office_is_not_offered_to_change_the_round_above_it(login):
    county = f.census_round(f.county())
    page = login(f.coordinator_of(f.township())).get(county.get_absolute_url())
    assert "/edit/" not in page.content.decode()
    assert "/edit/" in login(f.coordinator_of(f.county())).get(county.get_absolute_url()).content.decode()


# How far it has come


def test_a_village_sees_its_village_and_a_head_the_school(login):
    made = f.census_round()
    own = f.child(living_in=f.village(), school_class=f.school_class())
    f.child(living_in=f.other_village(), school_class=f.school_class())
    f.child(living_in=f.other_village(), school_class=f.school_class(f.other_school()))
    f.survey(own, f.head_of(f.school()))
    assert rows(login(f.admin_of(f.village())), made, "By village") == {"合心村": ["1", "1", "100%", "0"]}
    assert rows(login(f.head_of(f.school())), made, "By village") == {
        "合心村": ["1", "1", "100%", "0"],
        "关志村": ["1", "0", "0%", "1"],
    }
    assert len(rows(login(f.head_of(f.school())), made, "By class")) == 1
    assert rows(login(f.coordinator_of(f.township())), made, "By village")["关志村"] == ["2", "0", "0%", "2"]


def test_children_of_no_class_have_a_row_of_their_own_which_leads_to_them(login):
    made, pupil, small = f.census_round(), f.child("王小明", school_class=f.school_class()), f.child("王小宝")
    client = login(f.coordinator_of(f.township()))
    assert rows(client, made, "By class")["without a class"] == ["1", "0", "0%", "1"]
    assert names(client, made, show="no_class") == [small.name]
    assert names(client, made, school_class=pupil.school_class_id) == [pupil.name]


def test_last_terms_survey_is_none_of_this_term():
    made, child = f.census_round(), f.child()
    f.survey(child, f.head_of(f.school()), term=f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31)))
    assert [tuple(row) for row in progress_by(Child.objects.all(), made, "village")] == [(f.village().pk, 1, 0)]
    assert without_survey(Child.objects.all(), made).get() == child


def scene(rng: random.Random, time_machine) -> list[tuple[Child, dt.date]]:
    """Register children of three villages and two classes on days around the due day; close and survey some."""
    villages, classes = (
        [f.village(), f.other_village(), f.far_village()],
        [None, f.school_class(), f.school_class(number=2)],
    )
    spring, by, made = f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31)), f.head_of(f.school()), []
    for _number in range(40):
        day = TODAY - dt.timedelta(days=rng.randrange(20))
        time_machine.move_to(f"{day}T{rng.choice(['00:30', '12:00', '23:30'])}:00+08:00", tick=False)
        child = f.child(living_in=rng.choice(villages), school_class=rng.choice(classes))
        if rng.random() < 0.3:
            close(child, day + dt.timedelta(days=rng.randrange(8)))
        for term in (spring, f.term()):
            if rng.random() < 0.5:
                f.survey(child, by, term=term)
        made.append((child, day))
    time_machine.move_to(f"{TODAY}T10:00:00+08:00", tick=False)
    return made


@pytest.mark.parametrize("days", [-9, 0, 5])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_recount_by_hand_finds_the_same(seed, days, time_machine):
    due = TODAY + dt.timedelta(days=days)
    made = f.census_round(starts_on=dt.date(2026, 10, 1), due_on=due)
    people, day = scene(random.Random(seed), time_machine), min(due, TODAY)
    expected = {}
    for child, registered_on in people:
        gone = child.closed_on is not None and child.closed_on <= day
        if child.village_id[:9] != "990101101" or registered_on > day or gone:
            continue
        for by, key in (("village", child.village_id), ("school_class", child.school_class_id)):
            counts = expected.setdefault((by, key), [0, 0])
            counts[0] += 1
            counts[1] += any(survey.term == made.term for survey in child.surveys.all())
    found = {(by, row.key): [row.total, row.done] for by in ("village", "school_class")
             for row in progress_by(Child.objects.all(), made, by)}  # fmt: skip
    assert found == expected and len(found) > 3
    assert {row.percent for row in progress_by(Child.objects.all(), made, "village")} <= set(range(101))


def test_one_hundred_percent_means_that_nobody_is_left():
    made, by = f.census_round(), f.head_of(f.school())
    for number in range(200):
        child = f.child(f"王{number}")
        if number:
            f.survey(child, by)
    assert [row.percent for row in progress_by(Child.objects.all(), made, "village")] == [99]


# Who waits


def test_after_the_due_day_those_registered_by_then_are_overdue_and_those_of_later_wait_elsewhere(time_machine, login):
    made = f.census_round(due_on=dt.date(2026, 11, 20))
    f.child("王早来")
    time_machine.move_to("2026-11-20T23:50:00+08:00")
    f.child("王赶上")
    time_machine.move_to("2026-11-21T00:10:00+08:00")
    f.child("王迟来")
    waiting = {child.name: child.overdue for child in without_survey(Child.objects.all(), made)}
    assert waiting == {"王早来": True, "王赶上": True}
    client = login(f.admin_of(f.village()))
    assert set(names(client, made, show="overdue")) == {"王早来", "王赶上"}
    assert rows(client, made, "By village") == {"合心村": ["2", "0", "0%", "2"]}
    listed = client.get("/children/", {"show": "unsurveyed"}).context["rows"]
    assert {row["cells"][0] for row in listed} == {"王早来", "王赶上", "王迟来"}


def test_a_file_closed_after_the_due_day_stays_counted_and_listed_but_is_not_overdue(time_machine, login):
    made, child = f.census_round(due_on=TODAY), f.child()
    f.child("李小红", closed_on=TODAY, closing="moved")
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    close(child, dt.date(2026, 11, 24))
    client = login(f.admin_of(f.village()))
    assert rows(client, made, "By village") == {"合心村": ["1", "0", "0%", "1"]}
    page = client.get(reverse("round-open", args=[made.code]), {"village": f.village().pk})
    assert [(row["cells"][0], row["cells"][-1]) for row in page.context["rows"]] == [(child.name, "file closed")]
    assert names(client, made, show="overdue") == []


def test_a_file_merged_after_the_due_day_is_no_second_child_of_the_round(time_machine):
    made, kept, gone = f.census_round(due_on=TODAY), f.child(), f.child()
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    gone.closed_on, gone.closing = dt.date(2026, 11, 24), "duplicate"
    gone.save()
    assert list(without_survey(Child.objects.all(), made)) == [kept]
    assert [row.total for row in progress_by(Child.objects.all(), made, "village")] == [1]


def test_on_the_due_day_nobody_is_overdue_yet():
    made = f.census_round(due_on=TODAY)
    f.child()
    assert not without_survey(Child.objects.all(), made).get().overdue


def test_of_nested_rounds_the_nearest_due_counts():
    county = f.census_round(f.county(), due_on=TODAY + dt.timedelta(days=30))
    f.census_round(f.village(), due_on=TODAY - dt.timedelta(days=1))
    f.census_round(f.other_village(), starts_on=TODAY + dt.timedelta(days=1), due_on=TODAY + dt.timedelta(days=2))
    near, far = f.child(living_in=f.village()), f.child(living_in=f.far_village())
    not_begun = f.child(living_in=f.other_village())
    due = {child.pk: child.due for child in without_survey(Child.objects.all(), county)}
    assert due == {near.pk: TODAY - dt.timedelta(days=1), far.pk: county.due_on, not_begun.pk: county.due_on}


def test_the_day_of_the_wider_round_counts_where_it_comes_first():
    village, county = f.census_round(f.village()), f.census_round(f.county(), due_on=TODAY + dt.timedelta(days=1))
    f.child()
    assert without_survey(Child.objects.all(), village).get().due == county.due_on < village.due_on
    assert Round.objects.covering(f.village().pk).first() == county


def test_a_closed_file_waits_for_no_survey():
    made, gone, here = f.census_round(), f.child(), f.child()
    close(gone, TODAY)
    assert list(without_survey(Child.objects.all(), made)) == [here] == list(awaiting_survey(Child.objects.all()))


def test_only_a_round_that_runs_makes_children_wait(time_machine):
    f.child(living_in=f.far_village())
    child = f.child()
    f.census_round(starts_on=TODAY + dt.timedelta(days=1), due_on=TODAY + dt.timedelta(days=9))
    assert not awaiting_survey(Child.objects.all()).exists()
    time_machine.move_to("2026-11-21T10:00:00+08:00")
    assert list(awaiting_survey(Child.objects.all())) == [child]
    f.survey(child, f.head_of(f.school()))
    assert not awaiting_survey(Child.objects.all()).exists()


def test_the_list_is_narrowed_to_a_village_and_leads_to_the_form(login):
    made, here, there = f.census_round(), f.child("王小明"), f.child("陈小红", living_in=f.other_village())
    client = login(f.coordinator_of(f.township()))
    assert set(names(client, made)) == {here.name, there.name}
    assert names(client, made, village=f.other_village().pk) == [there.name]
    page = client.get(reverse("round-open", args=[made.code]), {"village": f.village().pk})
    assert page.context["rows"][0]["url"] == reverse("child-survey", args=[here.code])


@pytest.mark.parametrize("asked", [{"village": "\x00"}, {"school_class": "9" * 30}, {"page": "9" * 40}, {"show": "x"}])
def test_a_invalid_filter_does_not_fail(asked, login):
    made = f.census_round()
    f.child()
    assert login(f.admin_of(f.village())).get(reverse("round-open", args=[made.code]), asked).status_code == 200


def test_the_work_page_says_how_many_wait(login):
    f.census_round()
    f.child(), f.child(), f.child(living_in=f.other_village())
    tasks = login(f.admin_of(f.village())).get(reverse("census-work")).context["tasks"]
    assert {task["url"]: task["count"] for task in tasks}[reverse("round-list")] == "2"
