"""Many coordinators at the same instant: the capacity of a carer and the one carer of a child hold."""

import pytest

from pairing.models import Pairing
from pairing.services import pair
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def pairing_of(head, child, carer):
    return lambda: pair(child=child, carer=carer, by=head, started_on=f.today())


@pytest.fixture
def pupils():
    return [f.child(f"张{n}", school_class=f.school_class()) for n in range(8)]


def test_of_eight_at_once_for_the_last_seat_one_succeeds(pupils, tmp_path):
    carer = f.carer("李老师", capacity=1)
    heads = [f.head_of(f.school()) for _ in pupils]
    with shared_database(tmp_path):
        outcomes = run_concurrently([pairing_of(head, child, carer) for head, child in zip(heads, pupils, strict=True)])
        assert Pairing.objects.count() == 1
    refused = "李老师 already has 1 child, the agreed maximum; choose another carer."
    assert sorted(outcomes) == sorted([DONE] + [refused] * 7)


def test_of_eight_at_once_for_three_seats_three_succeed(pupils, tmp_path):
    carer, head = f.carer("李老师"), f.head_of(f.school())
    with shared_database(tmp_path):
        outcomes = run_concurrently([pairing_of(head, child, carer) for child in pupils])
        assert sorted(Pairing.objects.values_list("seat", flat=True)) == [1, 2, 3]
    refused = "李老师 already has 3 children, the agreed maximum; choose another carer."
    assert sorted(outcomes) == sorted([DONE] * 3 + [refused] * 5)


def test_a_child_wanted_by_eight_carers_at_once_gets_one(pupils, tmp_path):
    carers, head = [f.carer(f"老师{n}") for n in range(8)], f.head_of(f.school())
    with shared_database(tmp_path):
        outcomes = run_concurrently([pairing_of(head, pupils[0], carer) for carer in carers])
        assert Pairing.objects.count() == 1
    refused = "The child already has a carer; end that pairing first."
    assert sorted(outcomes) == sorted([DONE] + [refused] * 7)
