"""The verdict on one child, and the same rule as a database condition."""

import datetime as dt
import importlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registry.codes import periods
from registry.codes.relation import Relation
from registry.leftbehind.facts import load_facts
from registry.leftbehind.missing import missing_facts
from registry.leftbehind.query import filter_left_behind, filter_undecided, rule_conditions, whereabouts
from registry.leftbehind.verdict import NO, UNKNOWN, YES, reach_verdict
from registry.models import Absence, Child, Definition, HomeStay, Relative
from registry.papers.subjects import DatedChildFile
from tests import factories as f
from tests.factories import FATHER, MOTHER

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ON = dt.date(2026, 11, 23)


def verdict(child, definition, on=ON):
    """Return the verdict, after a check that the database condition agrees and separates the children."""
    found = reach_verdict(load_facts(child), definition, on)
    asked = {
        YES: filter_left_behind(Child.objects, definition, on),
        NO: Child.objects.filter(rule_conditions(definition, on).no),
        UNKNOWN: filter_undecided(Child.objects, definition, on),
    }
    assert [answer for answer, rows in asked.items() if rows.filter(pk=child.pk).exists()] == [found.answer]
    return found


def reasons(child, definition, on=ON) -> str:
    return "; ".join(verdict(child, definition, on).reasons)


def family(**parents) -> Child:
    """Return a child with both parents named; another whose parents are both away for years stands beside."""
    other = f.child("李小红")
    f.parents_of(other)
    for parent in (FATHER, MOTHER):
        f.absence(other, parent, dt.date(2020, 1, 1), cross_county=True)
    child = f.child()
    f.parents_of(child, **parents)
    return child


def test_both_parents_away_counts_with_the_dated_facts():
    child, definition = family(), f.definition(months=6, cross_county=True)
    f.absence(child, FATHER, dt.date(2025, 3, 1), cross_county=True)
    f.absence(child, MOTHER, dt.date(2026, 2, 20), cross_county=True)
    found = verdict(child, definition)
    assert found.answer == YES
    assert "Both parents away since 2026-02-20, 276 days, in another county" in found.reasons
    assert "Is 10, turns 16 on 2032-05-04" in found.reasons


def test_six_months_are_complete_on_the_day_and_not_the_day_before():
    child, definition = family(), f.definition(months=6)
    for parent in (FATHER, MOTHER):
        f.absence(child, parent, dt.date(2026, 5, 23))
    assert verdict(child, definition, dt.date(2026, 11, 23)).answer == YES
    assert verdict(child, definition, dt.date(2026, 11, 22)).answer == NO
    assert "6 months are needed" in reasons(child, definition, dt.date(2026, 11, 22)).lower()


def test_one_away_counts_only_while_the_other_cannot_be_guardian():
    definition = f.definition()
    for able, answer in ((False, YES), (True, NO), (None, UNKNOWN)):
        child = family(mother={"able": able} | f.AT_HOME)
        f.absence(child, FATHER)
        assert verdict(child, definition).answer == answer
    assert "Whether the mother is able to act as guardian is not recorded" in reasons(child, definition)


def test_a_deceased_parent_is_unable_and_not_away():
    child = family(mother={"state": "deceased"})
    f.absence(child, FATHER)
    assert verdict(child, f.definition()).answer == YES
    assert verdict(child, f.definition("T2", parents="both")).answer == NO
    assert "The mother has died" in reasons(child, Definition.objects.get(code="T1"))


def test_one_parent_away_suffices_for_a_pupil_by_the_school_roll():
    definition = f.definition(parents="any", below_age=None, pupils_only=True, months=3)
    child = family(mother={"able": True})
    f.absence(child, FATHER, dt.date(2026, 8, 23))
    assert verdict(child, definition).answer == UNKNOWN
    for schooling, answer in (("primary", YES), ("junior", YES), ("kindergarten", NO), ("dropped_out", NO)):
        child.schooling = schooling
        child.save()
        assert verdict(child, definition).answer == answer


def test_the_sixteenth_birthday_ends_it_and_is_shown():
    child, definition = family(), f.definition()
    for parent in (FATHER, MOTHER):
        f.absence(child, parent, dt.date(2020, 1, 1))
    child.birth_date = dt.date(2010, 11, 23)
    child.save()
    assert verdict(child, definition, dt.date(2026, 11, 22)).answer == YES
    assert "Turned 16 on 2026-11-23" in reasons(child, definition)


@pytest.mark.parametrize(("rural", "answer"), [(True, YES), (False, NO), (None, UNKNOWN)])
def test_an_unknown_registration_is_unknown_and_not_no(rural, answer):
    child, definition = family(), f.definition(rural_hukou=True)
    for parent in (FATHER, MOTHER):
        f.absence(child, parent)
    child.hukou_rural = rural
    child.save()
    assert verdict(child, definition).answer == answer


