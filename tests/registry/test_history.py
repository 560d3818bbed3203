"""The change history of a file, masked, and reverting a revision."""

import datetime as dt

import pytest
from django.test import Client

from carebase.audit.models import Event
from registry.child_file import ChildFile
from registry.closing import services as closing
from registry.duplicates import services as duplicates
from registry.guardianship import services as guardianship
from registry.history.revert import find_revision
from registry.history.revisions import file_events, group_revisions
from registry.models import Absence, CarerRefusal, Child, Decision, Guardianship, Relative
from registry.transfers import services as transfers
from tests import factories as f
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def child():
    f.child("陈小红", living_in=f.other_village())
    return f.child("王小明")


@pytest.fixture
def client(child):
    client = Client()
    client.force_login(f.admin_of(f.village()))
    return client


def save(child: Child, family: dict | None = None, **own) -> Child:
    """Save the file as its form does: the child's own fields, then the family."""
    child = Child.objects.get(pk=child.pk)
    for name, value in own.items():
        setattr(child, name, value)
    child.save()
    if family:
        ChildFile(child).write(ChildFile(child).values() | family, on=TODAY)
    return child


def state(child: Child) -> tuple:
    """Return all that the file says, without versions and keys."""
    child = Child.objects.get(pk=child.pk)
    own = {
        field.name: getattr(child, field.attname) for field in Child._meta.concrete_fields if field.name != "version"
    }
    return own, ChildFile(child).values()


def newest(child: Child):
    return next(group_revisions(file_events(child)))


def page(client, child) -> str:
    return client.get(f"/children/{child.code}/history/").content.decode()


def post_revert(client, child, number=None) -> str:
    child.refresh_from_db()
    data = {"save": number or newest(child).last.pk, "version": child.version}
    return client.post(f"/children/{child.code}/history/", data, follow=True).content.decode()


def test_a_revision_shows_who_changed_what(client, child):
    save(child, name="王大明", village=f.village())
    text = page(client, child)
    assert "王小明" in text and "王大明" in text


def test_restricted_values_are_masked_before_and_after(client, child):
    save(child, {"father_name": "王大山", "father_phone": "13912345678"})
    save(child, {"father_phone": "13787654321"})
    text = page(client, child)
    assert "139****5678" in text and "137****4321" in text
    assert "13912345678" not in text and "13787654321" not in text


def test_one_save_of_the_form_is_one_entry(child):
    save(child, {"father_name": "王大山", "father_away": True, "mother_name": "李梅"}, illness="", name="王大明")
    kinds = {event.model for event in newest(child).events}
    assert kinds == {"registry.child", "registry.relative", "registry.absence"}


def test_the_history_of_another_file_is_not_shown(client, child):
    other = f.child("赵小兰")
    save(other, name="赵大兰")
    assert "赵大兰" not in page(client, child)


@pytest.mark.parametrize(
    ("family", "own"),
    [
        ({}, {"name": "王大明", "residence": "合心村2组"}),
        ({"father_name": "王大山", "father_away": True, "father_work_place": "广东省东莞市"}, {}),
        ({"mother_name": "—"}, {"schooling": "junior"}),
        ({"guardian_name": "李奶奶", "guardian_phone": "13712345678", "assessment": "fair"}, {}),
    ],
)
def test_a_revision_is_reverted(client, child, family, own):
    save(child, {"mother_name": "李梅", "mother_phone": "13812345678"})
    before = state(child)
    save(child, family, **own)
    assert state(child) != before
    post_revert(client, child)
    assert state(child) == before


def test_a_deleted_relative_is_restored_with_encrypted_values(client, child):
    save(child, {"mother_name": "李梅", "mother_phone": "13812345678"})
    before = state(child)
    save(child, {"mother_name": "", "mother_phone": ""})
    assert not Relative.objects.filter(child=child).exists()
    removed = newest(child).last.pk
    post_revert(client, child)
    assert state(child) == before
    assert "changed again later" in post_revert(client, child, removed), "it is there again"
    post_revert(client, child)
    assert not Relative.objects.filter(child=child).exists()


def test_a_revert_is_a_revision_and_can_be_reverted(client, child):
    save(child, name="王大明")
    post_revert(client, child)
    assert Child.objects.get(pk=child.pk).name == "王小明"
    numbers = [
        entry.last.pk for entry in group_revisions(file_events(child)) if any(event.changes for event in entry.events)
    ]
    post_revert(client, child, numbers[0])
    assert Child.objects.get(pk=child.pk).name == "王大明"


def test_a_field_that_was_changed_again_is_not_reverted(client, child):
    save(child, name="王大明")
    first = newest(child).last.pk
    save(child, name="王二明")
    text = post_revert(client, child, first)
    assert Child.objects.get(pk=child.pk).name == "王二明"
    assert "changed again later" in text


def test_the_creation_of_a_file_is_not_reverted(client, child):
    first = list(group_revisions(file_events(child)))[-1]
    post_revert(client, child, first.last.pk)
    assert Child.objects.filter(pk=child.pk).exists()


def test_an_outdated_page_reverts_nothing(client, child):
    save(child, name="王大明")
    data = {"save": newest(child).last.pk, "version": child.version}  # as it was before
    client.post(f"/children/{child.code}/history/", data)
    assert Child.objects.get(pk=child.pk).name == "王大明"


