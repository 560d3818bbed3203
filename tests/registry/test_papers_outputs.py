"""What PDF and workbook make of a paper: the same cells as the print page, every sign, nothing that acts."""

import io
import re
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from pypdf import PdfReader

from registry.papers import child_files, contact_cards, official_form, situation, statistics
from registry.papers.layout import HEAD, Cell, Paper, PaperPage, head_cell, iterate_cells
from registry.papers.pdf import pdf_bytes
from registry.papers.xlsx import xlsx_bytes
from tests.registry.papers import NAME, pdf_pages

LONG = "湖北省枝江市百里洲镇" * 12


def paper(rows, **more) -> Paper:
    pages = more.pop("pages", None) or [PaperPage("标题", rows, **{"above": ("左", "右")} | more.pop("page", {}))]
    return Paper("files", "标题", more.pop("widths", (20, 30, 20, 30)), pages, foot="foot", **more)


def example() -> Paper:
    """Return a paper with cells over columns and rows, rare signs, digits, and a text that would be a formula."""
    rows = [
        [head_cell("块", rows=3), head_cell("姓名"), Cell(NAME, 2)],
        [Cell("=1+1"), Cell("13800000001", 2)],
        [Cell(LONG, 3)],
        [Cell("@SUM(A1)"), Cell("+1"), Cell("-1"), Cell(7)],
    ]
    return paper(rows)


def texts(of: Paper) -> list[str]:
    return [str(cell.text) for page in of.pages for row in (*page.head, *page.rows) for cell in row if cell.text != ""]


def html(of: Paper) -> list[str]:
    context = {"title": of.title, "paper": of, "no_pdf": "", "back_url": "", "pdf_url": "", "xlsx_url": ""}
    page = render_to_string("registry/paper_print.html", context)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page, re.S)
    return [unescape(text) for text in cells if text][:-1]  # the foot is the last


def test_the_three_outputs_hold_the_same_cells_in_the_same_order():
    one = example()
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(one))).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert html(one) == texts(one) == cells[3:-1], "behind title, left and right; before the foot"
    (text,) = pdf_pages(pdf_bytes(one))
    at = [text.index("".join(cell.split())) for cell in texts(one)[:5]]
    assert at == sorted(at)


def test_the_workbook_has_no_formula_and_keeps_numbers_as_numbers():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(example()))).active
    kinds = {str(cell.value): cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds["=1+1"] == kinds["@SUM(A1)"] == kinds["+1"] == kinds["13800000001"] == "s" and kinds["7"] == "n"


def test_the_workbook_is_laid_out_as_the_paper():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(example()))).active
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:D1", "A3:A5", "C3:D3", "C4:D4", "B5:D5"} <= merged
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation != "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0, "as wide as one sheet"
    assert sheet["B3"].border.left.style == "thin" and sheet["A1"].border.left.style is None
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width
    assert sheet.row_dimensions[5].height > 2 * sheet.row_dimensions[4].height, "the long text is seen whole"


def test_a_landscape_table_repeats_its_head_on_every_sheet():
    rows = [[Cell(str(number)), Cell("甲"), Cell("乙"), Cell("丙")] for number in range(90)]
    one = paper(
        rows, landscape=True, page={"head": [[head_cell("序号"), head_cell("一"), head_cell("二"), head_cell("三")]]}
    )
    sheets = pdf_pages(pdf_bytes(one))
    assert len(sheets) > 2 and all("序号" in text for text in sheets)
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(one))).active
    assert sheet.print_title_rows == "$3:$3" and sheet.page_setup.orientation == "landscape"
    page = PdfReader(io.BytesIO(pdf_bytes(one))).pages[0]
    assert page.mediabox.width > page.mediabox.height


def test_every_page_begins_a_sheet_but_cards_share_one():
    pages = [PaperPage(f"页{number}", [[head_cell("姓名"), Cell(NAME, 3)]]) for number in range(4)]
    assert len(pdf_pages(pdf_bytes(paper([], pages=pages)))) == 4
    assert len(pdf_pages(pdf_bytes(paper([], pages=pages, flowing=True)))) == 1
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(paper([], pages=pages)))).active
    assert len(sheet.row_breaks.brk) == 3


def test_one_childs_page_stays_one_sheet_when_it_is_rather_long():
    rows = [[head_cell("块", rows=30), Cell(LONG, 3)], *[[Cell("住址 " * 20, 3)] for _ in range(29)]]
    assert len(pdf_pages(pdf_bytes(paper(rows)))) == 1


def test_what_fits_no_sheet_goes_on_to_the_next_and_loses_nothing():
    rows = [[Cell(f"第{number}行" + LONG, 4)] for number in range(60)]
    text = "".join(pdf_pages(pdf_bytes(paper(rows))))
    assert all(f"第{number}行" in text for number in range(60))


def test_rare_names_and_digits_are_in_the_pdf():
    text = "".join(
        pdf_pages(pdf_bytes(paper([[head_cell("姓名"), Cell(NAME + "138****0001、99000020140504011X", 3)]])))
    )
    assert NAME in text and "138****0001" in text and "99000020140504011X" in text


def test_a_character_that_the_font_lacks_is_marked_and_never_left_out():
    assert "王〓明" in "".join(pdf_pages(pdf_bytes(paper([[head_cell("姓名"), Cell("王\U000f0000明", 3)]]))))


def test_every_width_of_a_paper_has_its_class_in_the_style_sheet():
    css = (Path(settings.BASE_DIR) / "static" / "css" / "paper.css").read_text()
    makers = (child_files, contact_cards, official_form, situation, statistics)
    used = {width for maker in makers for width in maker.WIDTHS}
    assert {width for width in used if f".w{width} {{" in css} == used


@pytest.mark.parametrize(
    "rows", [[[Cell("a", rows=2), Cell("b")], [Cell("c")]], [[Cell("a", 2)], [Cell("b"), Cell("c")]]]
)
def test_no_two_cells_lie_on_one_another(rows):
    seen = set()
    for row, column, cell in iterate_cells(rows):
        area = {(row + down, column + right) for down in range(cell.rows) for right in range(cell.span)}
        assert not area & seen
        seen |= area
    assert len(seen) == 4 and HEAD == "head"
