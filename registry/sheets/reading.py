"""The rows of a sheet: values by field, with notes on errors and warnings."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from carebase.sheets.guard import SheetError
from carebase.sheets.headings import HEADING_ROWS, Heading, find_heading, is_footer
from carebase.sheets.headings import normalise_heading as normalised
from carebase.sheets.reader import Formula, LostDigitsWarning, Sheet, read_sheets
from registry.codes.dates import UnsureDate, parse_date
from registry.codes.text import cell_text, narrow, words
from registry.models import Division, ImportBatch, ImportRow
from registry.sheets.columns import CellColumn, assign_fields, columns_from_names
from registry.sheets.fields import EXTRA_FIELD_NAMES
from registry.sheets.layouts import heading_key
from registry.sheets.places import PlaceFinder
from registry.sheets.proposals import propose_fields
from registry.sheets.schools import find_class_words
from registry.sheets.validation import ERROR, WARNING, validate_row
from registry.sheets.vocabulary import is_known_heading

RURAL_TITLE = "农村留守儿童"  # what a sheet of this name lists is rural by definition
REPORT_DATE = re.compile(r"填报日期[:：]?\s*(.+)")
ADDRESS_FIELDS = frozenset(
    {"residence", "hukou_place", "village_words"}
)  # one of these columns must say where a child lives
SCHOOL_NAME = re.compile(r"\S*(?:小学|中学|学校|幼儿园|完小|教学点|中心校)")  # 合心村小学 is no village
PEOPLE_WITH_PHONE = ("father", "mother", "guardian", "parents")
NAME_AND_PHONE = re.compile(r"([^0-9]*[^0-9:,、/()\s])[:,、/(\s]*(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})\)?")
DITTO = frozenset(words("同上 〃 ″ ” 同前"))
# Reasons for a parent's absence in place of the name: only a warning, so that the child is still saved.
PARENT_NAMES = ("father_name", "mother_name")
ABSENCE_WORDS = frozenset(words("离异 离婚 改嫁 再婚 失联 失踪 出走 离家出走 服刑 单亲"))
SENTENCE = re.compile(r"[：:，,。；;]|.{16}")


class NoHeading(SheetError):
    """A file with unknown column headings; `has_columns` says whether a user can map them."""

    has_columns = True


@dataclass
class SheetRow:
    """A row as it was read; `notes` are [column label, text, "doubt" | "error"]."""

    number: int
    values: dict
    notes: list[list[str]] = field(default_factory=list)
    sheet: str = ""
    unsure: UnsureDate | None = None  # an ambiguous date of birth, which the ID number resolves

    def note(self, column: str, text: str, severity: str = ERROR) -> None:
        self.notes.append([column, str(text), severity])

    @property
    def refused(self) -> bool:
        return any(severity == ERROR for _column, _text, severity in self.notes)

    @property
    def has_warning(self) -> bool:
        return any(severity == WARNING for _column, _text, severity in self.notes)

    def to_import_row(self, batch: ImportBatch, status: str, **more) -> ImportRow:
        """Return the unsaved row of a preview; `more` are further fields of it."""
        fields = {"sheet": self.sheet, "number": self.number, "values": self.values, "notes": self.notes}
        return ImportRow(batch=batch, status=status, remarks=self.has_warning, **fields, **more)


@dataclass
class ChildTable:
    """A sheet with a known heading, whose rows are children."""

    sheet: Sheet
    heading: Heading
    columns: list[CellColumn]
    ignored: list[str]
    reported_on: dt.date | None

    @property
    def first(self) -> int:
        return self.heading.row + 1  # the first row below the heading

    @cached_property
    def names(self) -> set[str]:
        return {column.field.name for column in self.columns}

    def guessed_fields(self) -> set[str]:
        """Return the fields that columns with unknown headings may be."""
        names, guessed = propose_fields(self.heading, self.sheet.rows[self.first :])
        return {names[index] for index in guessed}

    @property
    def is_rural(self) -> bool:
        return RURAL_TITLE in self.title and "hukou_rural" not in self.names

    @cached_property
    def title(self) -> str:
        """Return the text above the heading, and the name of the sheet."""
        above = [cell for row in self.sheet.rows[: self.heading.row] for cell in row if isinstance(cell, str)]
        return " ".join([*above, self.sheet.title])

    def rows(self, finder: PlaceFinder, on: dt.date) -> Iterator[SheetRow]:
        """Yield the rows as of the day `on`, without footers, totals, blank rows and repeated headings."""
        labels = {column.field.name: column.label for column in reversed(self.columns)}
        village, defaults = self.default_village(finder), self.values_of_title(finder)
        own_columns = {column.index for column in self.columns if column.field.name in ("name", "id_number")}
        previous: list = []
        for number, cells in self.sheet.numbered(self.first):
            if is_footer(cells) or self.is_no_child(cells):
                continue
            cells = previous = fill_dittos(cells, previous, own_columns)
            row = read_row(number, cells, self.columns)
            row.sheet = self.sheet.title[:100]
            row.values = defaults | row.values
            validate_row(row, labels, finder, on, village)
            yield row

    def is_no_child(self, cells: list) -> bool:
        """Whether a row repeats the heading, is a line of text, or is empty in the columns that are read."""
        filled = [index for index, cell in enumerate(cells) if cell is not None]
        if not any(cells[column.index] is not None for column in self.columns):
            return True
        if len(filled) == 1:
            return isinstance(cells[filled[0]], str) and bool(SENTENCE.search(cells[filled[0]]))
        if not all(isinstance(cells[index], str) for index in filled[:3]):
            return False
        return 2 * sum(self.repeats_heading(index, cells[index]) for index in filled) > len(filled)

    def repeats_heading(self, index: int, cell) -> bool:
        text = normalised(cell)
        return text == self.heading.columns[index] or (bool(text) and text == self.heading.groups[index])

    def default_village(self, finder: PlaceFinder) -> Division | None:
        """Return the village of rows that name none: the chosen one, or the one that the title names."""
        if finder.default:
            return finder.default
        villages = {
            village.code: village for word in SCHOOL_NAME.sub(" ", self.title).split() for village in finder.find(word)
        }
        return next(iter(villages.values())) if len(villages) == 1 else None

    def values_of_title(self, finder: PlaceFinder) -> dict:
        """Return what the title says where no column does: school and class, and that the children are rural.

        The last is presumed: it does not correct a file that says otherwise.
        """
        values = {"hukou_rural": True, "presumed": ["hukou_rural"]} if self.is_rural else {}
        school = finder.schools.named_in(self.title) if finder.schools else None
        if school and "school_words" not in self.names:
            values["school_words"] = school.name
        if not self.names & {"grade_words", "class_words"}:
            grade, number = find_class_words(self.sheet.title)
            if not grade:
                grade, number = find_class_words(self.title)
            values |= {"grade_words": grade, "class_words": number} if grade else {}
        return values


@dataclass
class CensusWorkbook:
    """The sheets of a file that list children, all with columns like the first."""

    tables: list[ChildTable]
    also_ignored: list[str] = field(default_factory=list)
    remembered: bool = False  # whether a saved layout says what its columns are

    @property
    def ignored(self) -> list[str]:
        return self.tables[0].ignored + self.also_ignored

    @property
    def reported_on(self) -> dt.date | None:
        return next((table.reported_on for table in self.tables if table.reported_on), None)

    @property
    def total(self) -> int:
        return sum(len(table.sheet.rows) - table.first for table in self.tables)

    def rows(self, finder: PlaceFinder, on: dt.date) -> Iterator[SheetRow]:
        """Yield the rows of every sheet; raise SheetError for one without any place of residence."""
        for table in self.tables:
            if not (table.names & ADDRESS_FIELDS or table.default_village(finder)):
                raise no_village_error(table)
            yield from table.rows(finder, on)


def open_census(name: str, data: bytes, layouts: dict[str, list[str]] | None = None) -> CensusWorkbook:
    """Return the sheets with a known heading, visible ones if possible; raise NoHeading when there is none.

    `layouts` hold the saved field names of columns, by the key of the heading.
    """
    layouts, sheets = layouts or {}, read_sheets(name, data)
    tables = [table for sheet in sheets if (table := find_table(sheet, layouts))]
    if not tables:
        raise no_heading_error(name, sheets)
    visible = [table for table in tables if not table.sheet.hidden] or tables
    similar = [table for table in visible if has_same_columns(table, visible[0])]
    used = {id(table) for table in similar}
    ignored = [_("sheet “%s”") % table.sheet.title for table in tables if id(table) not in used]
    remembered = heading_key(visible[0].heading) in layouts
    return CensusWorkbook(similar, ignored, remembered)


def find_table(sheet: Sheet, layouts: dict[str, list[str]]) -> ChildTable | None:
    """Return the sheet as a table of children, or None when no column is known to hold the names."""
    for row in range(min(HEADING_ROWS, len(sheet.rows)) if layouts else 0):
        heading = find_heading(sheet, is_known_heading, at=row)
        if heading and (names := layouts.get(heading_key(heading))):
            return build_table(sheet, heading, names)
    heading = find_heading(sheet, is_known_heading)
    return build_table(sheet, heading, assign_fields(heading)) if heading else None


def build_table(sheet: Sheet, heading: Heading, names: list[str]) -> ChildTable | None:
    columns, ignored = columns_from_names(heading, names)
    if not any(column.field.name == "name" for column in columns):
        return None
    return ChildTable(sheet, heading, columns, ignored, find_report_date(sheet, heading.row))


def has_same_columns(table: ChildTable, first: ChildTable) -> bool:
    """Whether a further sheet lists children too: a list of teachers beside the classes does not."""
    return 4 * len(table.names & first.names) >= 3 * len(table.names | first.names)


def no_heading_error(name: str, sheets: list[Sheet]) -> NoHeading:
    titles = "、".join(sheet.title for sheet in sheets[:5])
    error = NoHeading(
        _(
            "“%(file)s” has no known headings in its first rows (sheet %(sheets)s, row 1 and below): a "
            "column 姓名 and others of the registration form are needed. Nothing was saved."
        )
        % {"file": name, "sheets": titles}
    )
    error.tellable = any(len(sheet.rows[0]) > 1 for sheet in sheets)
    return error


def no_village_error(table: ChildTable) -> SheetError:
    text = _(
        "Sheet %(sheet)s names no village in any column or in its title. Choose the village under “Only "
        "this place” and upload it again, or add a column 家庭住址. Nothing was saved."
    )
    return SheetError(text % {"sheet": table.sheet.title})


def no_child_error(name: str, census: CensusWorkbook) -> SheetError:
    text = _("“%(file)s”, sheet %(sheet)s: there is no child below the heading in row %(row)d. Nothing was saved.")
    return SheetError(text % {"file": name, "sheet": census.tables[0].sheet.title, "row": census.tables[0].first})


def find_report_date(sheet: Sheet, above: int) -> dt.date | None:
    """Return the date above the heading (填报日期), or None."""
    for cells in sheet.rows[:above]:
        for cell in cells:
            match = REPORT_DATE.search(cell) if isinstance(cell, str) else None
            if match:
                try:
                    return parse_date(match[1].strip())
                except ValueError:
                    return None
    return None


def fill_dittos(cells: list, previous: list, own: set[int]) -> list:
    """Return the cells, with those of the previous row for 同上 (as for siblings), except in the columns `own`."""
    if DITTO.isdisjoint(cells) or not previous:
        return cells
    return [previous[index] if cell in DITTO and index not in own else cell for index, cell in enumerate(cells)]


def read_row(number: int, cells: list, columns: list[CellColumn]) -> SheetRow:
    """Return the row read by the fields' readers; unreadable cells get a note and no value."""
    row = SheetRow(number, {})
    for column in columns:
        cell = cells[column.index]
        if cell is None:
            continue
        if isinstance(cell, Formula):
            row.note(column.label, _("The cell holds a formula. Put the value itself there."))
        elif isinstance(cell, LostDigitsWarning):
            row.note(column.label, _("The spreadsheet has lost the last digits of this number. Type it again as text."))
        else:
            read_cell(row, column, split_phone(row, column, cell))
    return row


def split_phone(row: SheetRow, column: CellColumn, cell):
    """Return the name without the phone behind it, which is kept unless a column of its own has one."""
    person = column.field.name.removesuffix("_name")
    match = NAME_AND_PHONE.fullmatch(narrow(cell)) if person in PEOPLE_WITH_PHONE and isinstance(cell, str) else None
    if match is None:
        return cell
    row.values[f"{person}_phone"] = row.values.get(f"{person}_phone") or match[2]
    return match[1]


def read_cell(row: SheetRow, column: CellColumn, cell) -> None:
    name = column.field.name
    try:
        value = column.read(cell)
    except UnsureDate as error:
        if name == "birth_date":
            row.unsure = error
        else:
            row.note(column.label, str(error))
    except ValueError as error:
        is_absence = name in PARENT_NAMES and cell_text(cell) in ABSENCE_WORDS
        row.note(column.label, str(error), WARNING if is_absence or name in EXTRA_FIELD_NAMES else ERROR)
    else:
        if not column.option or value is not None:
            row.values[name] = value
