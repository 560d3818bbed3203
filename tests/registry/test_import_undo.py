"""Undoing an import: everything is as before, or nothing is changed and the reason is shown."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.imports import staging, undo, writer
from registry.models import Absence, Child, Guardianship, ImportFile, ImportRow, Relative
from tests import factories as f
from tests import workbooks
from tests.workbooks import number, row

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
OTHER = {"name": "李小花", "id_number": number(13)}


def imported(by, *rows, **options):
    batch = staging.stage_file(name="census.xlsx", data=workbooks.official_form(*rows, **options), term=f.term(), by=by)
    writer.save_batch(batch=batch, by=by)
    batch.refresh_from_db()
    return batch


def stored_values() -> dict:
    """Return all values of the files, by model, without versions and audit trail."""
    tables = {}
    for model in (Child, Relative, Absence, Guardianship):
        names = [field.attname for field in model._meta.concrete_fields if field.name not in ("version", "imported_in")]
        tables[model] = {obj.pk: [getattr(obj, name) for name in names] for obj in model.objects.all()}
    return tables


def test_undoing_restores_every_file(by):
    unable = {"both_away": "否", "one_away": "是", "unable_parent": "母亲"}
    imported(by, row(), row(**OTHER, **unable))
    before = stored_values()
    batch = imported(
        by,
        row(boards="是", father_phone="13911112222", guardian_name="赵大妈", condition="患病", illness="哮喘"),
        row(**OTHER, grandmother_name="钱奶奶", residence="百里洲镇关志村1组", income="其他", mother_name="—"),
        row(name="孙小红", id_number=number(15)),
        reported="填报日期：2026年10月20日",
    )
    assert (batch.counts["updated"], batch.counts["registered"]) == (2, 1)
    assert stored_values() != before

    undo.undo_batch(batch=batch, by=by)
    assert stored_values() == before
    batch.refresh_from_db()
    assert (batch.status, batch.counts["removed"], batch.counts["restored"]) == ("undone", 1, 2)
    assert not ImportRow.objects.filter(batch=batch).exists()


def test_a_snapshot_that_was_stored_with_keys_and_versions_is_restored_too(by):
    imported(by, row())
    child, before = Child.objects.get(), stored_values()
    names = {"relatives": Relative, "absences": Absence, "guardianships": Guardianship}
    snapshot = {"child": column_values(child)} | {name: rows_of(model) for name, model in names.items()}
    batch = imported(by, row(boards="是", father_phone="13911112222", grandmother_name="钱奶奶"))
    batch.rows.update(before=snapshot)
    undo.undo_batch(batch=batch, by=by)
    assert stored_values() == before


def column_values(obj) -> dict:
    return {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}


def rows_of(model) -> list[dict]:
    return [column_values(obj) for obj in model.objects.all()]


def test_deleted_rows_leave_their_last_values_in_the_audit_trail(by):
    batch = imported(by, row())
    code = Child.objects.get().code
    parts = Relative.objects.count() + Absence.objects.count() + Guardianship.objects.count()
    undo.undo_batch(batch=batch, by=by)
    deletions = Event.objects.filter(action=Action.DELETE, subject=code, user=by)
    assert deletions.count() == 1 + parts
    assert deletions.get(model="registry.child").changes["name"] == ["王小明", None]
    assert number() not in str(deletions.get(model="registry.child").changes)


def test_an_import_can_be_sent_again_after_it_was_undone(by):
    undo.undo_batch(batch=imported(by, row()), by=by)
    assert imported(by, row()).counts["registered"] == 1


@pytest.mark.parametrize("built", ["visit", "pairing", "attendance", "change", "relative"])
def test_dependent_records_are_named_and_nothing_is_undone(by, built):
    imported(by, row(**OTHER))
    batch = imported(by, row(), row(**OTHER, boards="是"))
    for child in Child.objects.all():
        add_dependent(child, built, by)
    before = stored_values()
    words = {"visit": "visit 2", "pairing": "pairing 2", "attendance": "attendance 2"}.get(built, "later changes 2")
    with pytest.raises(ValidationError, match=words):
        undo.undo_batch(batch=batch, by=by)
    assert stored_values() == before


def add_dependent(child: Child, built: str, by) -> None:
    match built:
        case "visit":
            f.visit(child, by)
        case "pairing":
            child.pairings.create(carer=f.carer(f"李{child.pk}"), seat=1)
        case "attendance":
            f.activity().attendances.create(child=child)
        case "change":
            child.boards = None
            child.save()
        case "relative":
            child.relatives.create(relation="90", name="王叔叔")


def test_earlier_records_do_not_prevent_undoing(by):
    imported(by, row())
    f.visit(Child.objects.get(), by)
    batch = imported(by, row(boards="是"))
    undo.undo_batch(batch=batch, by=by)
    assert Child.objects.get().boards is False


def test_a_user_who_sees_only_some_of_the_children_cannot_undo(by):
    batch = imported(by, row(), row(**OTHER, residence="百里洲镇关志村"))
    with pytest.raises(ValidationError, match="1 children of this import are outside your area"):
        undo.undo_batch(batch=batch, by=f.admin_of(f.village()))
    assert Child.objects.count() == 2


def test_only_a_saved_import_is_undone_and_only_once(by):
    batch = imported(by, row())
    undo.undo_batch(batch=batch, by=by)
    with pytest.raises(ValidationError, match="Only an import that was saved"):
        undo.undo_batch(batch=batch, by=by)


def test_the_page_shows_the_effect_and_a_coordinator_above_can_undo(by, login):
    batch = imported(f.admin_of(f.village()), row())
    stranger = login(f.coordinator_of(f.division("990101102000", "小白山乡")))
    url = reverse("import-undo", args=[batch.code])
    assert (stranger.get(url).status_code, stranger.post(url).status_code) == (404, 404)
    assert Child.objects.count() == 1

    client = login(by)
    assert "will be removed: 1" in client.get(url).content.decode()
    page = client.post(url, follow=True).content.decode()
    assert "Import: undone" in page
    assert Child.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_of_a_saved_import_ask_the_same_for_any_number(by, login, count, django_assert_num_queries):
    names = [f"王小{'一二三'[place]}" for place in range(count)]
    known = [row(name=name, id_number=number(101 + 2 * place)) for place, name in enumerate(names)]
    imported(by, *known)
    new = [
        row(name=name, id_number=number(201 + 2 * place)) for place, name in enumerate(["赵云", "孙红", "钱多"][:count])
    ]
    batch = imported(by, *(cells | {"boards": "是"} for cells in known), *new)
    client = login(by)
    with django_assert_num_queries(11):
        client.get(reverse("import-undo", args=[batch.code]))
    with django_assert_num_queries(7):
        client.get(batch.get_absolute_url())


def test_the_page_shows_why_undoing_is_refused(by, login):
    batch = imported(by, row())
    f.visit(Child.objects.get(), by)
    client, url = login(by), reverse("import-undo", args=[batch.code])
    assert "visit 1" in client.get(url).content.decode()
    assert "visit 1" in client.post(url, follow=True).content.decode()
    assert Child.objects.count() == 1


def test_the_list_shows_own_imports_and_to_coordinators_the_finished_ones_below(by, login):
    village = f.admin_of(f.village())
    imported(village, row())
    staging.stage_file(name="waiting.xlsx", data=workbooks.official_form(row(**OTHER)), term=f.term(), by=village)
    far = f.admin_of(f.far_village())
    staging.cancel_batch(
        batch=staging.stage_file(name="far.xlsx", data=workbooks.official_form(row()), term=f.term(), by=far),
        by=far,
    )
    seen = {
        user: login(user).get(reverse("import-list")).content.decode()
        for user in (village, by, far, f.admin_of(f.other_village()))
    }
    found = [[name in page for name in ("census.xlsx", "waiting.xlsx", "far.xlsx")] for page in seen.values()]
    assert found == [[True, True, False], [True, False, False], [False, False, True], [False, False, False]]


def test_undoing_deletes_the_stored_file_too(by):
    data = workbooks.official_form(row(), row(name=None, id_number=number(13)))
    batch = staging.stage_file(name="census.xlsx", data=data, term=f.term(), by=by)
    writer.save_batch(batch=batch, by=by, valid_rows=True)
    assert ImportFile.objects.exists()
    undo.undo_batch(batch=batch, by=by)
    assert not ImportFile.objects.exists()