def test_an_absence_in_the_county_or_not_for_work_may_not_count():
    definition = f.definition(parents="any", cross_county=True)
    for fields, answer, words in (
        ({"cross_county": False}, NO, "the father is not in another county"),
        ({"cross_county": None}, UNKNOWN, "in another county is not recorded"),
        ({"cross_county": True, "reason": "other"}, NO, "not away for work"),
        ({"cross_county": True, "reason": "business"}, YES, "since 2026-01-10"),
    ):
        child = family(mother=f.AT_HOME)
        f.absence(child, FATHER, **fields)
        found = verdict(child, definition)
        assert found.answer == answer and words in "; ".join(found.reasons).lower()


def test_an_absence_without_a_first_day_counts_from_its_record():
    child, definition = family(), f.definition(parents="any", months=3)
    f.absence(child, FATHER, None, known_on=dt.date(2026, 8, 1))
    assert verdict(child, definition).answer == YES
    assert "counted from the record on 2026-08-01: 114 days" in reasons(child, definition)
    # It may have begun long before it was recorded, so too short a time since then is no "no".
    assert verdict(child, definition, dt.date(2026, 9, 1)).answer == UNKNOWN
    assert verdict(child, definition, dt.date(2026, 7, 1)).answer == UNKNOWN
    assert "recorded on 2026-08-01" in reasons(child, definition, dt.date(2026, 7, 1))


def test_absences_count_as_of_the_cut_off_date():
    child, definition = family(mother=f.AT_HOME), f.definition(parents="any", months=3)
    f.absence(child, FATHER, dt.date(2026, 1, 10), returned_on=dt.date(2026, 7, 1))
    assert verdict(child, definition, dt.date(2026, 6, 30)).answer == YES
    assert verdict(child, definition, dt.date(2026, 7, 1)).answer == NO
    assert "The father came back on 2026-07-01" in reasons(child, definition)


def test_a_short_visit_home_does_not_break_an_absence():
    child, definition = family(), f.definition(parents="any", months=6)
    away = f.absence(child, FATHER, dt.date(2026, 1, 10))
    HomeStay.objects.create(child=child, absence=away, came_on=dt.date(2026, 5, 1), left_on=dt.date(2026, 5, 5))
    assert verdict(child, definition).answer == YES
    assert "The father visited home on 2026-05-01, which does not break the absence" in reasons(child, definition)


def test_a_parent_of_whom_only_the_name_is_known_is_not_known_to_be_at_home():
    definition = f.definition(parents="any")
    child = family()
    assert verdict(child, definition).answer == UNKNOWN
    assert "Nothing is recorded about where the father is" in reasons(child, definition)
    for parent in child.relatives.all():
        parent.at_home_on = ON
        parent.save()
    assert verdict(child, definition).answer == NO
    assert "The mother is at home, recorded on 2026-11-23" in reasons(child, definition)
    assert verdict(child, definition, ON - dt.timedelta(days=1)).answer == UNKNOWN, "nobody said where they were"


@pytest.mark.parametrize(
    ("father", "mother", "d1", "d3", "both"),
    [
        ({}, {}, UNKNOWN, YES, UNKNOWN),
        ({"able": False}, {}, UNKNOWN, YES, UNKNOWN),
        ({"able": False}, {"able": False}, YES, YES, UNKNOWN),
        ({}, {"state": "deceased"}, YES, YES, NO),
        ({}, f.AT_HOME | {"able": True}, NO, YES, NO),
        ({}, f.AT_HOME | {"able": False}, YES, YES, NO),
        (f.AT_HOME, f.AT_HOME, UNKNOWN, YES, NO),
    ],
)
def test_one_parent_away_which_is_not_said_is_never_a_sure_no(father, mother, d1, d3, both):
    child = family(father=father, mother=mother)
    f.absence(child, Relation.PARENT)
    assert verdict(child, f.definition("R1", parents="unable")).answer == d1
    assert verdict(child, f.definition("R3", parents="any", months=3)).answer == d3
    assert verdict(child, f.definition("R4", parents="both")).answer == both
    said = reasons(child, Definition.objects.get(code="R1")) if d1 == UNKNOWN else "which one is not known"
    assert "which one is not known" in said


def test_without_facts_about_the_parents_it_is_unknown():
    child = f.child()
    assert verdict(child, f.definition()).answer == UNKNOWN
    assert "Nothing is recorded about where the mother is" in reasons(child, Definition.objects.get(code="T1"))


def test_the_definition_of_a_county_counts_only_there():
    variant = f.definition("HX4", division=f.village(), parents="any")
    here, there = f.child(), f.child("李小红", living_in=f.other_village())
    for child in (here, there):
        f.parents_of(child)
        f.absence(child)
    assert (verdict(here, variant).answer, verdict(there, variant).answer) == (YES, NO)
    codes = [
        set(Definition.objects.applying_to(child.village_id).values_list("code", flat=True)) for child in (here, there)
    ]
    assert codes[0] - codes[1] == {"HX4"}