@pytest.mark.parametrize("number", ["", "x", "9" * 40, "0", "１"])
def test_an_invalid_number_reverts_nothing(client, child, number):
    save(child, name="王大明")
    child.refresh_from_db()
    data = {"save": number, "version": child.version}
    assert client.post(f"/children/{child.code}/history/", data).status_code == 302
    assert Child.objects.get(pk=child.pk).name == "王大明"


def test_a_revision_of_another_file_is_not_found(child):
    other = save(f.child("赵小兰"), name="赵大兰")
    assert find_revision(child, newest(other).last.pk) is None


def test_a_revert_cannot_move_a_child_out_of_scope(client, child):
    save(child, village=f.other_village())
    save(child, village=f.village())
    here = newest(child).last.pk
    text = post_revert(client, child, here)
    assert Child.objects.get(pk=child.pk).village == f.village()
    assert "only by a transfer" in text


def test_a_created_absence_is_deleted(client, child):
    save(child, {"father_name": "王大山"})
    before = state(child)
    save(child, {"father_away": True})
    post_revert(client, child)
    assert state(child) == before and not Absence.objects.filter(child=child).exists()


# What has a way back of its own


@pytest.fixture
def office():
    return f.coordinator_of(f.county())


@pytest.fixture
def over_all(child, office):
    """A client of the county, which sees the child wherever it goes."""
    client = Client()
    client.force_login(office)
    return client


def unchanged(client, child, words: str) -> None:
    """Try to put the newest save back, and see that it is refused in `words` while nothing changes."""
    before, counted = state(child), Event.objects.filter(action="change").count()
    assert words in post_revert(client, child)
    assert state(child) == before and Event.objects.filter(action="change").count() == counted


def test_a_transfer_is_not_reverted(over_all, child, office):
    transfer = f.transfer(child, to=f.far_village(), by=office)
    transfers.accept_transfer(transfer=transfer, by=f.coordinator_of(f.county()))
    unchanged(over_all, child, "on the page for that")


def test_a_merge_is_not_reverted_in_part(over_all, child, office):
    gone = f.child("王晓明", hukou_place="荆州")
    duplicates.merge_files(kept=child, gone=gone, choices={"hukou_place": "gone"}, by=office)
    unchanged(over_all, child, "on the page for that")
    unchanged(over_all, gone, "their own pages")


def test_closing_is_not_reverted(over_all, child, office):
    closing.close_file(child=child, ground="moved", on=f.today(), by=office)
    unchanged(over_all, child, "their own pages")


def test_a_decision_to_keep_a_file_open_is_not_reverted(client, child, office):
    closing.keep_open(child=child, ground="age", until=f.today() + dt.timedelta(days=9), reason="仍需关爱", by=office)
    unchanged(client, child, "cannot be reverted here")
    assert Decision.objects.get().child == child


def test_a_refused_carer_is_not_reverted(client, child):
    guardianship.refuse_carer(child=child, name="王酒徒", grounds=["addicted"], by=f.admin_of(f.village()))
    unchanged(client, child, "cannot be reverted here")
    assert CarerRefusal.objects.get().child == child


def begin(client, child, **typed):
    url = f"/children/{child.code}/guardianship/new/"
    return client.post(url, form_values(client.get(url)) | {"starts_on": f.today().isoformat()} | typed)


def test_a_guardianship_with_an_agreement_is_not_reverted(client, child):
    f.guardianship(child, starts_on=dt.date(2026, 1, 1))
    declared = dict.fromkeys(("harmed", "addicted", "neglected", "unsuitable"), "no")
    asked = {"care": "entrusted", "name": "王二叔", "reasons": "近亲", "opinion": "too_young"}
    assert begin(client, child, **asked, **declared).status_code == 302
    unchanged(client, child, "on the page for that")
    assert Guardianship.objects.get(name="王二叔").entrustment


def test_a_guardianship_without_one_is_reverted_and_the_previous_reopened(client, child):
    f.guardianship(child, starts_on=dt.date(2026, 1, 1))
    assert begin(client, child, care="family", name="王二叔").status_code == 302
    post_revert(client, child)
    row = Guardianship.objects.get()
    assert (row.name, row.ends_on) == ("李奶奶", None)


def test_the_alarm_of_a_child_living_alone_is_not_reverted(client, child):
    assert begin(client, child, care="alone", found_on=f.today().isoformat()).status_code == 302
    unchanged(client, child, "new guardianship can")
    assert Guardianship.objects.living_alone().exists()


def test_a_changed_photo_is_not_reverted(client, child):
    f.with_photo(child)
    unchanged(client, child, "no longer has the old photo")


def test_a_note_is_read_in_the_history_and_put_back_though_the_trail_has_it_sealed(client, child):
    save(child, illness="哮喘", condition="ill")
    before = state(child)
    save(child, illness="心脏病")
    assert "哮喘" not in str(newest(child).last.changes)
    assert "哮喘" in page(client, child) and "心脏病" in page(client, child)
    assert "Reverted" in post_revert(client, child)
    assert state(child) == before


def test_a_note_that_the_trail_holds_from_before_in_plain_is_put_back_too(client, child):
    save(child, condition="ill", illness="心脏病")
    number = Event.objects.create(
        action="change",
        model="registry.child",
        object_code=child.code,
        subject=child.code,
        changes={"illness": ["哮喘", "心脏病"]},
    ).pk
    post_revert(client, child, number)
    assert Child.objects.get(pk=child.pk).illness == "哮喘"
