"""Attendance and goods: lists within one's scope, and never more handed out than there was."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.models import Activity, Attendance, Goods, Handout
from activities.services import hand_out, record_attendance, save_goods
from carebase.audit.models import Action, Event
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def cadre():
    return f.admin_of(f.village())


@pytest.fixture
def activity():
    return f.activity(at=f.village())


def villagers(number):
    return [f.child(f"张{n}") for n in range(number)]


def present(activity) -> set[str]:
    return {row.child.name for row in Attendance.objects.filter(activity=activity).select_related("child")}


def test_the_list_becomes_what_was_ticked(cadre, activity):
    first, second, third = villagers(3)
    assert record_attendance(activity=activity, children=[first, second], by=cadre) == (2, 0)
    assert record_attendance(activity=activity, children=[second, third], by=cadre) == (1, 1)
    assert present(activity) == {"张1", "张2"}


def test_each_name_that_is_added_or_removed_is_recorded(cadre, activity):
    (child,) = villagers(1)
    record_attendance(activity=activity, children=[child], by=cadre)
    record_attendance(activity=activity, children=[], by=cadre)
    events = Event.objects.filter(model="activities.attendance", subject=child.code, user=cadre)
    assert sorted(events.values_list("action", flat=True)) == [Action.CREATE, Action.DELETE]


def test_the_same_list_again_writes_nothing(cadre, activity):
    children = villagers(2)
    record_attendance(activity=activity, children=children, by=cadre)
    before = Event.objects.count()
    assert record_attendance(activity=activity, children=children, by=cadre) == (0, 0)
    assert Event.objects.count() == before


def test_children_of_another_village_stay_on_the_list(cadre, activity):
    other = f.child("陈小红", living_in=f.other_village())
    record_attendance(activity=activity, children=[other], by=f.coordinator_of(f.township()))
    record_attendance(activity=activity, children=villagers(1), by=cadre)
    record_attendance(activity=activity, children=[], by=cadre)
    assert present(activity) == {"陈小红"}


def test_a_child_or_an_activity_out_of_scope_is_refused(cadre, activity):
    other = f.child("陈小红", living_in=f.other_village())
    with pytest.raises(ValidationError, match="outside your area"):
        record_attendance(activity=activity, children=[*villagers(1), other], by=cadre)
    elsewhere = f.activity(at=f.other_village())
    with pytest.raises(ValidationError, match="outside your area"):
        record_attendance(activity=elsewhere, children=villagers(1), by=cadre)
    with pytest.raises(ValidationError, match="outside your area"):
        hand_out(activity=elsewhere, by=cadre)
    assert not Attendance.objects.exists()


def test_a_teacher_keeps_the_list_of_the_own_class():
    own, other = f.school_class(), f.school_class(number=2)
    activity = f.activity("读书会", at=f.school())
    mine, neighbour = f.child("王小明", school_class=own), f.child("陈小红", school_class=other)
    record_attendance(activity=activity, children=[neighbour], by=f.teacher_of(other))
    record_attendance(activity=activity, children=[mine], by=f.teacher_of(own))
    assert present(activity) == {"王小明", "陈小红"}


def test_who_received_something_stays_on_the_list(cadre, activity):
    first, second = villagers(2)
    f.goods(activity)
    record_attendance(activity=activity, children=[first], by=cadre)
    hand_out(activity=activity, by=cadre)
    with pytest.raises(ValidationError, match="张0 received something here and stays on the list"):
        record_attendance(activity=activity, children=[second], by=cadre)
    assert present(activity) == {"张0"}


def test_each_child_present_gets_one_of_each_and_only_once(cadre, activity):
    f.goods(activity, "书包", 34)
    f.goods(activity, "文具", 34)
    f.goods(f.activity("别的活动"), "图书", 34)
    first, second = villagers(2)
    record_attendance(activity=activity, children=[first], by=cadre)
    assert hand_out(activity=activity, by=cadre) == 2
    record_attendance(activity=activity, children=[first, second], by=cadre)
    assert hand_out(activity=activity, by=cadre) == 2
    assert hand_out(activity=activity, by=cadre) == 0
    received = sorted(Handout.objects.values_list("goods__item", "child__name", "quantity"))
    assert received == sorted((item, name, 1) for item in ("书包", "文具") for name in ("张0", "张1"))


def test_goods_that_run_short_are_refused_as_a_whole_with_a_reason(cadre, activity):
    f.goods(activity, "文具", 9)
    f.goods(activity, "书包", 2)
    record_attendance(activity=activity, children=villagers(3), by=cadre)
    with pytest.raises(ValidationError, match="Of 书包 2 are left, for 3 children who have received none."):
        hand_out(activity=activity, by=cadre)
    assert not Handout.objects.exists()


def test_what_other_villages_received_counts_against_the_stock(cadre, activity):
    f.goods(activity, "书包", 2)
    coordinator = f.coordinator_of(f.township())
    others = [f.child(f"陈{n}", living_in=f.other_village()) for n in range(2)]
    record_attendance(activity=activity, children=others, by=coordinator)
    hand_out(activity=activity, by=coordinator)
    record_attendance(activity=activity, children=villagers(1), by=cadre)
    with pytest.raises(ValidationError, match="Of 书包 0 are left"):
        hand_out(activity=activity, by=cadre)


def test_handing_out_is_recorded_in_each_childs_trail(cadre, activity):
    f.goods(activity)
    children = villagers(2)
    record_attendance(activity=activity, children=children, by=cadre)
    hand_out(activity=activity, by=cadre)
    events = Event.objects.filter(model="activities.handout", action=Action.CREATE, user=cadre)
    assert set(events.values_list("subject", flat=True)) == {child.code for child in children}


def test_goods_are_not_lowered_below_what_was_handed_out(cadre, activity):
    line = f.goods(activity, "书包", 5)
    record_attendance(activity=activity, children=villagers(2), by=cadre)
    hand_out(activity=activity, by=cadre)
    line.quantity = 1
    with pytest.raises(ValidationError, match="2 of 书包 were already handed out"):
        save_goods(activity=activity, saved=[line], removed=[], by=cadre)
    with pytest.raises(ValidationError, match="2 of 书包 were already handed out"):
        save_goods(activity=activity, saved=[], removed=[line], by=cadre)
    line.quantity = 2
    save_goods(activity=activity, saved=[line], removed=[], by=cadre)
    assert Goods.objects.get().quantity == 2


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stock=st.lists(st.integers(1, 4), max_size=3), lists=st.lists(st.sets(st.integers(0, 4)), max_size=4))
def test_handouts_never_exceed_the_stock_and_only_the_present_receive(cadre, stock, lists):
    activity, children = f.activity(), list(f.Child.objects.order_by("pk")) or villagers(5)
    for number, quantity in enumerate(stock):
        f.goods(activity, f"物品{number}", quantity)
    for ticked in lists:
        try:
            record_attendance(activity=activity, children=[children[n] for n in ticked], by=cadre)
            hand_out(activity=activity, by=cadre)
        except ValidationError:
            pass
        for line in activity.goods.annotate(given=Sum("handouts__quantity", default=0)):
            assert line.given <= line.quantity
        received = set(Handout.objects.filter(goods__activity=activity).values_list("child__name", flat=True))
        assert received <= present(activity)


@pytest.mark.django_db(transaction=True)
def test_two_villages_at_once_do_not_hand_out_the_same_piece(tmp_path):
    activity = f.activity(at=f.township())
    f.goods(activity, "书包", 4)
    coordinators = [f.coordinator_of(f.township()) for _ in range(6)]
    record_attendance(activity=activity, children=villagers(4), by=coordinators[0])
    with shared_database(tmp_path):
        activity = Activity.objects.get()
        outcomes = run_concurrently([lambda by=by: hand_out(activity=activity, by=by) for by in coordinators])
        assert Handout.objects.count() == 4
    assert outcomes == [DONE] * 6
