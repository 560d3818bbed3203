"""Tables written as CSV or XLSX in which no text can act as a formula (security goal S7), and the mark of each file."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _

from carebase.audit.models import Event
from carebase.display import display

CSV_ENCODINGS = ("utf-8-sig", "gb18030")  # the second for office software without Unicode
_ROWS_AT_ONCE = 500
TEXT_FORMAT = 49  # "@", built in: Excel takes what is typed as text
_INVALID_TITLE = re.compile(r"[\[\]:*?/\\]")
# In memory, so that no copy is left on the disk; text stays text.
WORKBOOK_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Spreadsheets skip invisible characters and may take the first visible one as the start of a formula.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[=+\-@|%＝＋－＠]")


def escape_formula(value: object) -> object:
    """Return a cell for CSV: None is blank, numbers stay numbers, text that could act gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if _FORMULA.match(text) else text


def export_mark(event: Event, purpose: str) -> str:
    """Return what a file says of its export: the number that finds it in the audit trail, by whom, when, what for."""
    by = f"{event.user.name} ({event.user.username})" if event.user else _("a scheduled command")
    return " · ".join((_("export no. %(number)s") % {"number": event.pk}, by, display(event.at), purpose))


def csv_rows(rows: Iterable[Sequence], encoding: str = "utf-8-sig") -> Iterator[bytes]:
    """Yield the rows as CSV in pieces of 500 rows, lines ending in CRLF; UTF-8 starts with a BOM, for Excel."""
    if encoding not in CSV_ENCODINGS:
        raise ValueError(f"unknown encoding for an export: {encoding}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    if codec == "utf-8":
        yield b"\xef\xbb\xbf"
    for count, row in enumerate(rows, start=1):
        writer.writerow([escape_formula(value) for value in row])
        if count % _ROWS_AT_ONCE == 0:
            yield _take_buffer(buffer, codec)
    if buffer.tell():
        yield _take_buffer(buffer, codec)


def _take_buffer(buffer: io.StringIO, codec: str) -> bytes:
    piece = buffer.getvalue().encode(codec, "replace")  # a lone half of a surrogate pair becomes "?"
    buffer.seek(0)
    buffer.truncate()
    return piece


def xlsx_bytes(title: str, rows: Iterable[Sequence], *, widths: Sequence[int] = ()) -> bytes:
    """Return a workbook of one sheet with a bold, frozen first row; all columns are text, as ID numbers must be.

    `widths` in characters, per column.
    """
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, WORKBOOK_OPTIONS) as workbook:
        sheet = workbook.add_worksheet(sheet_title(title))
        text_format = workbook.add_format({"num_format": TEXT_FORMAT})
        bold = workbook.add_format({"num_format": TEXT_FORMAT, "bold": True})
        sheet.set_column(0, 255, 12, text_format)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, text_format)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            write_row(sheet, number, row, text_format if number else bold)
    return output.getvalue()


def sheet_title(title: str) -> str:
    """Return the title without what spreadsheets refuse in the name of a sheet."""
    return _INVALID_TITLE.sub(" ", title).strip(" '")[:31]


def write_row(
    sheet: xlsxwriter.worksheet.Worksheet, number: int, row: Sequence, text_format: object, start: int = 0
) -> None:
    """Write the cells of a row from column `start` on: None is blank, numbers stay numbers, all else is text."""
    for column, value in enumerate(row, start):
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            sheet.write_number(number, column, value)
        elif value is not None:
            sheet.write_string(number, column, str(value), text_format)
