"""The refused rows as the workbook that was sent in: its heading as it was, the rows, and why each was refused."""

import datetime as dt
import io
from collections import defaultdict

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import OverlappingRange

from carebase.sheets.export import TEXT_FORMAT, WORKBOOK_OPTIONS, sheet_title, write_row
from carebase.sheets.reader import Sheet, normalise_heading, read_sheets
from registry.models import ImportBatch, ImportRow
from registry.sheets.layouts import REASON_HEADINGS, layouts_of_user
from registry.sheets.reading import find_table
from registry.sheets.validation import ERROR

MAX_WIDTH, REASON_WIDTH = 60, 60  # characters
PADDING = 0.71  # which a stored width has, and the writer adds


def refused_workbook(batch: ImportBatch) -> bytes:
    """Return the XLSX of the rows with problems; every cell is text, a number or a yes, none a live formula."""
    causes: dict[str, dict[int, str]] = defaultdict(dict)
    rows = batch.rows.filter(status=ImportRow.Status.PROBLEM).order_by("pk")
    for row in rows.only("sheet", "number", "notes", "batch"):
        causes[row.sheet][row.number] = row_problems(row)
    output, layouts = io.BytesIO(), layouts_of_user(batch.by)
    with xlsxwriter.Workbook(output, WORKBOOK_OPTIONS) as book:
        for sheet in read_sheets(batch.file_name, bytes(batch.file.data)):
            if found := causes.get(sheet.title[:100]):
                write_sheet(book, sheet, find_table(sheet, layouts).first, found)
    return output.getvalue()


def row_problems(row: ImportRow) -> str:
    """Return every cause with its column, as the preview names them."""
    return "；".join(f"{column} {text}".strip() for column, text, severity in row.notes if severity == ERROR)


def write_sheet(book, sheet: Sheet, first: int, causes: dict[int, str]) -> None:
    kept = [place for place in range(len(sheet.rows[0])) if not is_reason_column(sheet, place, first)]
    page = book.add_worksheet(sheet_title(sheet.title) or None)
    text = book.add_format({"num_format": TEXT_FORMAT})
    bold = book.add_format({"num_format": TEXT_FORMAT, "bold": True, "text_wrap": True, "valign": "vcenter"})
    for place, column in enumerate(kept):
        page.set_column(place, place, min(sheet.widths.get(column, 12) - PADDING, MAX_WIDTH), text)
    page.set_column(len(kept), len(kept), REASON_WIDTH, text)
    for number, cells in enumerate(sheet.rows[:first]):
        heading = [_("Why it was not saved")] if number == first - 1 else []
        write_row(page, number, [cells[column] for column in kept] + heading, bold)
    copy_merged_ranges(page, sheet, first, len(kept), bold)
    for place, (number, why) in enumerate(sorted(causes.items()), start=first):
        cells = sheet.rows[number - 1]
        write_row(page, place, [*(cell_as_typed(cells[column]) for column in kept), why], text)
    page.freeze_panes(first, 0)


def is_reason_column(sheet: Sheet, column: int, first: int) -> bool:
    """Return whether the column is ours, in a workbook that was mended and sent again."""
    return normalise_heading(sheet.rows[first - 1][column]) in REASON_HEADINGS


def cell_as_typed(cell):
    """Return a cell as a person would type it."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell


def copy_merged_ranges(page, sheet: Sheet, first: int, width: int, style) -> None:
    """Merge what was merged in the titles and headings; a damaged file may have ranges that overlap."""
    for top, left, bottom, right in sheet.merged:
        if bottom < first and right < width and (top, left) != (bottom, right):
            try:
                page.merge_range(top, left, bottom, right, "", style)
            except OverlappingRange:
                continue
            write_row(page, top, [sheet.rows[top][left]], style, left)
