"""Referring a child to a counsellor: who may, to whom, until when, and who reads why."""

import datetime as dt
import importlib

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.audit.models import Event
from carebase.encryption.crypto import decrypt
from registry.access import counsellors_for
from registry.models import Referral
from registry.transfers import services as transfers
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
REASON = "父亲去世后沉默少语"


@pytest.fixture
def child():
    return f.child("王小明", school_class=f.school_class())


@pytest.fixture
def counsellor():
    return f.posted_user(Role.COUNSELLOR, f.township(), name="周老师")


def answers(child, counsellor, **more):
    return {"child": child.code, "counsellor": counsellor.pk, "referred_on": f.today(), "reason": REASON, **more}


def refer_url(child) -> str:
    return f"{reverse('referral-create')}?child={child.code}"


@pytest.mark.parametrize("who", ["teacher", "head", "coordinator"])
def test_a_child_is_referred_from_its_file_and_the_counsellor_sees_it_at_once(child, counsellor, login, who):
    places = {"teacher": child.school_class, "head": child.school, "coordinator": f.township()}
    user = f.posted_user(who, places[who])
    assert login(counsellor).get(child.get_absolute_url()).status_code == 404
    client, of_child = login(user), reverse("child-referrals", args=[child.code])
    assert of_child in client.get(child.get_absolute_url()).content.decode()
    assert refer_url(child) in client.get(of_child).content.decode()
    assert "周老师" in client.get(refer_url(child)).content.decode()
    assert client.post(refer_url(child), answers(child, counsellor)).url == of_child
    referral = Referral.objects.get()
    assert (referral.child, referral.counsellor, referral.by, referral.reason) == (child, counsellor, user, REASON)
    assert login(counsellor).get(child.get_absolute_url()).status_code == 200


def test_the_reason_is_encrypted_in_the_database_and_in_the_trail(child, counsellor):
    referral = f.referral(child, counsellor, reason=REASON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM registry_referral")
        (stored,) = cursor.fetchone()
    assert REASON not in stored and decrypt("registry.referral.reason", stored) == REASON
    referral.reason = "睡不着"
    referral.save()
    event = Event.objects.get(model="registry.referral", action="change")
    assert "reason" in event.changes and event.subject == child.code and REASON not in str(event.changes)


def test_only_counsellors_with_a_posting_in_force_in_the_county_can_be_chosen(child, counsellor, login):
    yesterday = f.today() - dt.timedelta(days=1)
    province = f.posted_user(Role.COUNSELLOR, f.division("990000000000", "某省"))
    schools = f.posted_user(Role.COUNSELLOR, f.other_school())
    ended, waiting, far, blocked = (f.user(Role.COUNSELLOR) for _ in range(4))
    f.post(ended, f.township(), ends_on=yesterday)
    f.post(waiting, f.township(), approved=False)
    f.post(far, f.division("990102101000", "别县某镇"))
    f.post(blocked, f.township())
    blocked.is_active = False
    blocked.save()
    head = f.head_of(child.school)
    assert set(counsellors_for(child)) == {counsellor, province, schools}
    for other in (ended, far, head):
        response = login(head).post(refer_url(child), answers(child, other))
        assert response.status_code == 200 and REASON in response.content.decode()
    assert not Referral.objects.exists()


def test_a_child_is_referred_to_a_counsellor_once_at_a_time(child, counsellor, login):
    referral, client = f.referral(child, counsellor), login(f.head_of(child.school))
    refused = client.post(refer_url(child), answers(child, counsellor))
    assert "The child is already referred to this counsellor." in refused.content.decode()
    assert REASON in refused.content.decode()
    referral.ended_on = f.today()
    referral.save()
    assert client.post(refer_url(child), answers(child, counsellor)).status_code == 302


def test_a_closed_file_is_not_referred(child, counsellor, login):
    child.closed_on, child.closing = f.today(), "moved"
    child.save()
    client = login(f.head_of(child.school))
    assert "Reopen it first" in client.post(refer_url(child), answers(child, counsellor)).content.decode()
    assert refer_url(child) not in client.get(reverse("child-referrals", args=[child.code])).content.decode()


def test_a_child_of_another_class_is_not_referred(child, counsellor, login):
    client = login(f.teacher_of(f.school_class(number=2)))
    assert client.post(refer_url(child), answers(child, counsellor)).status_code == 404
    assert not Referral.objects.exists()


def end(client, referral, **more):
    data = {"ended_on": f.today(), "ending": "情绪已稳定", "version": referral.version, **more}
    return client.post(reverse("referral-update", args=[referral.code]), data)


def test_a_referral_ends_with_a_day_and_a_reason_and_stays_in_the_list(child, counsellor, login):
    referral, client = f.referral(child, counsellor), login(f.head_of(child.school))
    assert "This field is required." in end(client, referral, ending="").content.decode()
    assert end(client, referral).url == referral.get_absolute_url()
    page = client.get(referral.get_absolute_url()).content.decode()
    assert "情绪已稳定" in page and "End the referral" not in page
    listed = {show: rows(client, show=show) for show in ("", "ended", "all")}
    assert {show: len(found) for show, found in listed.items()} == {"": 0, "ended": 1, "all": 1}


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "The date is in the future."), (-1, "The last day is before the first day.")],
)
def test_a_referral_does_not_end_in_the_future_or_before_it_began(child, counsellor, login, days, words):
    referral, client = f.referral(child, counsellor), login(f.head_of(child.school))
    refused = end(client, referral, ended_on=f.today() + dt.timedelta(days=days))
    assert words in refused.content.decode() and "情绪已稳定" in refused.content.decode()


