"""Transfers: one side offers, the other accepts, and nobody else sees the file in between."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from pairing.models import Pairing
from registry.access import users_in_charge_of
from registry.models import Child, Relative, School, Transfer
from registry.transfers import services
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def child():
    """A child of one village; another of the village it goes to, and the offices of both."""
    f.child("陈小红", living_in=f.other_village())
    child = f.child("王小明", residence="百里洲镇合心村2组36号", school_class=f.school_class())
    Relative.objects.create(child=child, relation="51", name="王大山", phone="13912345678")
    return child


@pytest.fixture
def giver():
    return f.admin_of(f.village())


@pytest.fixture
def receiver():
    return f.admin_of(f.other_village())


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def offered(child, giver, to=None) -> Transfer:
    return services.offer_transfer(child=child, to=to or f.other_village(), reason="随父母搬家", by=giver)


def test_an_offered_file_stays_until_it_is_accepted(child, giver, receiver):
    transfer = offered(child, giver)
    assert client_of(giver).get(child.get_absolute_url()).status_code == 200
    assert client_of(receiver).get(child.get_absolute_url()).status_code == 404
    page = client_of(receiver).get(transfer.get_absolute_url()).content.decode()
    assert "王小明" in page
    assert not any(words in page for words in ("王大山", "13912345678", "139****5678", "2组36号", child.id_number))


def test_an_accepted_file_moves_at_once(child, giver, receiver):
    visit = f.visit(child, giver)
    transfer = offered(child, giver)
    client_of(receiver).post(transfer.get_absolute_url(), {"answer": "accept"})
    assert client_of(giver).get(child.get_absolute_url()).status_code == 404
    assert client_of(receiver).get(child.get_absolute_url()).status_code == 200
    assert Visit.objects.visible_to(receiver).get() == visit  # history stays with the child
    assert Child.objects.get(pk=child.pk).residence == "百里洲镇合心村2组36号"


def test_the_sending_side_still_sees_the_answered_offer(child, giver, receiver):
    transfer = offered(child, giver)
    services.accept_transfer(transfer=transfer, by=receiver)
    assert Transfer.objects.visible_to(giver).get().state == "accepted"


@pytest.mark.parametrize("who", ["giver", "stranger"])
def test_only_the_receiving_side_accepts(child, giver, who):
    transfer = offered(child, giver)
    user = giver if who == "giver" else f.admin_of(f.far_village())
    with pytest.raises(ValidationError):
        services.accept_transfer(transfer=transfer, by=user)
    assert Child.objects.get(pk=child.pk).village == f.village()


def test_other_offices_do_not_see_the_offer(child, giver):
    transfer = offered(child, giver)
    assert client_of(f.admin_of(f.far_village())).get(transfer.get_absolute_url()).status_code == 404


def test_a_declined_offer_has_a_reason_and_moves_nothing(child, giver, receiver):
    transfer = offered(child, giver)
    client = client_of(receiver)
    assert client.post(transfer.get_absolute_url(), {"answer": "decline"}).status_code == 200
    assert Transfer.objects.get().state == "open"
    client.post(transfer.get_absolute_url(), {"answer": "decline", "words": "不在我村居住"})
    assert (Transfer.objects.get().state, Transfer.objects.get().answer) == ("declined", "不在我村居住")
    assert Child.objects.get(pk=child.pk).village == f.village()


def test_a_withdrawn_offer_cannot_be_accepted(child, giver, receiver):
    transfer = offered(child, giver)
    client_of(giver).post(transfer.get_absolute_url(), {"answer": "withdraw"})
    response = client_of(receiver).post(transfer.get_absolute_url(), {"answer": "accept"})
    assert response.status_code in {200, 404}
    assert Child.objects.get(pk=child.pk).village == f.village()


def test_a_withdrawn_offer_is_hidden_from_the_receiving_side(child, giver, receiver):
    """It may have been offered to the wrong village; who answered keeps what they answered."""
    transfer = offered(child, giver)
    assert client_of(receiver).get(transfer.get_absolute_url()).status_code == 200
    services.withdraw_transfer(transfer=transfer, by=giver)
    declined = offered(child, giver)
    services.decline_transfer(transfer=declined, by=receiver, words="不在我村")
    assert client_of(receiver).get(transfer.get_absolute_url()).status_code == 404
    assert client_of(receiver).get(declined.get_absolute_url()).status_code == 200
    assert client_of(giver).get(transfer.get_absolute_url()).status_code == 200


def test_a_child_is_offered_to_one_office_at_a_time(child, giver):
    offered(child, giver)
    with pytest.raises(ValidationError):
        offered(child, giver, to=f.far_village())
    assert Transfer.objects.count() == 1


def test_an_offer_is_void_when_the_child_moved_meanwhile(child, giver, receiver):
    transfer = offered(child, giver)
    child.refresh_from_db()
    child.village = f.far_village()
    child.save()
    with pytest.raises(ValidationError):
        services.accept_transfer(transfer=transfer, by=receiver)
    assert Child.objects.get(pk=child.pk).village == f.far_village()


def test_a_carer_of_the_old_village_loses_the_child(child, giver, receiver):
    user = f.one_of(Role.CARER)
    Pairing.objects.create(child=child, carer=f.carer("李干部", at=f.village(), user=user), seat=1)
    assert Child.objects.visible_to(user).exists()
    services.accept_transfer(transfer=offered(child, giver), by=receiver)
    assert not Child.objects.visible_to(user).exists()
    assert Pairing.objects.get().ending == "child_left"


def test_a_carer_of_the_school_keeps_a_child_who_stays_in_its_scope(child, giver, receiver):
    Pairing.objects.create(child=child, carer=f.carer("李老师", at=f.school()), seat=1)
    services.accept_transfer(transfer=offered(child, giver), by=receiver)
    assert Pairing.objects.get().ended_on is None


def test_a_school_takes_the_pupil_into_one_of_its_classes(child):
    new_class = f.school_class(f.other_school())
    transfer = offered(child, f.head_of(f.school()), to=f.other_school())
    client = client_of(f.head_of(f.other_school()))
    foreign = client.post(transfer.get_absolute_url(), {"answer": "accept", "school_class": child.school_class_id})
    assert foreign.status_code == 200 and Transfer.objects.get().state == "open"
    client.post(transfer.get_absolute_url(), {"answer": "accept", "school_class": new_class.pk})
    child.refresh_from_db()
    assert (child.school, child.school_class) == (f.other_school(), new_class)


def test_the_old_class_teacher_loses_the_child(child):
    teacher = f.teacher_of(child.school_class)
    transfer = offered(child, f.head_of(f.school()), to=f.other_school())
    assert Child.objects.visible_to(teacher).exists()
    services.accept_transfer(transfer=transfer, by=f.head_of(f.other_school()))
    assert not Child.objects.visible_to(teacher).exists()


@pytest.mark.parametrize(
    ("kind", "words", "place"),
    [
        ("village", "百里洲镇关志村", "关志村"),
        ("village", "990101101202", "关志村"),
        ("school", "小白山乡中心小学", "小白山乡中心小学"),
        ("school", "2142000002", "小白山乡中心小学"),
    ],
)
def test_the_other_side_is_named_or_given_by_its_code(child, giver, kind, words, place):
    f.other_school()
    data = {f"{kind}-words": words, "reason": "转学"}
    by = giver if kind == "village" else f.head_of(f.school())
    client_of(by).post(f"/children/{child.code}/transfer/", data)
    assert str(Transfer.objects.get().destination) == place


@pytest.mark.parametrize("words", ["不存在村", "9" * 40, "合心村\0", "百里洲镇合心村"])
def test_a_place_that_is_none_or_the_same_is_refused_and_nothing_typed_is_lost(child, giver, words):
    data = {"village-words": words, "reason": "随父母去外地"}
    response = client_of(giver).post(f"/children/{child.code}/transfer/", data)
    assert response.status_code == 200 and "随父母去外地" in response.content.decode()
    assert not Transfer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_answers_one_succeeds(child, giver, receiver, tmp_path):
    transfer = offered(child, giver)
    accept = partial(services.accept_transfer, transfer=transfer, by=receiver)
    decline = partial(services.decline_transfer, transfer=transfer, by=receiver, words="不在我村")
    with shared_database(tmp_path):
        outcomes = run_concurrently([accept, decline])
        moved = Child.objects.get(pk=child.pk).village == f.other_village()
        state = Transfer.objects.get().state
    assert outcomes.count(DONE) == 1
    assert state == ("accepted" if moved else "declined")


# Two persons


@pytest.fixture
def coordinator():
    """Somebody who covers both sides of the transfer."""
    return f.coordinator_of(f.township())


def test_whoever_offered_a_child_cannot_accept_and_reads_who_may(child, coordinator, receiver):
    transfer = offered(child, coordinator)
    f.admin_of(f.far_village()), f.posted_user(Role.CARER, f.other_village())
    with pytest.raises(ValidationError, match=f"someone else must accept: {receiver.name}"):
        services.accept_transfer(transfer=transfer, by=coordinator)
    client = client_of(coordinator)
    page = client.get(transfer.get_absolute_url())
    assert receiver.name in page.content.decode() and not page.context["answering"]
    client.post(transfer.get_absolute_url(), {"answer": "accept"})
    assert Child.objects.get(pk=child.pk).village == f.village()
    services.accept_transfer(transfer=transfer, by=receiver)
    assert Child.objects.get(pk=child.pk).village == f.other_village()


def test_without_a_second_person_the_offer_says_that_one_is_needed(child, coordinator):
    transfer = offered(child, coordinator)
    with pytest.raises(ValidationError, match="nobody else is posted"):
        services.accept_transfer(transfer=transfer, by=coordinator)


def test_a_second_coordinator_of_both_sides_may_accept(child, coordinator):
    transfer = offered(child, coordinator)
    services.accept_transfer(transfer=transfer, by=f.coordinator_of(f.county()))
    assert Child.objects.get(pk=child.pk).village == f.other_village()


def test_the_database_refuses_one_person_on_both_sides(child, giver):
    transfer = offered(child, giver)
    transfer.state, transfer.answered_by, transfer.answered_at = "accepted", giver, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        transfer.save()


def test_those_who_are_named_are_those_to_whom_it_is_offered(child, giver, coordinator, receiver):
    """The condition on accounts and the condition on transfers say the same, for a village and for a school."""
    f.other_school()
    f.head_of(f.other_school()), f.head_of(f.school()), f.admin_of(f.far_village()), f.admin_of(f.township())
    f.coordinator_of(f.division("990101102000", "")), f.coordinator_of(f.county()), f.teacher_of(f.school_class())
    f.post(f.user(Role.HEAD), f.other_school(), approved=False)
    for to, by in ((f.other_village(), giver), (f.other_school(), f.head_of(f.school()))):
        transfer = offered(child, by, to=to)
        named = set(users_in_charge_of(to, permission="registry.change_transfer"))
        able = [user for user in User.objects.all() if user.has_perm("registry.change_transfer")]
        assert named == {user for user in able if Transfer.objects.offered_to(user).contains(transfer)} and named
        services.withdraw_transfer(transfer=transfer, by=by)


def test_who_loses_no_child_offers_none(child, giver):
    """A village gives away no pupil of a school, nor a school a child of a village; who may is named."""
    head, cadre = f.head_of(f.school()), giver
    for by, to, named in ((cadre, f.other_school(), head), (head, f.other_village(), cadre)):
        page = client_of(by).post(
            f"/children/{child.code}/transfer/",
            {"school" if isinstance(to, School) else "village": to.pk, "reason": "搬家去外婆家"},
        )
        assert page.status_code == 200 and not Transfer.objects.exists()
        assert named.name in page.content.decode() and "搬家去外婆家" in page.content.decode()


@pytest.mark.parametrize(
    ("at", "to", "ends"), [("township", "far_village", True), ("township", "other_village", False)]
)
def test_a_carer_of_the_township_keeps_the_child_within_it_only(child, giver, at, to, ends):
    Pairing.objects.create(child=child, carer=f.carer("李干部", at=getattr(f, at)()), seat=1)
    to = getattr(f, to)()
    services.accept_transfer(transfer=offered(child, giver, to=to), by=f.admin_of(to))
    assert (Pairing.objects.get().ended_on is not None) == ends


def test_the_first_school_of_a_child_takes_no_carer_of_its_village_away():
    child = f.child()
    Pairing.objects.create(child=child, carer=f.carer("李干部", at=f.village()), seat=1)
    transfer = offered(child, f.coordinator_of(f.county()), to=f.school())
    services.accept_transfer(transfer=transfer, by=f.head_of(f.school()))
    assert Pairing.objects.get().ended_on is None
