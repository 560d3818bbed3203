"""Pairing: a carer's number is kept, a child has one carer, and each refusal is a sentence."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carebase.audit.models import Action, Event
from carebase.models import StaleRecord
from pairing.models import Pairing
from pairing.services import check_load, end, pair
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def head():
    return f.head_of(f.school())


def pupil(name="王小明", **fields):
    return f.child(name, school_class=f.school_class(), **fields)


def paired(head, carer, number):
    return [pair(child=pupil(f"张{n}"), carer=carer, by=head, started_on=f.today()) for n in range(number)]


def refusal(**kwargs) -> str:
    with pytest.raises(ValidationError) as caught:
        pair(**{"started_on": f.today()} | kwargs)
    return " ".join(caught.value.messages)


def test_a_carer_gets_three_children_and_is_refused_a_fourth_in_words(head):
    carer = f.carer("李老师")
    paired(head, carer, 3)
    fourth = pupil("赵四")
    expected = "李老师 already has 3 children, the agreed maximum; choose another carer."
    assert refusal(child=fourth, carer=carer, by=head) == expected
    assert pair(child=fourth, carer=f.carer("陈老师"), by=head, started_on=f.today()).seat == 1


def test_a_pairing_is_recorded_with_who_made_it(head):
    child = pupil()
    pairing = pair(child=child, carer=f.carer(), by=head, started_on=f.today())
    event = Event.objects.get(model="pairing.pairing", action=Action.CREATE)
    assert (event.user, event.subject, event.object_code) == (head, child.code, pairing.code)


def test_an_ended_pairing_frees_the_lowest_seat(head):
    carer = f.carer()
    first, second, _third = paired(head, carer, 3)
    for pairing in (second, first):
        end(pairing=pairing, ended_on=f.today(), ending="other", by=head)
    assert paired(head, carer, 2)[0].seat == 1
    assert sorted(carer.pairings.open().values_list("seat", flat=True)) == [1, 2, 3]


def test_a_child_has_one_carer(head):
    child = pupil()
    pair(child=child, carer=f.carer("李老师"), by=head, started_on=f.today())
    assert "already has a carer" in refusal(child=child, carer=f.carer("陈老师"), by=head)


def test_a_carer_who_takes_no_children_is_refused(head):
    assert "is not taking on children" in refusal(child=pupil(), carer=f.carer(active=False), by=head)


def test_a_closed_file_is_refused(head):
    child = pupil(closed_on=f.today(), closing="moved")
    assert "file is closed" in refusal(child=child, carer=f.carer(), by=head)


@pytest.mark.parametrize(("days", "words"), [(-5000, "before the child was born"), (400, "more than a year ahead")])
def test_a_invalid_first_day_is_refused(head, days, words):
    day = f.today() + dt.timedelta(days=days)
    assert words in refusal(child=pupil(), carer=f.carer(), by=head, started_on=day)


def test_a_child_or_carer_of_another_school_is_refused(head):
    stranger, colleague = f.child("外人"), f.carer("别校老师", at=f.other_school())
    assert "outside your area" in refusal(child=stranger, carer=f.carer(), by=head)
    assert "outside your area" in refusal(child=pupil(), carer=colleague, by=head)
    assert not Pairing.objects.exists()


def test_a_lowered_capacity_counts_from_the_next_pairing(head):
    carer = f.carer()
    first = paired(head, carer, 3)[0]
    end(pairing=first, ended_on=f.today(), ending="other", by=head)
    carer.capacity = 2
    carer.save()
    assert "already has 2 children" in refusal(child=pupil(), carer=carer, by=head)


def test_a_capacity_below_the_load_is_refused(head):
    carer = f.carer()
    paired(head, carer, 2)
    carer.capacity = 1
    with pytest.raises(ValidationError, match="is paired with 2 children now"):
        check_load(carer)
    carer.capacity = 2
    check_load(carer)


def test_a_race_lost_in_the_database_has_the_same_message(head, monkeypatch):
    carer = f.carer()
    paired(head, carer, 3)
    monkeypatch.setattr("pairing.services.free_seat", lambda carer: 2)  # as if the others had not been seen
    assert "already has 3 children" in refusal(child=pupil(), carer=carer, by=head)
    assert Pairing.objects.count() == 3


def test_the_database_itself_refuses_a_seat_taken_twice(head):
    carer = f.carer()
    paired(head, carer, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pairing.objects.create(child=pupil("赵四"), carer=carer, seat=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=14), capacity=st.integers(1, 4))
def test_no_order_of_pairing_and_ending_exceeds_the_capacity(acts, capacity):
    with transaction.atomic():
        head, carer = f.head_of(f.school()), f.carer(capacity=capacity)
        children = [pupil(f"张{n}", id_number="", id_reason="invented") for n in range(5)]
        accompanied = {}
        for begin, number in acts:
            child = children[number]
            if not begin and child in accompanied:
                end(pairing=accompanied.pop(child), ended_on=f.today(), ending="other", by=head)
            elif begin and child not in accompanied and len(accompanied) < capacity:
                accompanied[child] = pair(child=child, carer=carer, by=head, started_on=f.today())
            elif begin:
                refusal(child=child, carer=carer, by=head)
            assert carer.pairings.open().count() == len(accompanied) <= capacity
        transaction.set_rollback(True)


def test_an_end_needs_a_reason_and_an_order(head):
    pairing = paired(head, f.carer(), 1)[0]
    for ended_on, ending in ((f.today(), ""), (f.today() - dt.timedelta(days=1), "other")):
        with pytest.raises(ValidationError, match="Enter the last day"):
            end(pairing=pairing, ended_on=ended_on, ending=ending, by=head)
    with pytest.raises(ValidationError, match="is in the future"):
        end(pairing=pairing, ended_on=f.today() + dt.timedelta(days=1), ending="other", by=head)
    assert Pairing.objects.open().count() == 1


def test_a_second_end_from_an_old_page_is_stale(head):
    pairing = paired(head, f.carer(), 1)[0]
    end(pairing=pairing, ended_on=f.today(), ending="other", by=head)
    with pytest.raises(StaleRecord):
        end(pairing=pairing, ended_on=f.today(), ending="carer_left", by=head)


def test_carers_follow_each_other_without_overlap(head):
    child, day = pupil(), f.today() - dt.timedelta(days=10)
    first = pair(child=child, carer=f.carer("李老师"), by=head, started_on=day - dt.timedelta(days=30))
    first = end(pairing=first, ended_on=day, ending="handed_over", by=head)
    earlier = day - dt.timedelta(days=1)
    assert "still paired with" in refusal(child=child, carer=f.carer("陈老师"), by=head, started_on=earlier)
    pair(child=child, carer=f.carer("陈老师"), by=head, started_on=day)
    with pytest.raises(ValidationError, match="the last day cannot be later"):
        end(pairing=first, ended_on=f.today(), ending="handed_over", by=head)
