"""Merging two files with everything that belongs to them, and undoing it exactly."""

import datetime as dt

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from activities.models import Attendance, Handout
from carebase.audit.models import Action, Event
from carebase.files import private
from pairing.models import Pairing
from registry.duplicates import services
from registry.duplicates.file_comparison import FileComparison
from registry.models import (
    Absence,
    Child,
    DuplicateSettlement,
    Guardianship,
    HomeStay,
    Merge,
    Need,
    Relative,
    Survey,
)
from registry.transfers import services as transfers
from tests import factories as f
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def head():
    return f.head_of(f.school())


def file(name: str = "王小明", **fields) -> Child:
    return f.child(name, school_class=f.school_class(), **fields)


def merge(kept, gone, by, **choices):
    kept.refresh_from_db(), gone.refresh_from_db()
    return services.merge_files(kept=kept, gone=gone, choices=choices, by=by)


def refused(act, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught:
        act(*args, **kwargs)
    return " ".join(caught.value.messages)


def everything() -> dict:
    """Return the values of every row of the registry and of the apps above it, but for numbers that only ever grow."""
    rows = {}
    for app in ("registry", "visits", "pairing", "activities"):
        for model in apps.get_app_config(app).get_models():
            if model not in (Merge, DuplicateSettlement):
                names = [field.attname for field in model._meta.concrete_fields if field.name != "version"]
                rows |= {
                    (model.__name__, row.pk): [getattr(row, n) for n in names] for row in model._base_manager.all()
                }
    return rows


# What moves


def test_visits_pairings_and_attendance_move_to_the_file_that_stays(head):
    kept, gone, third = file(), file("王晓明"), file("陈小红")
    visits = [f.visit(child, head) for child in (kept, gone, third)]
    pairing = Pairing.objects.create(child=gone, carer=f.carer(), seat=1)
    outing = f.activity(at=f.school())
    attendance = Attendance.objects.create(activity=outing, child=gone)
    handout = Handout.objects.create(goods=f.goods(outing), child=gone)
    Relative.objects.create(child=gone, relation="51", name="王大山")
    Absence.objects.create(child=gone, parent="51")
    made = merge(kept, gone, head)
    for row in (visits[1], pairing, attendance, handout):
        row.refresh_from_db()
        assert row.child == kept
    assert Visit.objects.get(pk=visits[2].pk).child == third
    assert kept.relatives.get().name == "王大山" and kept.absences.get().parent == "51"
    assert made.stayed == [] and len(made.moved) == 6


def test_the_other_file_is_closed_as_a_duplicate(head):
    kept, gone = file(), file("王晓明")
    merge(kept, gone, head)
    gone.refresh_from_db()
    assert (gone.closed_on, gone.closing) == (f.today(), "duplicate")
    assert list(Child.objects.visible_to(head).open()) == [kept]


def test_the_id_number_moves_to_the_kept_file(head):
    kept, gone = file(id_number="", id_reason="未落户"), file()
    number = gone.id_number
    merge(kept, gone, head, id_number="gone")
    kept.refresh_from_db(), gone.refresh_from_db()
    assert (kept.id_number, kept.id_reason) == (number, "")
    assert gone.id_number == "" and kept.code in gone.id_reason


def test_only_chosen_values_are_copied(head):
    kept = file(hukou_place="宜昌", residence="一组", condition="ill", illness="哮喘")
    gone = file(hukou_place="荆州", residence="二组", condition="disabled", disability="62", disability_grade=2)
    merge(kept, gone, head, hukou_place="gone", condition="gone", residence="kept", ethnicity="gone")
    kept.refresh_from_db()
    assert (kept.hukou_place, kept.residence, kept.condition, kept.illness) == ("荆州", "一组", "disabled", "")
    assert (kept.disability, kept.disability_grade) == ("62", 2)


def test_a_father_in_both_files_is_merged_field_by_field(head):
    kept, gone = file(), file()
    Relative.objects.create(child=kept, relation="51", name="王大山", phone="13800000001")
    other = Relative.objects.create(child=gone, relation="51", name="王大三", phone="13800000002")
    made = merge(kept, gone, head, **{"relative-51-phone": "gone"})
    father = kept.relatives.get()
    assert (father.name, father.phone) == ("王大山", "13800000002")
    other.refresh_from_db()
    assert other.child == gone and made.stayed == [["registry.relative", "Father"]]


def test_a_second_attendance_stays_with_the_closed_file(head):
    kept, gone = file(), file()
    outing = f.activity(at=f.school())
    rows = [Attendance.objects.create(activity=outing, child=child) for child in (kept, gone)]
    made = merge(kept, gone, head)
    assert [Attendance.objects.get(pk=row.pk).child for row in rows] == [kept, gone]
    assert made.stayed == [["activities.attendance", gone.code]]


def test_of_two_pairings_the_second_is_ended_and_kept(head):
    kept, gone = file(), file()
    first = Pairing.objects.create(child=kept, carer=f.carer("甲"), seat=1)
    second = Pairing.objects.create(child=gone, carer=f.carer("乙"), seat=1)
    merge(kept, gone, head)
    first.refresh_from_db(), second.refresh_from_db()
    assert first.ended_on is None
    assert (second.child, second.ended_on, second.ending) == (kept, f.today(), "file_closed")


def test_open_absences_and_guardianships_of_both_files_do_not_collide(head):
    kept, gone = file(), file()
    for child, since in ((kept, 2024), (gone, 2025)):
        Absence.objects.create(child=child, parent="52", left_on=dt.date(since, 1, 1))
        Guardianship.objects.create(child=child, name=f"李{since}", starts_on=dt.date(since, 1, 1))
    merge(kept, gone, head, **{"absence-52": "gone", "guardianship": "kept"})
    assert kept.absences.get().left_on == dt.date(2025, 1, 1) and kept.guardianships.get().name == "李2024"
    assert gone.absences.count() == gone.guardianships.count() == 1


def test_the_only_photo_moves_and_an_undo_moves_it_back(head):
    kept, gone, third = file(), f.with_photo(file("王晓明")), f.with_photo(file("陈小红"))
    name, others = gone.photo, third.photo
    made = merge(kept, gone, head)
    assert [row.photo for row in (reread(kept), reread(gone), reread(third))] == [name, "", others]
    services.undo_merge(merge=made, by=head)
    assert [row.photo for row in (reread(kept), reread(gone))] == ["", name]
    assert private.part_exists(name, "small")


def test_of_two_photos_each_stays_with_its_file(head):
    kept, gone = f.with_photo(file()), f.with_photo(file("王晓明"))
    names = [kept.photo, gone.photo]
    merge(kept, gone, head)
    assert [reread(kept).photo, reread(gone).photo] == names


def test_living_alone_is_chosen_with_the_guardianship_and_never_lost(head):
    kept, gone = file(), file("王晓明")
    f.guardianship(kept), f.guardianship(gone, name="", alone=True, found_on=f.today())
    rows = {row.name: row for row in FileComparison(kept, gone).compare()}
    assert rows["guardianship"].choice and "lives alone" in rows["guardianship"].right
    merge(kept, gone, head, guardianship="gone")
    assert list(Guardianship.objects.living_alone().values_list("child", flat=True)) == [kept.pk]


def test_an_agreement_moves_with_its_guardian(head):
    kept, gone, third = file(), file("王晓明"), file("陈小红")
    f.guardianship(kept), f.entrustment(gone), f.entrustment(third)
    made = merge(kept, gone, head, guardianship="gone")
    assert kept.guardianships.get().entrustment.signed_on
    assert third.guardianships.get().entrustment.signed_on
    services.undo_merge(merge=made, by=head)
    assert gone.guardianships.get().entrustment.signed_on
    assert not hasattr(kept.guardianships.get(), "entrustment")


def test_an_agreement_does_not_move_to_another_guardian(head):
    kept, gone = file(), file("王晓明")
    f.entrustment(kept)
    f.guardianship(gone, name="王二叔", entrusted=True)
    assert "agreement" in refused(merge, kept, gone, head, guardianship="gone")
    merge(kept, gone, head, guardianship="kept")
    assert kept.guardianships.get().name == "李奶奶" and kept.guardianships.get().entrustment


def test_visits_home_move_to_the_absence_in_the_kept_file(head):
    kept, gone, third = file(), file("王晓明"), file("陈小红")
    absences = [f.absence(child) for child in (kept, gone, third)]
    days = [dt.date(2026, 5, 1), dt.date(2026, 5, 2), dt.date(2026, 5, 3)]
    stays = [
        HomeStay.objects.create(child=a.child, absence=a, came_on=day) for a, day in zip(absences, days, strict=True)
    ]
    made = merge(kept, gone, head)
    assert [stay.came_on for stay in absences[0].home_stays.order_by("came_on")] == days[:2]
    stays[1].refresh_from_db()
    assert stays[1].child == kept and HomeStay.objects.get(pk=stays[2].pk).absence == absences[2]
    services.undo_merge(merge=made, by=head)
    assert absences[1].home_stays.get().child == gone


def test_visits_home_move_with_an_absence_that_only_one_file_has(head):
    kept, gone = file(), file("王晓明")
    f.absence(kept, "52")
    absence = f.absence(gone)
    HomeStay.objects.create(child=gone, absence=absence, came_on=dt.date(2026, 5, 1))
    merge(kept, gone, head)
    assert kept.home_stays.get().absence == absence and kept.absences.count() == 2


def test_a_file_that_is_offered_to_another_office_is_not_merged(head):
    kept, gone, third = file(), file("王晓明"), file("陈小红")
    f.transfer(third, to=f.far_village(), by=head)
    offer = f.transfer(gone, to=f.far_village(), by=head)
    assert "offered to another office" in refused(merge, kept, gone, head)
    transfers.withdraw_transfer(transfer=offer, by=head)
    assert merge(kept, gone, head).kept == kept


def test_of_two_surveys_of_a_term_the_second_stays_and_its_tasks_move(head):
    kept, gone, third = file(), file("王晓明"), file("陈小红")
    surveys = [f.survey(child, head) for child in (kept, gone, third)]
    needs = [f.need(survey) for survey in surveys]
    made = merge(kept, gone, head)
    assert [row.child for row in Survey.objects.order_by("pk")] == [kept, gone, third]
    assert [row.child for row in Need.objects.order_by("pk")] == [kept, kept, third]
    services.undo_merge(merge=made, by=head)
    needs[1].refresh_from_db()
    assert needs[1].child == gone


def reread(child: Child) -> Child:
    return Child.objects.get(pk=child.pk)


def test_every_foreign_key_to_a_child_is_moved():
    found = {field.model._meta.label for field in services.fields_to_child()}
    expected = {"registry.Relative", "registry.Absence", "registry.Guardianship", "visits.Visit", "pairing.Pairing"}
    assert found >= expected | {"activities.Attendance", "activities.Handout", "registry.Referral"}
    assert not found & {"registry.Merge", "registry.DuplicateSettlement"}


# What is refused


def test_contradictory_values_are_refused_and_nothing_is_saved(head):
    kept, gone = file(sex="1"), file(sex="2")
    before = everything()
    assert "The ID number shows another sex" in refused(merge, kept, gone, head, id_number="gone")
    assert everything() == before and not Merge.objects.exists()


def test_a_file_of_another_office_is_not_merged(head):
    kept, far = file(), f.child(school_class=f.school_class(f.other_school()))
    assert "outside your area" in refused(merge, kept, far, head)
    assert "outside your area" in refused(merge, far, kept, head)


def test_a_file_saved_meanwhile_is_refused(head):
    kept, gone = file(), file()
    Child.objects.get(pk=gone.pk).save()
    words = refused(services.merge_files, kept=kept, gone=gone, choices={}, by=head)
    assert "Someone changed one of these files in the meantime" in words


def test_a_merged_file_is_not_merged_again(head):
    kept, gone, third = file(), file(), file()
    merge(kept, gone, head)
    assert "already merged" in refused(merge, third, gone, head)
    assert "already merged" in refused(merge, gone, third, head)


def test_a_closed_file_cannot_stay_instead_of_an_open_one(head):
    kept, gone = file(closed_on=f.today(), closing="moved"), file()
    assert "keep the open one" in refused(merge, kept, gone, head)
    merge(gone, kept, head)


# The audit trail


def test_both_histories_show_the_merge_and_its_undoing(head):
    kept, gone = file(), file()
    made = merge(kept, gone, head)
    services.undo_merge(merge=made, by=head)
    for child in (kept, gone):
        lines = Event.objects.filter(subject=child.code, model="registry.merge", user=head).order_by("pk")
        assert [line.action for line in lines] == [Action.CREATE, Action.CHANGE]


def test_the_event_of_a_moved_row_has_the_version_of_its_new_file(head):
    kept, gone = file(), file()
    Relative.objects.create(child=gone, relation="51", name="王大山")
    merge(kept, gone, head)
    kept.refresh_from_db()
    line = Event.objects.get(model="registry.relative", action=Action.CHANGE)
    assert (line.subject, line.detail, line.changes) == (
        kept.code,
        {"file_version": kept.version},
        {"child": [gone.pk, kept.pk]},
    )


def test_old_values_are_encrypted_in_the_database(head):
    kept, gone = file(residence="一组一号"), file(residence="二组二号")
    made = merge(kept, gone, head, residence="gone")
    stored = Merge.objects.extra(select={"stored": "changes"}).values_list("stored", flat=True).get(pk=made.pk)
    assert "一组" not in str(stored).encode().decode("unicode_escape")


# Undoing; test_snapshots.py shows that every row is restored


def test_later_records_stay_with_the_kept_file(head):
    kept, gone = file(), file(hukou_place="荆州")
    made = merge(kept, gone, head, hukou_place="gone")
    later = f.visit(kept, head)
    kept.refresh_from_db()
    kept.residence = "三组"
    kept.save()
    services.undo_merge(merge=made, by=head)
    kept.refresh_from_db()
    assert kept.hukou_place == "" and kept.residence == "三组" and Visit.objects.get(pk=later.pk).child == kept


def test_undoing_does_not_overwrite_later_changes(head):
    kept, gone = file(), file(hukou_place="荆州")
    made = merge(kept, gone, head, hukou_place="gone")
    kept.refresh_from_db()
    kept.hukou_place = "恩施"
    kept.save()
    assert "can no longer be undone" in refused(services.undo_merge, merge=made, by=head)
    gone.refresh_from_db()
    assert gone.closing == "duplicate"


def test_a_moved_row_that_was_deleted_cannot_be_moved_back(head):
    kept, gone = file(), file()
    attendance = Attendance.objects.create(activity=f.activity(at=f.school()), child=gone)
    made = merge(kept, gone, head)
    attendance.delete()
    assert "can no longer be undone" in refused(services.undo_merge, merge=made, by=head)


def test_undoing_is_refused_when_a_seat_is_taken(head):
    kept, gone = file(), file()
    Pairing.objects.create(child=kept, carer=f.carer("甲"), seat=1)
    carer = f.carer("乙", capacity=1)
    Pairing.objects.create(child=gone, carer=carer, seat=1)
    made = merge(kept, gone, head)
    Pairing.objects.create(child=file(), carer=carer, seat=1)
    assert "can no longer be undone" in refused(services.undo_merge, merge=made, by=head)


def test_a_later_merge_must_be_undone_first(head):
    first, second, third = file(), file(), file()
    earlier = merge(second, third, head)
    later = merge(first, second, head)
    assert "undo that merge first" in refused(services.undo_merge, merge=earlier, by=head)
    services.undo_merge(merge=later, by=head)
    services.undo_merge(merge=earlier, by=head)
    assert "already undone" in refused(services.undo_merge, merge=earlier, by=head)
    assert Child.objects.open().count() == 3


def test_another_office_cannot_undo_it(head):
    made = merge(file(), file(), head)
    assert "outside your area" in refused(services.undo_merge, merge=made, by=f.head_of(f.other_school()))


# Settling


def test_a_pair_is_settled_once_whichever_way_round(head):
    one, other = file(), file()
    services.mark_as_different(one=other, other=one, reason="双胞胎", by=head)
    assert "already decided on this pair" in refused(
        services.mark_as_different, one=one, other=other, reason="再说", by=head
    )
    lines = Event.objects.filter(model="registry.duplicatesettlement").values_list("subject", flat=True)
    assert set(lines) == {one.code, other.code}


def test_a_file_of_another_office_is_not_settled_with(head):
    far = f.child(school_class=f.school_class(f.other_school()))
    assert "outside your area" in refused(services.mark_as_different, one=file(), other=far, reason="x", by=head)


def test_of_two_offices_with_a_file_each_only_one_above_both_says_which_loses_it(head):
    """Whoever merges files of two villages takes the child from one of them."""
    here = file()
    there = file(living_in=f.other_village())
    assert "Ask the coordinator above both" in refused(merge, here, there, head)
    merge(here, there, f.coordinator_of(f.township()))
    there.refresh_from_db()
    assert there.closing == Child.Closing.DUPLICATE
