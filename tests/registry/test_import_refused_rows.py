"""The refused rows as a workbook: like the uploaded one, with the reasons, ready to be uploaded again."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.imports import staging, writer
from registry.imports.refused_rows import refused_workbook
from registry.models import Child
from tests import factories as f
from tests import workbooks
from tests.workbooks import number, row

pytestmark = pytest.mark.django_db
WRONG = {"name": "李小花", "id_number": number(13), "schooling": "大学", "father_phone": "12"}


def stage(by, data, name="census.xlsx"):
    return staging.stage_file(name=name, data=data, term=f.term(), by=by)


def load_sheet(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_only_the_refused_rows_follow_the_same_titles_and_headings(by):
    data = workbooks.official_form(row(), row(**WRONG), row(name="赵云", id_number=number(15)))
    sent, page = load_sheet(data).active, load_sheet(refused_workbook(stage(by, data))).active
    assert [cell.value for cell in page[1]][:3] == [cell.value for cell in sent[1]][:3]
    assert [cell.value for cell in page[3]] == [*(cell.value for cell in sent[3]), "Why it was not saved"]
    assert [cell.value for cell in page["A"]] == [sent["A1"].value, None, "姓名", "李小花"]
    why = page.cell(4, page.max_column).value
    assert "M 就学情况 “大学” is not one of the choices" in why and "Y 联系电话" in why and "；" in why


def test_widths_and_merged_titles_are_kept(by):
    book = load_sheet(workbooks.official_form(row(**WRONG)))
    book.active.merge_cells("A1:K1")
    book.active.column_dimensions["E"].width = 31
    page = load_sheet(refused_workbook(stage(by, workbooks.workbook_bytes(book)))).active
    assert [str(merged) for merged in page.merged_cells.ranges] == ["A1:K1"]
    assert page["A1"].value == book.active["A1"].value
    assert round(page.column_dimensions["E"].width) == 31


def test_no_cell_is_a_formula_and_none_loses_what_it_said(by):
    book = load_sheet(workbooks.official_form(row(**WRONG) | {"birth_date": dt.date(2016, 5, 4), "illness": "=1+1"}))
    book.active["I4"] = "'=2+2"
    page = load_sheet(refused_workbook(stage(by, workbooks.workbook_bytes(book)))).active
    assert page["D4"].value == "2016-05-04"
    assert page["E4"].value == number(13)
    assert (page["K4"].value, page["K4"].data_type) == ("=1+1", "s")


def test_a_corrected_workbook_is_imported_without_its_reasons(by):
    batch = stage(by, workbooks.official_form(row(), row(**WRONG)))
    writer.save_batch(batch=batch, by=by, valid_rows=True)
    book = load_sheet(refused_workbook(batch))
    half = stage(by, workbooks.workbook_bytes(book))
    assert half.counts["problem"] == 1 and half.counts["ignored"] == []
    again = load_sheet(refused_workbook(half)).active
    assert [cell.value for cell in again[3]].count("Why it was not saved") == 1

    book.active["M4"], book.active["Y4"] = "小学", "13800000003"
    mended = stage(by, workbooks.workbook_bytes(book))
    assert writer.save_batch(batch=mended, by=by) == 1
    assert set(Child.objects.values_list("name", flat=True)) == {"王小明", "李小花"}


def test_a_text_table_comes_back_as_a_workbook(by):
    page = load_sheet(refused_workbook(stage(by, workbooks.text_table(row(), row(**WRONG)), "list.csv"))).active
    assert [cell.value for cell in page["A"]] == ["姓名", "李小花"]


def test_only_the_sender_downloads_the_workbook_and_the_download_is_recorded(by, login):
    client = login(by)
    file = SimpleUploadedFile("表.xlsx", workbooks.official_form(row(), row(**WRONG)))
    url = client.post(reverse("import-upload"), {"file": file, "term": f.term().pk}).url
    assert "refused.xlsx" in client.get(url).content.decode()
    response = client.get(url + "refused.xlsx")
    assert response["Content-Type"].endswith("spreadsheetml.sheet") and "attachment" in response["Content-Disposition"]
    event = Event.objects.get(action=Action.EXPORT)
    assert event.detail == {"rows": 1}
    book, mark = load_sheet(response.content), f"export no. {event.pk} · {by.name} ({by.username}) · "
    assert book.properties.description.startswith(mark) and mark in book.active.oddFooter.left.text

    client.post(url, {"mode": "valid"})
    other = login(f.coordinator_of(f.township()))
    assert other.get(url).status_code == 200, "the record of the import is the office's"
    assert other.get(url + "refused.xlsx").status_code == 404
    assert "李小花" not in other.get(url).content.decode()


def test_without_refused_rows_there_is_no_workbook(by, login):
    batch = stage(by, workbooks.official_form(row()))
    page = login(by).get(reverse("import-refused", args=[batch.code]), follow=True).content.decode()
    assert "no rows with problems" in page
