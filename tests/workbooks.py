"""Census sheets as users make them: the official form, filled in for invented children."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl

from carebase.management.workbook import TITLE
from registry import census
from registry.codes.id_number import build_id_number

BIRTH = "2016-05-04"
TITLES = {
    "grandfather": "祖父",
    "grandmother": "祖母",
    "maternal_grandfather": "外祖父",
    "maternal_grandmother": "外祖母",
    "father": "父亲",
    "mother": "母亲",
    "guardian": "监护人",
}


def number(sequence: int = 11, birth: str = BIRTH) -> str:
    """Return an invented ID number; odd sequences are boys'."""
    return build_id_number("990000", dt.date.fromisoformat(birth), sequence)


def row(**cells) -> dict:
    """Return a valid row by field name, a boy of 合心村 whose parents are both away, with `cells` instead."""
    return {
        "name": "王小明",
        "sex": "男",
        "ethnicity": "汉族",
        "birth_date": BIRTH,
        "id_number": number(),
        "hukou_registered": "是",
        "hukou_place": "湖北省枝江市百里洲镇合心村",
        "residence": "百里洲镇合心村2组36号",
        "condition": "健康",
        "boards": "否",
        "schooling": "小学",
        "grandfather_name": "—",
        "grandfather_birth_date": "—",
        "father_name": "王大明",
        "father_birth_date": "1988-01-02",
        "father_work_place": "广东省深圳市",
        "father_phone": "13800000001",
        "mother_name": "李小红",
        "both_away": "是",
        "one_away": "否",
        "entrusted": "是",
        "guardian_name": "张桂香",
        "guardian_phone": "13800000002",
        "guardian_relation": "祖母",
        "assessment": "较好",
        "income": "打工收入、种养殖业",
        "relief": "享受低保",
    } | cells


def official_form(*rows: dict, reported: str = "填报日期：2026年9月10日") -> bytes:
    """Return the official form: title, date, headings in row 3, the first child in row 4."""
    headings = [blank.heading for blank in census.PRINTED_FIELDS]
    cells = [[row.get(blank.name) for blank in census.PRINTED_FIELDS] for row in rows]
    return workbook([[TITLE], [None, reported], headings, *cells])


def plain_headings() -> dict[str, str]:
    """Return an unambiguous heading for each field, by its name."""
    headings = {}
    for blank in census.PRINTED_FIELDS:
        title = TITLES.get(blank.person, "" if blank.name == "name" else "儿童")
        shared = blank.heading in {"出生日期", "公民身份证号码", "联系电话", "当前务工地点"}
        headings[blank.name] = f"{title}{blank.heading}" if shared else blank.heading
    return headings


def workbook(rows: list[list], **others: list[list]) -> bytes:
    """Return an XLSX with these rows in its first sheet, and further sheets by name."""
    book = openpyxl.Workbook()
    for sheet, content in [(book.active, rows), *((book.create_sheet(name), more) for name, more in others.items())]:
        for cells in content:
            sheet.append(cells)
    return workbook_bytes(book)


def workbook_bytes(book: openpyxl.Workbook) -> bytes:
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def text_table(*rows: dict, encoding: str = "utf-8-sig") -> bytes:
    """Return the same as a text table, under plain headings; the first child stands in row 2."""
    output = io.StringIO()
    headings = plain_headings()
    writer = csv.writer(output)
    writer.writerow(headings.values())
    writer.writerows([row.get(name, "") for name in headings] for row in rows)
    return output.getvalue().encode(encoding)


def zip_bomb() -> bytes:
    """Return a form of 40 kB whose sheet unpacks to 30 MB."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(official_form(row()))) as whole,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in whole.namelist():
            more = b" " * 30 * 1024 * 1024 if name == "xl/worksheets/sheet1.xml" else b""
            archive.writestr(name, whole.read(name) + more)
    return output.getvalue()


def word_document() -> bytes:
    """Return a letter, which is a ZIP file too."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return output.getvalue()
