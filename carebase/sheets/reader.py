"""Spreadsheets read into plain cells: XLSX, XLS and text tables, recognised by content, not by name."""

import csv
import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from django.utils.translation import gettext as _
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from carebase.sheets.guard import (
    MAX_FILE_SIZE,
    Budget,
    SheetError,
    SheetShape,
    broken_file_error,
    copy_checked_xlsx,
    locked_file_error,
    not_a_sheet_error,
    too_large_error,
)
from carebase.sheets.headings import is_blank
from carebase.sheets.xls_guard import check_xls

_ZIP, _OLE2, _BOM16 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (b"\xff\xfe", b"\xfe\xff")
_OTHER_KINDS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"Rar!", b"7z\xbc\xaf", b"{\\rtf", b"PK")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|meta|table|\?xml|!--|style|body)", re.IGNORECASE)
# Control characters and marks of writing direction come along when a number is pasted from a chat; no field wants
# them. Joiners (U+200C, U+200D) stay: Uyghur and Mongolian names need them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_APOSTROPHE = re.compile(r"'(?=[0-9=+\-@|%＝＋－＠])")  # typed, or put by our own export, to keep a cell text
_SCIENTIFIC = re.compile(r"[1-9](?:\.\d+)?[Ee]\+(?:1[5-9]|[2-9]\d)")
_FIRST_INEXACT = 10**15  # Excel keeps 15 digits of a number


class Formula(str):
    """A cell with a formula, as its text with `=`: its result is unknown here and must not be trusted."""

    __slots__ = ()


class LostDigitsWarning(str):
    """A number of 16 or more digits kept as a number: its last digits are lost; shown as Excel does."""

    __slots__ = ()


Cell = str | int | float | bool | datetime.date | datetime.datetime | None


@dataclass
class Sheet:
    """One table: `rows` from A1 on, all of one width, None where blank; `merged` as (row, column, row, column)."""

    title: str
    rows: list[list[Cell]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    widths: dict[int, float] = field(default_factory=dict)  # in characters, by column, where the file says

    def numbered(self, start: int = 0) -> Iterator[tuple[int, list[Cell]]]:
        """Return (row number as in Excel, cells) from the row with index `start` on."""
        return enumerate(self.rows[start:], start + 1)


def read_sheets(name: str, data: bytes) -> list[Sheet]:
    """Return all sheets with a filled cell, in the file's order; `name` only serves the messages.

    Raises SheetError with a message for the user when the file is too large, locked, damaged or no table.
    """
    name = _INVISIBLE.sub("", name)[-100:] or "?"
    if len(data) > MAX_FILE_SIZE:
        raise too_large_error(name)
    if data.startswith(_ZIP):
        clean, shapes = copy_checked_xlsx(name, data)
        sheets = _read_workbook(name, clean, shapes)
    elif data.startswith(_OLE2):
        sheets = _read_workbook(name, data, check_xls(name, data))
    else:
        sheets = [Sheet(PurePath(name).stem, _read_text(name, data) if data.strip() else [])]
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise SheetError(_("%(name)s is empty: no cell is filled in.") % {"name": name})
    return sheets


def column_letter(index: int) -> str:
    """Return the letters above the column with this 0-based index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _read_workbook(name: str, data: bytes, shapes: list[SheetShape | None]) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_object(io.BytesIO(data)) as workbook:
            return [
                _read_sheet(workbook, place, meta, shape)
                for place, (meta, shape) in enumerate(zip(workbook.sheets_metadata, shapes, strict=True))
                if shape and meta.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise locked_file_error(name) from error
    except (CalamineError, LookupError, ValueError, OSError, OverflowError) as error:
        raise broken_file_error(name) from error
    except BaseException as error:  # a panic of the parser is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise broken_file_error(name) from error


def _read_sheet(workbook: CalamineWorkbook, place: int, meta: SheetMetadata, shape: SheetShape) -> Sheet:
    source = workbook.get_sheet_by_index(place)
    rows = [[_cell(value) for value in row] for row in source.to_python(skip_empty_area=False)]
    for (row, column), text in shape.formulas.items():
        rows.extend([] for _missing in range(row + 1 - len(rows)))
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        rows[row][column] = Formula(f"={text}")
    merged = [(*start, *end) for start, end in source.merged_cell_ranges or ()]
    hidden = meta.visible != SheetVisibleEnum.Visible
    return Sheet(_INVISIBLE.sub("", meta.name), _rectangle(rows), merged, hidden, shape.widths)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return _text(value) or None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime.time | datetime.timedelta):
        return str(value)
    return value


def _text(text: str) -> str:
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def _number(value: float) -> Cell:
    if not abs(value) < _FIRST_INEXACT:
        return LostDigitsWarning(format(value, ".15G"))
    return int(value) if value == int(value) else value


def _rectangle(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows without blank ones at the end, all as wide as the last filled column."""
    while rows and is_blank(rows[-1]):
        rows.pop()
    width = max((i + 1 for row in rows for i in range(len(row) - 1, -1, -1) if row[i] is not None), default=0)
    for row in rows:
        del row[width:]
        row.extend([None] * (width - len(row)))
    return rows


def _read_text(name: str, data: bytes) -> list[list[Cell]]:
    text = _decode(name, data)
    delimiter = _delimiter(text)
    budget = Budget(name)
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = 0
    try:
        for record in reader:
            rows.append([_text_cell(value) for value in record])
            width = max(width, len(record))
            Budget(name).area(len(rows), width)
    except csv.Error as error:
        values = {"name": name, "line": reader.line_num}
        raise SheetError(
            _("%(name)s, line %(line)d: a quotation mark is not closed, so the cells cannot be separated.") % values
        ) from error
    budget.text(len(text))
    return _rectangle(rows)


def _decode(name: str, data: bytes) -> str:
    """Return text by its BOM, else as strict UTF-8, else as GB18030: right for every school file tried."""
    if data.startswith(_OTHER_KINDS):
        raise not_a_sheet_error(name)
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        raise SheetError(
            _("%(name)s is really a web page. Please open it in Excel or WPS and save it as .xlsx.") % {"name": name}
        )
    for encoding in ("utf-16",) if data.startswith(_BOM16) else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise not_a_sheet_error(name)


def _delimiter(text: str) -> str:
    """Return the one of comma, semicolon and tab that most of the first lines contain."""
    lines = re.split(r"\r\n|\r|\n", text[:20_000])[:12]
    return max(",;\t", key=lambda sign: (sum(sign in line for line in lines), text[:20_000].count(sign)))


def _text_cell(value: str) -> Cell:
    text = _APOSTROPHE.sub("", _text(value), count=1) if value.lstrip().startswith("'") else _text(value)
    if _SCIENTIFIC.fullmatch(text):
        return LostDigitsWarning(text)
    return text or None
