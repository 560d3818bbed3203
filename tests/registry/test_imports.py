"""From a sheet to children: the preview, the confirmation, and the saved files."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.imports import staging, writer
from registry.models import Absence, Child, ImportBatch, ImportRow
from registry.sheets.matching import SeenChildren
from tests import factories as f
from tests import workbooks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
FORM = Path(__file__).parent.parent / "data" / "census_form_34.xlsx"


@pytest.fixture
def places():
    """Two townships with their villages, and a term."""
    f.village(), f.other_village(), f.far_village()
    return f.term()


def stage(by, data, name="census.xlsx", place=None):
    return staging.stage_file(name=name, data=data, term=f.term(), by=by, place=place)


def save(by, data, **options):
    batch = stage(by, data)
    return writer.save_batch(batch=batch, by=by, **options)


def test_every_imported_child_has_its_line_in_the_audit_trail_and_the_import_one_of_its_own(places):
    by = f.coordinator_of(f.township())
    batch = stage(by, FORM.read_bytes())
    writer.save_batch(batch=batch, by=by)

    created = Event.objects.filter(action=Action.CREATE, model="registry.child", user=by)
    assert set(created.values_list("subject", flat=True)) == set(Child.objects.values_list("code", flat=True))
    line = Event.objects.get(action=Action.IMPORT)
    assert (line.user, line.object_code, line.detail["rows"]) == (by, batch.code, 34)


def upload(client, data, name="census.xlsx", **fields):
    file = SimpleUploadedFile(name, data)
    return client.post(reverse("import-upload"), {"file": file, "term": f.term().pk} | fields)


def test_a_file_is_uploaded_previewed_and_saved(places, login):
    by = f.coordinator_of(f.township())
    client = login(by)
    sheet = workbooks.official_form(
        workbooks.row(),
        workbooks.row(name="李小花", sex="女", id_number=None),
        workbooks.row(name="赵云", id_number=workbooks.number(13), residence="小白山乡中心村"),
    )

    shown = client.get(upload(client, sheet).url).content.decode()
    for expected in ("王小明", "李小花", "赵云", "There is no ID number", "the village of registration is used"):
        assert expected in shown
    assert Child.objects.count() == 0

    batch = ImportBatch.objects.get()
    page = client.post(batch.get_absolute_url(), {"mode": "all"}, follow=True)
    assert "Import: saved" in page.content.decode()
    assert set(Child.objects.visible_to(by).values_list("name", flat=True)) == {"王小明", "李小花", "赵云"}


def test_the_preview_says_which_columns_are_not_read(places, login):
    headings = ["姓名", "性别", "出生日期", "身份证号", "家庭住址", "帮扶教师", "备注"]
    sheet = workbooks.workbook([headings, ["王小明", "男", "2016-05-04", workbooks.number(), "合心村", "李老师", "无"]])
    client = login(f.coordinator_of(f.township()))

    shown = client.get(upload(client, sheet).url).content.decode()
    assert "F 帮扶教师、G 备注" in shown


def test_a_preview_can_be_filtered_by_status(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(
        by,
        workbooks.official_form(
            workbooks.row(), workbooks.row(name="李小花", id_number=workbooks.number(13), sex=None, both_away="或许")
        ),
    )

    refused = login(by).get(batch.get_absolute_url(), {"status": "problem"}).content.decode()
    assert "李小花" in refused and "王小明" not in refused


@pytest.mark.parametrize("page", ["²", "0", "-1", "9" * 5000, "x"])
def test_a_page_that_does_not_exist_is_shown_as_one_that_does(places, login, page):
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))
    assert login(by).get(batch.get_absolute_url(), {"page": page}).status_code == 200


def test_only_valid_rows_are_saved_on_request(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(
        by, workbooks.official_form(workbooks.row(), workbooks.row(name=None, id_number=workbooks.number(13)))
    )
    client = login(by)

    client.post(batch.get_absolute_url(), {"mode": "all"})
    assert Child.objects.count() == 0, "one row is refused, and nobody has agreed to skip it"
    client.post(batch.get_absolute_url(), {"mode": "valid"})
    assert Child.objects.get().name == "王小明"


def test_a_confirmation_without_its_button_saves_nothing(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))

    assert login(by).post(batch.get_absolute_url()).status_code == 400
    assert Child.objects.count() == 0


def test_confirming_twice_saves_once(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))
    client = login(by)

    client.post(batch.get_absolute_url(), {"mode": "all"})
    again = client.post(batch.get_absolute_url(), {"mode": "all"}, follow=True)
    assert Child.objects.count() == 1
    assert "already saved or cancelled" in again.content.decode()


def test_what_was_registered_since_the_preview_is_not_registered_again(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(
        by, workbooks.official_form(workbooks.row(), workbooks.row(name="李小花", id_number=workbooks.number(13)))
    )
    f.child("王小明", id_number=workbooks.number())

    page = login(by).post(batch.get_absolute_url(), {"mode": "all"}, follow=True)
    assert "registered in the meantime" in page.content.decode()
    assert Child.objects.count() == 1, "all or nothing"


def test_two_who_register_a_child_at_the_same_moment_make_one_file(places, monkeypatch):
    """The other child is saved between our check and our write: only the database can notice."""
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))
    monkeypatch.setattr(
        writer, "find_registered", lambda rows, excluding: f.child(id_number=workbooks.number()) and SeenChildren()
    )

    with pytest.raises(ValidationError, match="registered in the meantime"):
        writer.save_batch(batch=batch, by=by)
    batch.refresh_from_db()
    assert batch.status == ImportBatch.Status.PREVIEW


def test_a_cancelled_preview_leaves_no_row_and_cannot_be_saved(places, login):
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))
    client = login(by)

    assert client.post(batch.get_absolute_url(), {"mode": "cancel"}).url == reverse("import-upload")
    client.post(batch.get_absolute_url(), {"mode": "all"})
    assert (ImportRow.objects.count(), Child.objects.count()) == (0, 0)
    assert "Import: cancelled" in client.get(batch.get_absolute_url()).content.decode()


def test_only_the_sender_sees_a_preview(places, login):
    township = f.township()
    batch = stage(f.coordinator_of(township), workbooks.official_form(workbooks.row()))
    client = login(f.coordinator_of(township))

    assert client.get(batch.get_absolute_url()).status_code == 404
    assert client.post(batch.get_absolute_url(), {"mode": "all"}).status_code == 404
    assert Child.objects.count() == 0


def test_a_sender_whose_posting_ended_sees_nothing_of_the_import_any_more(places, login):
    by, colleague = f.coordinator_of(f.township()), f.coordinator_of(f.county())
    saved = stage(by, workbooks.official_form(workbooks.row()))
    writer.save_batch(batch=saved, by=by)
    preview = stage(by, workbooks.official_form(workbooks.row(name="王大明", id_number=None)))
    posting = by.postings.get()
    posting.ends_on = dt.date(2021, 1, 1)
    posting.save()
    for who, statuses in ((by, {404}), (colleague, {200, 404})):
        client = login(type(by).objects.get(pk=who.pk))
        pages = [client.get(batch.get_absolute_url()) for batch in (preview, saved)]
        names = ("import-columns", "import-refused", "import-undo")
        pages += [client.get(reverse(name, args=[preview.code])) for name in names]
        pages += [client.get(reverse("import-undo", args=[saved.code]))]
        assert {page.status_code for page in pages} == statuses
        assert not any("王大明" in page.content.decode() for page in pages)


@pytest.mark.parametrize("role", ["teacher", "carer", "counsellor", "auditor", "admin"])
def test_roles_without_the_permission_cannot_import(places, login, role):
    client = login(f.user(role))
    assert client.get(reverse("import-upload")).status_code == 403
    assert upload(client, workbooks.official_form(workbooks.row())).status_code == 403
    assert ImportBatch.objects.count() == 0


def test_a_coordinator_of_another_township_imports_none_of_these_children(places):
    far = f.coordinator_of(f.division("990101102000", "小白山乡"))
    batch = stage(far, workbooks.official_form(workbooks.row()))

    assert batch.counts["problem"] == 1
    assert writer.save_batch(batch=batch, by=far, valid_rows=True) == 0


def test_a_village_admin_imports_the_own_village_and_not_the_next(places):
    batch = stage(
        f.admin_of(f.village()),
        workbooks.official_form(
            workbooks.row(), workbooks.row(id_number=workbooks.number(13), hukou_place=None, residence="百里洲镇关志村")
        ),
    )
    assert [row.status for row in batch.rows.order_by("number")] == ["new", "problem"]


def test_rows_that_name_no_place_are_those_of_the_village_admins_village(places):
    silent = workbooks.row(residence=None, hukou_place=None)
    by = f.admin_of(f.village())
    save(by, workbooks.official_form(silent))
    assert Child.objects.get().village == f.village()

    assert (
        stage(
            f.coordinator_of(f.township()), workbooks.official_form(silent | {"id_number": workbooks.number(13)})
        ).counts["problem"]
        == 1
    )


def test_a_head_imports_pupils_into_the_own_school(places):
    f.other_school()
    head = f.head_of(f.school())
    save(head, workbooks.official_form(workbooks.row()))
    assert Child.objects.visible_to(head).get().school == f.school()


def test_an_office_that_ended_since_the_preview_saves_nothing(places):
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row()))
    posting = by.postings.get()
    posting.ends_on = dt.date(2021, 1, 1)
    posting.save()
    by = type(by).objects.get(pk=by.pk)

    with pytest.raises(ValidationError, match="outside your area"):
        writer.save_batch(batch=batch, by=by)
    assert Child.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_takes_the_same_few_queries_for_any_number_of_rows(
    places, login, count, django_assert_max_num_queries
):
    by = f.coordinator_of(f.township())
    batch = stage(
        by, workbooks.official_form(*(workbooks.row(id_number=workbooks.number(11 + 2 * i)) for i in range(count)))
    )
    client = login(by)
    with django_assert_max_num_queries(9):
        client.get(batch.get_absolute_url())


def test_a_child_of_the_same_name_birth_date_and_village_is_a_possible_duplicate(places):
    f.child("王小明", birth_date=dt.date(2016, 5, 4), id_reason="household not registered")
    f.child("王小明", birth_date=dt.date(2016, 5, 4), living_in=f.other_village(), id_number=workbooks.number(15))
    by = f.coordinator_of(f.township())

    batch = stage(
        by,
        workbooks.official_form(
            workbooks.row(), workbooks.row(residence="百里洲镇关志村", hukou_place=None, name="王小明")
        ),
    )
    assert [row.status for row in batch.rows.order_by("number")] == ["duplicate", "problem"], (
        "and the second is its twin"
    )
    batch = stage(by, workbooks.official_form(workbooks.row(residence="百里洲镇关志村", hukou_place=None)))
    assert batch.rows.get().status == "duplicate", "a namesake with another number may be another child"


def test_a_row_without_a_number_beside_one_with_it_is_the_same_child_however_long_the_file(places, monkeypatch):
    monkeypatch.setattr(writer, "CHUNK", 1)
    by = f.coordinator_of(f.township())
    batch = stage(by, workbooks.official_form(workbooks.row(), workbooks.row(id_number=None)))
    assert [row.status for row in batch.rows.order_by("number")] == ["new", "problem"]
    assert writer.save_batch(batch=batch, by=by, valid_rows=True) == 1


def test_namesakes_with_numbers_of_their_own_are_saved_in_any_chunk(places, monkeypatch):
    monkeypatch.setattr(writer, "CHUNK", 1)
    by = f.coordinator_of(f.township())
    assert save(by, workbooks.official_form(workbooks.row(), workbooks.row(id_number=workbooks.number(13)))) == 2


def test_a_report_dated_in_the_future_counts_from_today(places):
    save(f.coordinator_of(f.township()), workbooks.official_form(workbooks.row(), reported="填报日期：2099年1月1日"))
    assert {row.known_on for row in Absence.objects.all()} == {f.today()}
