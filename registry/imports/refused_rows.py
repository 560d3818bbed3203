"""The refused rows as a workbook like the uploaded one: its heading, the rows, and why each was refused."""

import datetime as dt
import io
from collections import defaultdict

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import OverlappingRange

from carebase.sheets.export import TEXT_FORMAT, WORKBOOK_OPTIONS, sheet_title, write_row
from carebase.sheets.headings import normalise_heading
from carebase.sheets.reader import Sheet, read_sheets
from registry.models import ImportBatch, ImportRow
from registry.sheets.layouts import REASON_HEADINGS, layouts_of_user
from registry.sheets.reading import find_table
from registry.sheets.validation import ERROR

MAX_WIDTH, REASON_WIDTH = 60, 60  # characters
PADDING = 0.71  # which a stored width has, and the writer adds


def refused_workbook(batch: ImportBatch, mark: str = "") -> bytes:
    """Return an XLSX of the rows with problems; cells are text, numbers or booleans, never formulas.

    The `mark` of the export stands in its properties and in the footer of each printed page, as the rows are uploaded
    again.
    """
    reasons: dict[str, dict[int, str]] = defaultdict(dict)
    rows = batch.rows.filter(status=ImportRow.Status.PROBLEM).order_by("pk")
    for row in rows.only("sheet", "number", "notes", "batch"):
        reasons[row.sheet][row.number] = row_problems(row)
    output, layouts = io.BytesIO(), layouts_of_user(batch.by)
    with xlsxwriter.Workbook(output, WORKBOOK_OPTIONS) as book:
        book.set_properties({"comments": mark})
        for sheet in read_sheets(batch.file_name, bytes(batch.file.data)):
            if sheet_reasons := reasons.get(sheet.title[:100]):
                page = write_sheet(book, sheet, find_table(sheet, layouts).first, sheet_reasons)
                page.set_footer(f"&L&7{mark.replace('&', '&&')[:220]}")
    return output.getvalue()


def row_problems(row: ImportRow) -> str:
    return "；".join(f"{column} {text}".strip() for column, text, severity in row.notes if severity == ERROR)


def write_sheet(book, sheet: Sheet, first: int, reasons: dict[int, str]):
    columns = [position for position in range(len(sheet.rows[0])) if not is_reason_column(sheet, position, first)]
    page = book.add_worksheet(sheet_title(sheet.title) or None)
    text = book.add_format({"num_format": TEXT_FORMAT})
    bold = book.add_format({"num_format": TEXT_FORMAT, "bold": True, "text_wrap": True, "valign": "vcenter"})
    for position, column in enumerate(columns):
        page.set_column(position, position, min(sheet.widths.get(column, 12) - PADDING, MAX_WIDTH), text)
    page.set_column(len(columns), len(columns), REASON_WIDTH, text)
    for number, cells in enumerate(sheet.rows[:first]):
        heading = [_("Why it was not saved")] if number == first - 1 else []
        write_row(page, number, [cells[column] for column in columns] + heading, bold)
    copy_merged_ranges(page, sheet, first, len(columns), bold)
    for position, (number, reason) in enumerate(sorted(reasons.items()), start=first):
        cells = sheet.rows[number - 1]
        write_row(page, position, [*(cell_as_typed(cells[column]) for column in columns), reason], text)
    page.freeze_panes(first, 0)
    return page


def is_reason_column(sheet: Sheet, column: int, first: int) -> bool:
    """Return whether we added the column, in a workbook that was corrected and uploaded again."""
    return normalise_heading(sheet.rows[first - 1][column]) in REASON_HEADINGS


def cell_as_typed(cell):
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell


def copy_merged_ranges(page, sheet: Sheet, first: int, width: int, style) -> None:
    """Merge the ranges of titles and headings again; those of a damaged file may overlap."""
    for top, left, bottom, right in sheet.merged:
        if bottom < first and right < width and (top, left) != (bottom, right):
            try:
                page.merge_range(top, left, bottom, right, "", style)
            except OverlappingRange:
                continue
            write_row(page, top, [sheet.rows[top][left]], style, left)
