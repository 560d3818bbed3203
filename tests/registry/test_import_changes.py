"""A sheet imported again: what it changes in existing files, and what it leaves alone."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carebase.audit.models import Event
from registry.child_file import ChildFile
from registry.imports import decisions, staging, writer
from registry.models import Child, Guardianship, ImportRow
from tests import factories as f
from tests import workbooks
from tests.workbooks import number, row

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LATER = "填报日期：2026年10月20日"


def stage(by, *rows, **options):
    return staging.stage_file(name="census.xlsx", data=workbooks.official_form(*rows, **options), term=f.term(), by=by)


def save_rows(by, *rows):
    batch = stage(by, *rows)
    writer.save_batch(batch=batch, by=by)
    batch.refresh_from_db()
    return batch


def changes(batch) -> dict:
    return {name: (old, new) for row in batch.rows.all() for name, old, new in row.changes}


def statuses(batch) -> list[str]:
    return [row.status for row in batch.rows.order_by("pk")]


def test_only_the_cells_that_differ_are_changed_and_empty_ones_change_nothing(by):
    save_rows(by, row(), row(name="李小花", id_number=number(13)))
    silent = dict.fromkeys(("hukou_place", "ethnicity", "father_phone", "income", "assessment"))
    batch = stage(by, row(mother_name="李大红", illness=None, boards="是", **silent))

    assert statuses(batch) == ["changed"]
    assert changes(batch) == {"boards": (False, True), "mother_name": ("李小红", "李大红")}
    writer.save_batch(batch=batch, by=by)
    child = Child.objects.get(name="王小明")
    values = ChildFile(child).values()
    assert (child.boards, child.ethnicity, child.version) == (True, "01", 2)
    assert (values["mother_name"], values["father_phone"]) == ("李大红", "13800000001")
    other = Child.objects.get(name="李小花")
    assert (other.boards, other.version) == (False, 1)


def test_an_update_is_recorded_in_the_audit_trail_of_the_child(by):
    save_rows(by, row())
    before = Event.objects.count()
    save_rows(by, row(boards="是", mother_name="李大红"))
    code = Child.objects.get().code
    lines = Event.objects.order_by("pk")[before:]
    written = [(event.model, event.user) for event in lines if event.subject == code]
    assert written == [("registry.child", by), ("registry.relative", by)]


def test_another_guardian_starts_and_the_previous_one_stays_in_the_history(by):
    save_rows(by, row())
    batch = stage(by, row(guardian_name="赵大妈", guardian_phone=None, guardian_relation=None), reported=LATER)
    writer.save_batch(batch=batch, by=by)

    old, new = Guardianship.objects.order_by("starts_on")
    assert (old.name, old.phone, old.ends_on) == ("张桂香", "13800000002", dt.date(2026, 10, 20))
    assert (new.name, new.phone, new.relation, new.ends_on) == ("赵大妈", "", "", None)


def test_a_healthy_child_loses_the_disability(by):
    save_rows(by, row(condition="残疾", disability="视力残疾二级"))
    batch = stage(by, row(condition="健康"))
    assert changes(batch)["disability"][1] is None
    writer.save_batch(batch=batch, by=by)
    assert Child.objects.get().disability == ""


def test_a_sheet_with_unknown_for_a_known_relative_changes_nothing(by):
    save_rows(by, row(mother_name="李小红"))
    assert statuses(stage(by, row(mother_name="不详"))) == ["unchanged"]


def test_a_confirmed_difference_from_the_id_number_stays(by):
    child = f.child(
        "王小明", id_number=number(), sex="2", id_reason="户口登记错误", id_confirmed_by=by, residence="1组"
    )
    batch = stage(by, row())
    assert "sex" not in changes(batch)
    writer.save_batch(batch=batch, by=by)
    child.refresh_from_db()
    assert (child.sex, child.id_confirmed_by) == ("2", by)


def test_a_child_of_another_office_is_a_problem_that_names_only_the_office(by):
    f.child("孙小红", living_in=f.far_village(), id_number=number(), school=f.other_school())
    f.child("钱小红", living_in=f.far_village(), id_number=number(13))
    batch = stage(by, row(), row(name="李小花", id_number=number(13)))
    assert statuses(batch) == ["problem", "problem"]
    first, second = (entry.notes[-1][1] for entry in batch.rows.order_by("pk"))
    assert first == "This child is registered elsewhere. Please ask 小白山乡中心小学 about the file."
    assert second == "This child is registered elsewhere. Please ask 小白山乡 about the file."
    assert not any(entry.changes or entry.child_id for entry in batch.rows.all())


def test_a_possible_duplicate_is_left_out_until_a_person_decides(by):
    twin = f.child("王小明", id_reason="未提供")
    batch = save_rows(by, row())
    assert (batch.counts["registered"], batch.counts["updated"], Child.objects.count()) == (0, 0, 1)

    batch = stage(by, row())
    line = batch.rows.get()
    assert (line.status, line.child) == ("duplicate", twin)
    decisions.save_decisions(batch=batch, decisions={line.pk: "same"})
    writer.save_batch(batch=batch, by=by)
    assert Child.objects.get().id_number == number()
    assert Child.objects.get().id_reason == ""


def test_a_namesake_with_the_same_birthday_is_registered_on_a_decision(by):
    f.child("王小明")
    batch = stage(by, row())
    decisions.save_decisions(batch=batch, decisions={}, every="other")
    assert writer.save_batch(batch=batch, by=by) == 1
    assert Child.objects.count() == 2
    assert statuses(stage(by, row())) == ["unchanged"]


def test_a_duplicate_outside_the_scope_can_be_another_child_but_not_be_updated(by, login):
    f.school()
    head = f.head_of(f.school())
    f.child("王小明")
    batch = stage(head, row())
    line = batch.rows.get()
    assert (line.status, line.child) == ("duplicate", None)
    decisions.save_decisions(batch=batch, decisions={line.pk: "same"}, every="same")
    line.refresh_from_db()
    assert line.decision == "out"
    page = login(head).get(batch.get_absolute_url()).content.decode()
    assert page.count('value="same"') == 1, "only the choice for all offers it"


def test_decisions_are_posted_with_any_button_and_survive_a_new_reading(by, login):
    f.child("王小明"), f.child("李小花", living_in=f.other_village())
    batch = stage(by, row(), row(name="李小花", id_number=number(13), residence="百里洲镇关志村"))
    first, second = batch.rows.order_by("pk")
    client, url = login(by), batch.get_absolute_url()
    client.post(url, {"mode": "decide", f"decision-{first.pk}": "other", "decision-x": "same", "decision-9": "wrong"})
    client.post(url, {"mode": "reread"})
    assert list(batch.rows.order_by("pk").values_list("decision", flat=True)) == ["other", "out"]
    assert second.pk not in batch.rows.values_list("pk", flat=True)
    client.post(url, {"mode": "all"})
    assert Child.objects.count() == 3


def test_a_file_changed_since_the_preview_stops_the_whole_save(by):
    save_rows(by, row(), row(name="李小花", id_number=number(13)))
    batch = stage(by, row(boards="是"), row(name="李小花", id_number=number(13), boards="是"))
    child = Child.objects.get(name="王小明")
    child.illness, child.condition = "哮喘", "ill"
    child.save()

    with pytest.raises(ValidationError, match="Row 4: The file of this child was changed since the preview"):
        writer.save_batch(batch=batch, by=by)
    assert not Child.objects.filter(boards=True).exists()


def test_a_file_changed_since_the_preview_is_left_out_of_the_valid_rows(by):
    save_rows(by, row(), row(name="李小花", id_number=number(13)))
    batch = stage(by, row(boards="是"), row(name="李小花", id_number=number(13), boards="是"))
    Guardianship.objects.get(child__name="王小明").delete()

    writer.save_batch(batch=batch, by=by, valid_rows=True)
    batch.refresh_from_db()
    assert list(Child.objects.filter(boards=True).values_list("name", flat=True)) == ["李小花"]
    assert (batch.counts["updated"], batch.counts["changed"], batch.counts["problem"]) == (1, 1, 1)
    assert "changed since the preview" in batch.rows.get(status="problem").notes[-1][1]


def test_the_preview_shows_old_and_new_with_secrets_masked(by, login):
    save_rows(by, row())
    batch = stage(by, row(boards="是", father_phone="13911112222", residence="百里洲镇合心村9组1号"))
    page = login(by).get(batch.get_absolute_url(), {"status": "changed"}).content.decode()
    assert "<del>no</del> → <ins>yes</ins>" in page
    assert "<del>138****0001</del> → <ins>139****2222</ins>" in page
    assert "13911112222" not in page and "9组1号" not in page
    assert "registers 0 new children and updates 1 files; 0 rows change nothing" in page


def test_rows_with_remarks_are_a_filter_of_their_own(by, login):
    batch = stage(by, row(), row(name="李小花", id_number=None))
    page = login(by).get(batch.get_absolute_url(), {"status": "remarks"}).content.decode()
    assert "李小花" in page and "王小明" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_of_changes_and_duplicates_asks_the_same_for_any_number(by, login, count, django_assert_num_queries):
    known = [row(id_number=number(101 + 2 * place), name=f"王小{'一二三'[place]}") for place in range(count)]
    save_rows(by, *known)
    for place in range(count):
        f.child(f"孙小{'一二三'[place]}")
    like = [row(id_number=number(201 + 2 * place), name=f"孙小{'一二三'[place]}") for place in range(count)]
    batch = stage(by, *(cells | {"residence": "百里洲镇关志村"} for cells in known), *like)
    assert statuses(batch) == ["changed"] * count + ["duplicate"] * count
    client = login(by)
    with django_assert_num_queries(10):
        client.get(batch.get_absolute_url())


CELLS = {
    "name": st.sampled_from(["王小明", "李小花", "赵云", "孙小红"]),
    "id_number": st.sampled_from([None, *(number(sequence) for sequence in range(11, 21, 2))]),
    "ethnicity": st.sampled_from([None, "汉族", "土家"]),
    "residence": st.sampled_from(["百里洲镇合心村2组", "百里洲镇关志村", "小白山乡中心村", None]),
    "condition": st.sampled_from([None, "健康", "患病"]),
    "father_name": st.sampled_from([None, "—", "不详", "王大明"]),
    "father_phone": st.sampled_from([None, "13800000001", "13800000001、13900000001"]),
    "mother_name": st.sampled_from([None, "—", "李小红"]),
    "both_away": st.sampled_from([None, "是", "否"]),
    "one_away": st.sampled_from([None, "是", "否"]),
    "unable_parent": st.sampled_from([None, "母亲", "父亲"]),
    "entrusted": st.sampled_from([None, "是", "否"]),
    "guardian_name": st.sampled_from([None, "张桂香", "—"]),
    "guardian_relation": st.sampled_from([None, "祖母"]),
    "assessment": st.sampled_from([None, "较好", "差"]),
    "income": st.sampled_from([None, "打工收入、种养殖业", "种养殖业、打工收入"]),
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets=st.lists(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=4), min_size=1, max_size=2))
def test_importing_the_same_sheet_again_changes_nothing(by, sheets):
    """A row left out as a possible duplicate may be a new child later, when the file that it was like was corrected."""
    for sheet in sheets:
        batch = stage(by, *(row(**cells) for cells in sheet))
        writer.save_batch(batch=batch, by=by, valid_rows=True)
    saved = set(batch.rows.filter(status__in=["new", "changed", "unchanged"]).values_list("number", flat=True))
    again = stage(by, *(row(**cells) for cells in sheets[-1]))
    other = [(entry.number, entry.status, entry.changes) for entry in again.rows.exclude(status="unchanged")]
    assert not [line for line in other if line[0] in saved]
    versions = {child.pk: child.version for child in Child.objects.all()}
    events = Event.objects.filter(model__startswith="registry.").exclude(model="registry.importbatch")
    before, new = events.count(), again.counts.get("new", 0)
    writer.save_batch(batch=again, by=by, valid_rows=True)
    assert {child.pk: child.version for child in Child.objects.filter(pk__in=versions)} == versions
    assert events.count() == before + new


def test_a_sheet_that_names_a_parent_recorded_as_deceased_is_saved_whole(by):
    save_rows(by, row(mother_name="—"))
    named = row(mother_name="李小红", one_away="是", unable_parent="父亲")
    assert statuses(save_rows(by, named)) == ["changed"]
    assert statuses(stage(by, named)) == ["unchanged"]


def test_only_the_sender_decides_on_or_saves_a_preview(by, login):
    batch = stage(by, row())
    other = login(f.coordinator_of(f.township()))
    assert other.post(batch.get_absolute_url(), {"mode": "decide", "every": "other"}).status_code == 404
    assert other.get(reverse("import-refused", args=[batch.code])).status_code == 404
    assert ImportRow.objects.get().decision == "out"
