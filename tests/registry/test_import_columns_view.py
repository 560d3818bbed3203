"""The page on which a user says what the columns of a sheet are, and the saved layouts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from registry.imports import staging, writer
from registry.imports.workbook import UploadedWorkbook
from registry.models import ColumnLayout, ImportBatch
from registry.sheets.layouts import heading_key
from tests import factories as f
from tests import workbooks as w

pytestmark = pytest.mark.django_db
HEADINGS = ["编号", "娃的大名", "性别", "身份证", "家住哪里", "老爸", "老爸电话", "评语"]
CELLS = [1, "王明", "男", w.number(11), "合心村2组36号", "王强", "13900000011", "爱笑"]


@pytest.fixture(autouse=True)
def places():
    f.village(), f.other_village(), f.far_village(), f.term(), f.school()


def sheet(*rows, headings=HEADINGS) -> bytes:
    return w.workbook([["花名册"], headings, *(rows or [CELLS])])


def upload(client, data, name="list.xlsx"):
    return client.post(reverse("import-upload"), {"file": SimpleUploadedFile(name, data), "term": f.term().pk})


def posted(**names) -> dict:
    """Return the data of the form: a field by the index of its column, for a heading in row 2."""
    return {"sheet": "0", "row": "1"} | {f"column_{place[1:]}": name for place, name in names.items()}


ANSWER = posted(c1="name", c2="sex", c3="id_number", c4="residence", c5="father_name", c6="father_phone")


def test_an_unknown_heading_leads_to_the_page_of_the_columns(login):
    answer = upload(login(f.coordinator_of(f.township())), sheet())
    batch = ImportBatch.objects.get()
    assert answer.url == reverse("import-columns", args=[batch.code])
    assert batch.rows.count() == 0


def test_the_page_proposes_a_field_for_each_column_and_hides_what_is_restricted(login):
    client = login(f.coordinator_of(f.township()))
    page = client.get(upload(client, sheet()).url).content.decode()
    for shown in ("花名册", "娃的大名", "王明", "爱笑", "139****0011"):
        assert shown in page
    for hidden in (w.number(11), "13900000011", "合心村2组36号"):
        assert hidden not in page
    selects = {part[:1]: part for part in page.split('name="column_')[1:]}
    for place, name in {"2": "sex", "3": "id_number", "4": "residence", "6": "father_phone"}.items():
        assert f'<option value="{name}" selected>' in selects[place]
    assert "selected" not in selects["7"].split("</select>")[0].replace('<option value="" selected>', "")


def test_the_chosen_columns_are_read_and_saved_for_the_office_and_the_heading(login):
    by = f.coordinator_of(f.township())
    client = login(by)
    page = client.post(upload(client, sheet()).url, ANSWER, follow=True).content.decode()
    assert "王明" in page and "as your office chose before" in page
    layout = ColumnLayout.objects.get()
    assert (layout.division, layout.school, layout.by) == (f.township(), None, by)

    colleague = login(f.coordinator_of(f.township()))
    second = upload(colleague, sheet([2, "李花", "女", w.number(12), "合心村", "李刚", None, None]))
    assert second.url == ImportBatch.objects.first().get_absolute_url()
    assert "李花" in colleague.get(second.url).content.decode()


def test_another_office_is_asked_itself(login):
    client = login(f.coordinator_of(f.township()))
    client.post(upload(client, sheet()).url, ANSWER)
    other = login(f.head_of(f.school()))
    answer = upload(other, sheet())
    assert answer.url.endswith("/columns/")
    other.post(answer.url, ANSWER)
    assert {(layout.division, layout.school) for layout in ColumnLayout.objects.all()} == {
        (f.township(), None),
        (None, f.school()),
    }


def test_a_layout_depends_on_the_heading_and_not_on_its_position():
    by = f.coordinator_of(f.township())
    batch = staging.create_batch(name="a.xlsx", data=sheet(), term=f.term(), by=by)
    assert batch.heading_known is False
    ColumnLayout.objects.create(key=key_of_batch(batch), division=f.township(), names=names(), by=by)
    lower = w.workbook([["花名册"], [None], ["填表人：甲"], HEADINGS, CELLS])
    batch = staging.stage_file(name="b.xlsx", data=lower, term=f.term(), by=by)
    assert batch.rows.get().values["father_name"] == "王强"
    changed = staging.create_batch(name="c.xlsx", data=sheet(headings=[*HEADINGS, "新列"]), term=f.term(), by=by)
    assert changed.heading_known is False


def names() -> list[str]:
    return [ANSWER.get(f"column_{place}", "") for place in range(len(HEADINGS))]


def key_of_batch(batch) -> str:
    return heading_key(UploadedWorkbook(batch).heading)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (ANSWER | {"column_1": ""}, "full name"),
        (ANSWER | {"column_3": ""}, "resident ID number, or else"),
        (ANSWER | {"column_7": "name"}, "Columns B and H are both"),
        (ANSWER | {"column_7": "nonsense"}, "nonsense"),
        (ANSWER | {"column_4": ""}, "names no village"),
    ],
)
def test_unusable_columns_are_refused_and_stay_on_the_page(login, answer, sentence):
    client = login(f.coordinator_of(f.township()))
    page = client.post(upload(client, sheet()).url, answer)
    assert page.status_code == 200 and sentence in page.content.decode()
    assert '<option value="father_name" selected>' in page.content.decode()
    assert not ColumnLayout.objects.exists() and ImportBatch.objects.get().rows.count() == 0


def test_the_user_chooses_the_row_of_the_heading(login):
    client = login(f.coordinator_of(f.township()))
    url = upload(
        client, w.workbook([["一", "二", "三", "四"], ["a", "b", "c", "d"], ["王明", "男", w.number(11), "合心村"]])
    ).url
    page = client.get(url, {"row": "1"}).content.decode()
    assert '<option value="1" selected>2: a、b、c、d' in page
    for nonsense in ({"row": "99999999999"}, {"row": "-1"}, {"sheet": "x\0"}, {"row": "²"}):
        assert client.get(url, nonsense).status_code == 200
    answer = {
        "sheet": "0",
        "row": "1",
        "column_0": "name",
        "column_1": "sex",
        "column_2": "id_number",
        "column_3": "residence",
    }
    assert "王明" in client.post(url, answer, follow=True).content.decode()


def test_known_columns_can_still_be_changed_from_the_preview(login):
    client = login(f.coordinator_of(f.township()))
    headings = ["姓名", "性别", "身份证号", "家庭住址", "备注", "父亲姓名"]
    data = w.workbook([headings, ["王明", "男", w.number(11), "合心村", "心脏病", "王强"]])
    preview = upload(client, data).url
    batch = ImportBatch.objects.get()
    page = reverse("import-columns", args=[batch.code])
    assert page in client.get(preview).content.decode()
    chosen = ["name", "sex", "id_number", "residence", "illness", ""]
    client.post(page, {"sheet": "0", "row": "0"} | {f"column_{place}": name for place, name in enumerate(chosen)})
    values = batch.rows.get().values
    assert values["illness"] == "心脏病" and "father_name" not in values


def test_after_saving_the_columns_lead_to_the_result(login):
    client = login(f.coordinator_of(f.township()))
    client.post(upload(client, sheet()).url, ANSWER)
    batch = ImportBatch.objects.get()
    writer.save_batch(batch=batch, by=batch.by)
    page = reverse("import-columns", args=[batch.code])
    assert client.get(page).url == client.post(page, ANSWER).url == batch.get_absolute_url()


def test_only_the_sender_maps_the_columns(login):
    by = f.coordinator_of(f.township())
    batch = staging.create_batch(name="a.xlsx", data=sheet(), term=f.term(), by=by)
    page = reverse("import-columns", args=[batch.code])
    assert login(f.coordinator_of(f.township())).get(page).status_code == 404
    assert login(f.teacher_of(f.school_class())).get(page).status_code == 403


def test_unusable_columns_leave_the_saved_layout(login):
    client = login(f.coordinator_of(f.township()))
    client.post(upload(client, sheet()).url, ANSWER)
    previous = ColumnLayout.objects.get().names
    batch = ImportBatch.objects.get()
    page = client.post(reverse("import-columns", args=[batch.code]), ANSWER | {"column_4": ""})
    assert page.status_code == 200 and "names no village" in page.content.decode()
    assert ColumnLayout.objects.get().names == previous
