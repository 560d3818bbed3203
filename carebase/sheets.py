"""Spreadsheets read into plain cells: XLSX, XLS and text tables, told apart by content and not by name."""

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
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

from carebase.sheet_guard import (
    MAX_COLUMNS,
    MAX_FILE_SIZE,
    MAX_ROWS,
    Budget,
    SheetError,
    SheetShape,
    broken,
    checked_xlsx,
    locked,
    not_a_sheet,
    too_large,
)
from carebase.xls_guard import checked_xls

__all__ = [
    "MAX_COLUMNS",
    "MAX_FILE_SIZE",
    "MAX_ROWS",
    "Cell",
    "Formula",
    "Heading",
    "LostDigits",
    "Sheet",
    "SheetError",
    "column_letter",
    "find_heading",
    "is_blank",
    "is_footer",
    "normalise_heading",
    "read_sheets",
]

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
    """A cell that holds a formula, as its text with `=`: the result is unknown here and must not be trusted."""

    __slots__ = ()


class LostDigits(str):
    """A number of 16 or more digits kept as a number: its last digits are gone from the file; shown as Excel does."""

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
        """(row number as Excel shows it, cells) from the row with index `start` on."""
        return enumerate(self.rows[start:], start + 1)


@dataclass
class Heading:
    """Where the heading of a table ends (`row`, an index), each column's own text, and the group above it or ""."""

    row: int
    columns: list[str]
    groups: list[str]


def read_sheets(name: str, data: bytes) -> list[Sheet]:
    """All sheets with at least one filled cell, in the file's order; `name` only serves the messages.

    Raises SheetError with a sentence for the user when the file is too large, locked, damaged or no table.
    """
    name = _INVISIBLE.sub("", name)[-100:] or "?"
    if len(data) > MAX_FILE_SIZE:
        raise too_large(name)
    if not data.strip():
        raise _empty(name)
    if data.startswith(_ZIP):
        clean, shapes = checked_xlsx(name, data)
        sheets = _read_workbook(name, clean, shapes)
    elif data.startswith(_OLE2):
        sheets = _read_workbook(name, data, checked_xls(name, data))
    else:
        sheets = [Sheet(PurePath(name).stem, _read_text(name, data))]
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise _empty(name)
    return sheets


def column_letter(index: int) -> str:
    """The letters Excel shows above the column with this 0-based index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _empty(name: str) -> SheetError:
    return SheetError(_("%(name)s is empty: no cell is filled in.") % {"name": name})


def _read_workbook(name: str, data: bytes, shapes: list[SheetShape | None]) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_object(io.BytesIO(data)) as workbook:
            return [
                _read_sheet(workbook, place, meta, shape)
                for place, (meta, shape) in enumerate(zip(workbook.sheets_metadata, shapes, strict=True))
                if shape and meta.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise locked(name) from error
    except (CalamineError, LookupError, ValueError, OSError, OverflowError) as error:
        raise broken(name) from error
    except BaseException as error:  # a panic of the parser is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise broken(name) from error


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
        return LostDigits(format(value, ".15G"))
    return int(value) if value == int(value) else value


def _rectangle(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows without blank ones at the end, all as wide as the last filled column."""
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
        given = {"name": name, "line": reader.line_num}
        raise SheetError(
            _("%(name)s, line %(line)d: a quotation mark is not closed, so the cells cannot be told apart.") % given
        ) from error
    budget.text(len(text))
    return _rectangle(rows)


def _decode(name: str, data: bytes) -> str:
    """Text by its BOM, else strict UTF-8, else GB18030: right in every school file tried, so nothing is guessed."""
    if data.startswith(_OTHER_KINDS):
        raise not_a_sheet(name)
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        raise SheetError(
            _("%(name)s is a web page, whatever its name says. Please open it in Excel or WPS and save it as .xlsx.")
            % {"name": name}
        )
    for encoding in ("utf-16",) if data.startswith(_BOM16) else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise not_a_sheet(name)


def _delimiter(text: str) -> str:
    """The one of comma, semicolon and tab in most of the first lines: no remark uses its signs so evenly."""
    lines = re.split(r"\r\n|\r|\n", text[:20_000])[:12]
    return max(",;\t", key=lambda sign: (sum(sign in line for line in lines), text[:20_000].count(sign)))


def _text_cell(value: str) -> Cell:
    text = _APOSTROPHE.sub("", _text(value), count=1) if value.lstrip().startswith("'") else _text(value)
    if _SCIENTIFIC.fullmatch(text):
        return LostDigits(text)
    return text or None


