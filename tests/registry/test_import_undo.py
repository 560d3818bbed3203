"""Taking an import back: everything is as it was before, or nothing is touched and the reason said."""

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


def everything() -> dict:
    """Return all that the files hold, by model; versions and the trail go on."""
    tables = {}
    for model in (Child, Relative, Absence, Guardianship):
        names = [field.attname for field in model._meta.concrete_fields if field.name not in ("version", "imported_in")]
        tables[model] = {obj.pk: [getattr(obj, name) for name in names] for obj in model.objects.all()}
    return tables


def test_undoing_brings_every_file_back_to_what_it_held(by):
    unable = {"both_away": "否", "one_away": "是", "unable_parent": "母亲"}
    imported(by, row(), row(**OTHER, **unable))
    before = everything()
    batch = imported(
        by,
        row(boards="是", father_phone="13911112222", guardian_name="赵大妈", condition="患病", illness="哮喘"),
        row(**OTHER, grandmother_name="钱奶奶", residence="百里洲镇关志村1组", income="其他", mother_name="—"),
        row(name="孙小红", id_number=number(15)),
        reported="填报日期：2026年10月20日",
    )
    assert (batch.counts["updated"], batch.counts["registered"]) == (2, 1)
    assert everything() != before

    undo.undo_batch(batch=batch, by=by)
    assert everything() == before
    batch.refresh_from_db()
    assert (batch.status, batch.counts["removed"], batch.counts["restored"]) == ("undone", 1, 2)
    assert not ImportRow.objects.filter(batch=batch).exists()


def test_a_snapshot_that_was_stored_with_keys_and_versions_is_restored_too(by):
    imported(by, row())
    child, before = Child.objects.get(), everything()
    names = {"relatives": Relative, "absences": Absence, "guardianships": Guardianship}
    snapshot = {"child": every_column(child)} | {name: columns(model) for name, model in names.items()}
    batch = imported(by, row(boards="是", father_phone="13911112222", grandmother_name="钱奶奶"))
    batch.rows.update(before=snapshot)
    undo.undo_batch(batch=batch, by=by)
    assert everything() == before


def every_column(obj) -> dict:
    return {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}


def columns(model) -> list[dict]:
    return [every_column(obj) for obj in model.objects.all()]


def test_what_is_removed_leaves_its_lines_and_its_last_values_in_the_trail(by):
    batch = imported(by, row())
    code = Child.objects.get().code
    parts = Relative.objects.count() + Absence.objects.count() + Guardianship.objects.count()
    undo.undo_batch(batch=batch, by=by)
    gone = Event.objects.filter(action=Action.DELETE, subject=code, user=by)
    assert gone.count() == 1 + parts
    assert gone.get(model="registry.child").changes["name"] == ["王小明", None]
    assert number() not in str(gone.get(model="registry.child").changes)


def test_an_import_can_be_sent_again_after_it_was_undone(by):
    undo.undo_batch(batch=imported(by, row()), by=by)
    assert imported(by, row()).counts["registered"] == 1


@pytest.mark.parametrize("built", ["visit", "pairing", "attendance", "change", "relative"])
def test_what_was_built_on_it_is_named_and_nothing_is_undone(by, built):
    imported(by, row(**OTHER))
    batch = imported(by, row(), row(**OTHER, boards="是"))
    for child in Child.objects.all():
        build_on(child, built, by)
    before = everything()
    words = {"visit": "visit 2", "pairing": "pairing 2", "attendance": "attendance 2"}.get(built, "later changes 2")
    with pytest.raises(ValidationError, match=words):
        undo.undo_batch(batch=batch, by=by)
    assert everything() == before


def build_on(child: Child, built: str, by) -> None:
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


def test_what_was_there_before_the_import_does_not_hinder(by):
    imported(by, row())
    f.visit(Child.objects.get(), by)
    batch = imported(by, row(boards="是"))
    undo.undo_batch(batch=batch, by=by)
    assert Child.objects.get().boards is False


def test_who_sees_only_some_of_the_children_cannot_undo(by):
    batch = imported(by, row(), row(**OTHER, residence="百里洲镇关志村"))
    with pytest.raises(ValidationError, match="1 children of this import are outside your office"):
        undo.undo_batch(batch=batch, by=f.admin_of(f.village()))
    assert Child.objects.count() == 2


def test_only_a_saved_import_is_undone_and_only_once(by):
    batch = imported(by, row())
    undo.undo_batch(batch=batch, by=by)
    with pytest.raises(ValidationError, match="Only an import that was saved"):
        undo.undo_batch(batch=batch, by=by)


def test_the_page_says_what_would_happen_and_a_coordinator_above_may_do_it(by, login):
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


def test_a_refused_undoing_says_why_on_the_page(by, login):
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


def test_undoing_removes_the_kept_file_too(by):
    data = workbooks.official_form(row(), row(name=None, id_number=number(13)))
    batch = staging.stage_file(name="census.xlsx", data=data, term=f.term(), by=by)
    writer.save_batch(batch=batch, by=by, valid_rows=True)
    assert ImportFile.objects.exists()
    undo.undo_batch(batch=batch, by=by)
    assert not ImportFile.objects.exists()
