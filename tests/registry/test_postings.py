"""Postings: a right comes from one that is in force, approved by a second person, and from nothing else."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from carebase.accounts.roles import Role
from registry.models import Child, Posting
from tests import factories as f
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TODAY, tick=False) as clock:
        yield clock


def sees(account) -> set[str]:
    account = type(account).objects.get(pk=account.pk)  # the postings are read once a request
    return set(Child.objects.visible_to(account).values_list("name", flat=True))


@pytest.fixture
def cadre():
    f.child("王小明")
    f.child("陈小红", living_in=f.other_village())
    return f.user(Role.VILLAGE)


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({}, {"王小明"}),
        ({"approved": False}, set()),
        ({"starts_on": dt.date(2026, 11, 21)}, set()),
        ({"starts_on": dt.date(2026, 11, 20)}, {"王小明"}),
        ({"ends_on": dt.date(2026, 11, 19)}, set()),
        ({"ends_on": dt.date(2026, 11, 20)}, {"王小明"}),
    ],
)
def test_only_a_posting_in_force_shows_children(cadre, fields, seen):
    f.post(cadre, f.village(), **fields)
    assert sees(cadre) == seen


def test_a_right_ends_at_midnight_in_shanghai(cadre, clock):
    f.post(cadre, f.village(), ends_on=dt.date(2026, 11, 20))
    clock.move_to(dt.datetime(2026, 11, 20, 15, 59, 59, tzinfo=dt.UTC))
    assert sees(cadre) == {"王小明"}
    clock.move_to(dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.UTC))
    assert sees(cadre) == set()


def test_two_postings_show_both_places(cadre):
    f.post(cadre, f.village())
    f.post(cadre, f.other_village())
    assert sees(cadre) == {"王小明", "陈小红"}


@pytest.mark.parametrize("approver", ["self", "requester"])
def test_nobody_approves_their_own_posting_or_their_own_request(cadre, approver):
    requester = f.user(Role.ADMIN)
    posting = Posting(
        user=cadre,
        division=f.village(),
        starts_on=dt.date(2026, 1, 1),
        reason="elected",
        requested_by=requester,
        approved_by=cadre if approver == "self" else requester,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        posting.save()
    with pytest.raises(ValidationError, match="second person"):
        posting.validate_constraints()


@pytest.mark.parametrize("places", [{}, {"division", "school"}, {"school", "school_class"}])
def test_a_posting_names_exactly_one_place(cadre, places):
    every = {"division": f.village(), "school": f.school(), "school_class": f.school_class()}
    posting = Posting(user=cadre, starts_on=dt.date(2026, 1, 1), reason="x", requested_by=f.user(Role.ADMIN))
    for name in places:
        setattr(posting, name, every[name])
    with pytest.raises(IntegrityError), transaction.atomic():
        posting.save()


def test_it_does_not_end_before_it_begins(cadre):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.post(cadre, f.village(), starts_on=dt.date(2026, 5, 2), ends_on=dt.date(2026, 5, 1))


def test_a_coordinator_sees_the_postings_of_the_own_division_and_no_others():
    coordinator = f.coordinator_of(f.township())
    near, teacher = f.admin_of(f.village()), f.teacher_of(f.school_class())
    far, far_head = f.admin_of(f.far_village()), f.head_of(f.other_school())
    seen = {posting.user for posting in Posting.objects.visible_to(coordinator)}
    assert seen == {coordinator, near, teacher}
    assert not seen & {far, far_head}


def test_a_village_and_a_school_see_the_postings_to_them_and_a_teacher_only_the_own():
    village, beside, far = f.admin_of(f.village()), f.admin_of(f.village()), f.admin_of(f.other_village())
    head, teacher, far_head = f.head_of(f.school()), f.teacher_of(f.school_class()), f.head_of(f.other_school())

    def seen(user):
        return {posting.user for posting in Posting.objects.visible_to(user)}

    assert seen(village) == {village, beside}
    assert seen(head) == {head, teacher}
    assert seen(teacher) == {teacher}
    assert not {far, far_head} & (seen(village) | seen(head) | seen(teacher))


def test_the_office_names_where_one_is_posted(cadre):
    f.post(cadre, f.village())
    f.post(cadre, f.school())
    assert cadre.office == "合心村、百里洲镇中心小学"


@pytest.mark.django_db(transaction=True)
def test_a_posting_is_approved_in_the_admin_site_where_no_test_opens_the_transaction(login):
    posting = f.post(f.user(Role.TEACHER), f.school_class(), approved=False)
    approver = f.user(Role.ADMIN)
    client, url = login(approver), reverse("admin:registry_posting_changelist")
    chosen = {"action": ["approve"], "_selected_action": [posting.pk]}
    assert client.post(url, form_data(client.get(url), "changelist-form", **chosen)).status_code == 302
    posting.refresh_from_db()
    assert posting.approved_by == approver