def is_blank(row: Sequence[Cell]) -> bool:
    """Whether no cell of the row is filled."""
    return all(cell is None for cell in row)


_FOOTER = re.compile(
    r"(?:合计|总计|小计|共计|总人数|填表人|填报人|填报单位|填报日期|制表人|经办人|审核人|复核人|负责人|单位负责人|联系人[:(]"
    r"|学校负责人|校长签[名字]|班主任签[名字]|(?:备注|注|说明|填表说明|填报说明|填写说明)\d*:)"
)


def is_footer(row: Sequence[Cell]) -> bool:
    """Whether a row under a table holds totals, signatures or notes, or nothing at all."""
    first = next((cell for cell in row if cell is not None), None)
    return first is None or (isinstance(first, str) and bool(_FOOTER.match(normalise_heading(first))))


def normalise_heading(text: object) -> str:
    """A heading in half-width signs, without spaces, required marks and final colon: `姓　名（＊）` is 姓名."""
    if text is None:
        return ""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))).replace("【", "(").replace("】", ")")
    plain = plain.replace("[", "(").replace("]", ")").replace("〔", "(").replace("〕", ")")
    return re.sub(r"\(\*+\)|^\*+|\*+$|:+$", "", plain)


_REMARK = re.compile(r"\([^()]*\)")


def find_heading(sheet: Sheet, known: Callable[[str], object] | Collection[str], *, within: int = 12) -> Heading | None:
    """The heading among the first rows: the row with most known texts, at least 3 and a quarter of its filled cells.

    A second level above or below it joins in. Where two columns are headed alike, the groups or the order tell.
    """
    knows = known if callable(known) else known.__contains__
    rows = [[_own_text(cell, knows) for cell in row] for row in sheet.rows[:within]]
    scores = [_score(texts, knows) for texts in rows]
    best = max(range(len(rows)), key=scores.__getitem__, default=None)
    if best is None or scores[best] < 3:
        return None
    if best + 1 < len(rows) and _is_second_level(rows[best], rows[best + 1], sheet.rows[best + 1], knows):
        return _two_levels(sheet, rows, best + 1, knows)
    if best and _is_group_row(sheet.rows[best - 1]):
        return _two_levels(sheet, rows, best, knows)
    return Heading(best, rows[best], [""] * len(rows[best]))


def _own_text(cell: Cell, knows: Callable[[str], object]) -> str:
    text = normalise_heading(cell)
    short = _REMARK.sub("", text)
    return short if knows(short) and not knows(text) else text


def _score(texts: list[str], knows: Callable[[str], object]) -> int:
    filled = [text for text in texts if text]
    hits = [text for text in filled if knows(text)]
    return len(set(hits)) if 4 * len(hits) >= len(filled) else 0  # of the roll's 71 columns we use some 30


def _is_second_level(upper: list[str], lower: list[str], cells: list[Cell], knows: Callable[[str], object]) -> bool:
    """Whether `lower` names the parts of merged headings in `upper`: known texts, at least one under a blank."""
    filled = [text for text in lower if text]
    if any(cell is not None and not isinstance(cell, str) for cell in cells):
        return False
    under_blank = any(text and not above for text, above in zip(lower, upper, strict=True))
    hits = sum(bool(knows(text)) for text in filled)
    return under_blank and hits >= 2 and 4 * hits >= len(filled)


def _is_group_row(cells: list[Cell]) -> bool:
    """Whether the row names groups of columns; a title is alone in its row, and `填报单位：…` says something else."""
    filled = [cell for cell in cells if cell is not None]
    return len(filled) >= 2 and all(isinstance(cell, str) and ":" not in normalise_heading(cell) for cell in filled)


def _two_levels(sheet: Sheet, rows: list[list[str]], lower: int, knows: Callable[[str], object]) -> Heading:
    upper, own = rows[lower - 1], rows[lower]
    ends = {column: last for row, column, _bottom, last in sheet.merged if row == lower - 1}
    columns, groups, group, end = [], [], "", -1
    for place, text in enumerate(own):
        if upper[place]:
            group, end = upper[place], ends.get(place, place if ends else len(own))
        elif place > end:
            group = ""
        is_own = bool(_REMARK.sub("", text)) or (bool(text) and not upper[place])
        columns.append(text if is_own else upper[place])
        groups.append(group if is_own else "")
        if not is_own:
            group = "" if place not in ends else group
    return Heading(lower, columns, groups)