def test_a_definition_is_in_force_between_its_dates():
    f.definition("OLD", valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2023, 12, 31))
    in_force = Definition.objects.in_force
    assert in_force(dt.date(2023, 12, 31)).filter(code="OLD").exists()
    assert not in_force(dt.date(2024, 1, 1)).filter(code="OLD").exists()


def test_the_migration_creates_the_three_definitions_in_use():
    data = importlib.import_module("registry.migrations.0010_definitions")
    national, survey, roll = (Definition(**values) for values in data.DEFINITIONS)
    assert (national.below_age, national.rural_hukou, national.months, national.parents) == (16, True, 0, "unable")
    assert (survey.below_age, survey.months, survey.cross_county) == (16, 6, True)
    assert (roll.months, roll.parents, roll.pupils_only, roll.rural_hukou) == (3, "any", True, False)
    for definition in (national, survey, roll):
        definition.clean_fields(exclude=["division"])


def test_the_condition_is_one_query_however_many_children(django_assert_num_queries):
    definition = f.definition(parents="any")
    for name in ("王小一", "王小二", "王小三"):
        f.absence(f.child(name))
    with django_assert_num_queries(1):
        assert len(filter_left_behind(Child.objects, definition, ON)) == 3


@given(st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)), st.integers(1, 40))
def test_the_latest_start_of_a_period_is_complete_and_the_next_day_is_not(on, months):
    def ends(start):
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return dt.date(year, month + 1, min(start.day, periods.last_day(year, month + 1)))

    start = periods.latest_start(on, months=months)
    assert ends(start) <= on < ends(start + dt.timedelta(days=1))


DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
ABSENCES = st.tuples(
    st.sampled_from([FATHER, MOTHER, Relation.PARENT]),
    st.none() | DAYS,
    DAYS,
    st.none() | DAYS,
    st.sampled_from([None, True, False]),
    st.sampled_from(Absence.Reason.values),
)
PARENT = st.none() | st.tuples(
    st.sampled_from(Relative.State.values), st.sampled_from([None, True, False]), st.none() | DAYS
)
FAMILIES = st.tuples(
    st.dates(dt.date(2009, 1, 1), dt.date(2027, 1, 1)),
    st.sampled_from([None, True, False]),
    st.sampled_from(["", "primary", "dropped_out"]),
    PARENT,
    PARENT,
    st.lists(ABSENCES, max_size=3),
)
DEFINITIONS = st.fixed_dictionaries(
    {
        "parents": st.sampled_from(Definition.Parents.values),
        "below_age": st.sampled_from([None, 16]),
        "months": st.sampled_from([0, 3]),
        "cross_county": st.booleans(),
        "rural_hukou": st.booleans(),
        "pupils_only": st.booleans(),
        "for_work": st.booleans(),
    }
)


class TestTheTwoSayTheSame(TestCase):
    """Random families recounted one by one agree with the one condition of the database."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(st.lists(FAMILIES, min_size=1, max_size=4), DEFINITIONS, DAYS)
    def test_the_query_and_the_verdict(self, families, fields, on):
        definition = f.definition("R1", **fields)
        for drawn in families:
            child = random_child(*drawn)
            verdict(child, definition, on)
            wanting = missing_facts(load_facts(child), definition, on)
            assert bool(wanting) == filter_undecided(Child.objects, definition, on).filter(pk=child.pk).exists()
            file = DatedChildFile(child, on)
            for person, relation in (("father", FATHER), ("mother", MOTHER)):
                asked = whereabouts(relation, on)
                states = [Child.objects.filter(state, pk=child.pk).exists() for state in (asked.yes, asked.no)]
                assert states == [file.away(person) is True, file.away(person) is False]


def random_child(birth_date, rural, schooling, father, mother, absences) -> Child:
    child = f.child(birth_date=birth_date, hukou_rural=rural, schooling=schooling, id_number="", id_reason="试")
    for relation, parent in ((FATHER, father), (MOTHER, mother)):
        if parent:
            state, able, home = parent
            name = "" if state == "unknown" else "王某"
            Relative.objects.create(child=child, relation=relation, state=state, able=able, name=name, at_home_on=home)
    still = set()
    for parent, left_on, known_on, returned_on, cross_county, reason in absences:
        if returned_on and left_on and returned_on < left_on:
            returned_on = left_on
        if returned_on is None and parent in still:
            continue  # nobody is away twice
        still |= set() if returned_on else {parent}
        fields = {"known_on": known_on, "returned_on": returned_on, "cross_county": cross_county, "reason": reason}
        f.absence(child, parent, left_on, **fields)
    return child