def test_the_database_refuses_a_referral_that_ends_before_it_began(child, counsellor):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.referral(child, counsellor, ended_on=f.today() - dt.timedelta(days=1))
    with pytest.raises(ValidationError):
        Referral(child=child, counsellor=counsellor, reason="x", ended_on=dt.date(2020, 1, 1)).full_clean()


def rows(client, **query) -> list[list[str]]:
    return [row["cells"] for row in client.get(reverse("referral-list"), query).context["rows"]]


def test_each_side_lists_its_own(child, counsellor, login):
    f.referral(child, counsellor)
    second = f.referral(child)
    f.referral(f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school())))
    today = f.today().isoformat()
    own = ["王小明", "合心村", "周老师", today, ""]
    assert rows(login(counsellor)) == [own]
    assert sorted(rows(login(f.head_of(child.school)))) == sorted([own, [*own[:2], second.counsellor.name, today, ""]])
    assert rows(login(f.teacher_of(f.school_class(number=2)))) == []


def test_the_reason_is_read_by_the_counsellor_and_by_those_who_may_refer(child, counsellor, login):
    referral = f.referral(child, counsellor, reason=REASON)
    other = f.referral(child).counsellor
    for user in (counsellor, f.teacher_of(child.school_class), f.head_of(child.school), f.coordinator_of(f.county())):
        assert REASON in login(user).get(referral.get_absolute_url()).content.decode()
    assert login(other).get(referral.get_absolute_url()).status_code == 404
    for role, place in ((Role.VILLAGE, f.village()), (Role.CARER, f.village()), (Role.AUDITOR, f.township())):
        assert login(f.posted_user(role, place)).get(referral.get_absolute_url()).status_code == 403


def test_reading_a_referral_leaves_a_line_in_the_childs_trail(child, counsellor, login):
    referral = f.referral(child, counsellor)
    login(counsellor).get(referral.get_absolute_url())
    event = Event.objects.get(action="view")
    assert (event.user, event.subject, event.object_code) == (counsellor, child.code, referral.code)


def test_the_counsellor_reaches_the_list_from_the_home_page(child, counsellor, login):
    f.referral(child, counsellor)
    page = login(counsellor).get("/").content.decode()
    assert "Children referred to you" in page and reverse("referral-list") in page


def test_the_reasons_of_the_days_before_are_sealed_and_can_be_unsealed(child, counsellor):
    migration = importlib.import_module("registry.migrations.0019_seal_referrals")
    before = MigrationLoader(connection).project_state(("registry", "0019_seal_referrals")).apps  # a plain text then
    referral = f.referral(child, counsellor)
    plain = before.get_model("registry", "Referral").objects.filter(pk=referral.pk)
    plain.update(reason=REASON)
    migration.seal(before, None)
    referral.refresh_from_db()
    assert referral.reason == REASON and plain.get().reason != REASON
    migration.unseal(before, None)
    assert plain.get().reason == REASON


def test_a_transfer_out_of_the_county_ends_the_referral_to_a_counsellor_of_it(child, counsellor):
    province = f.posted_user(Role.COUNSELLOR, f.division("990000000000", "某省"))
    ended, kept = f.referral(child, counsellor), f.referral(child, province)
    other, elsewhere = f.referral(f.child("陈小红"), counsellor), f.division("990102101201", "别县某村")
    offer = transfers.offer_transfer(child=child, to=f.far_village(), reason="搬家", by=f.admin_of(f.village()))
    transfers.accept_transfer(transfer=offer, by=f.admin_of(f.far_village()))
    assert Referral.objects.open().count() == 3  # another township of the county
    offer = transfers.offer_transfer(child=child, to=elsewhere, reason="搬家", by=f.admin_of(f.far_village()))
    transfers.accept_transfer(transfer=offer, by=f.admin_of(elsewhere))
    assert set(Referral.objects.open()) == {kept, other}
    ended.refresh_from_db()
    assert (ended.ended_on, ended.ending) == (f.today(), "The child moved away.")
