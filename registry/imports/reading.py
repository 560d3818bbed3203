"""What each row of a census sheet says: values by blank, and notes on what is doubtful or refused."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from carebase.sheets import Formula, LostDigits, Sheet, SheetError, find_heading, is_footer, read_sheets
from registry.codes.dates import parse_date
from registry.imports.columns import Column, columns_of, known
from registry.imports.judging import DOUBT, ERROR, judge
from registry.imports.places import PlaceFinder
from registry.models import ImportBatch, ImportRow

REPORTED = re.compile(r"填报日期[:：]?\s*(.+)")


@dataclass
class Row:
    """A row as it was read. `notes` are [column label, text, "doubt" | "error"]."""

    number: int
    values: dict
    notes: list[list[str]] = field(default_factory=list)
    sheet: str = ""

    def note(self, column: str, text: str, severity: str = ERROR) -> None:
        self.notes.append([column, str(text), severity])

    @property
    def refused(self) -> bool:
        return any(severity == ERROR for _column, _text, severity in self.notes)

    @property
    def doubtful(self) -> bool:
        return any(severity == DOUBT for _column, _text, severity in self.notes)

    def staged(self, batch: ImportBatch, status: str, **more) -> ImportRow:
        """Return the row, unsaved, as the preview of `batch` keeps it; `more` are further fields of it."""
        read = {"sheet": self.sheet, "number": self.number, "values": self.values, "notes": self.notes}
        return ImportRow(batch=batch, status=status, remarks=self.doubtful, **read, **more)


@dataclass
class Census:
    """A sheet whose heading was understood."""

    sheet: Sheet
    first: int  # index of the first row below the heading
    columns: list[Column]
    ignored: list[str]
    reported_on: dt.date | None

    def rows(self, finder: PlaceFinder, on: dt.date) -> Iterator[Row]:
        """Read row by row, as of the day `on`; footers, totals and blank rows are left out."""
        labels = {column.blank.name: column.label for column in self.columns}
        for number, cells in self.sheet.numbered(self.first):
            if is_footer(cells):
                continue
            row = read_row(number, cells, self.columns)
            row.sheet = self.sheet.title[:100]
            judge(row, labels, finder, on)
            yield row


def open_census(name: str, data: bytes) -> Census:
    """Return the first sheet with a known heading; raise SheetError, a sentence for the user, when there is none."""
    sheets = sorted(read_sheets(name, data), key=lambda sheet: sheet.hidden)
    found = [census for sheet in sheets if (census := census_of(sheet))]
    if found:
        found[0].ignored += [_("sheet “%s”") % census.sheet.title for census in found[1:]]
        return found[0]
    titles = "、".join(sheet.title for sheet in sheets[:5])
    raise SheetError(
        _(
            "“%(file)s” has no heading that is known in its first rows (sheet %(sheets)s, row 1 and below): a column "
            "姓名 and others of the census form are needed. Nothing was saved."
        )
        % {"file": name, "sheets": titles}
    )


def census_of(sheet: Sheet) -> Census | None:
    """Return the sheet as a census, or None when it has no heading with the children's names."""
    heading = find_heading(sheet, known)
    columns, ignored = columns_of(heading) if heading else ([], [])
    if not any(column.blank.name == "name" for column in columns):
        return None
    return Census(sheet, heading.row + 1, columns, ignored, reported_on(sheet, heading.row))


def no_child(name: str, census: Census) -> SheetError:
    """Return the answer to a sheet that ends with its heading."""
    text = _("“%(file)s”, sheet %(sheet)s: there is no child below the heading in row %(row)d. Nothing was saved.")
    return SheetError(text % {"file": name, "sheet": census.sheet.title, "row": census.first})


def reported_on(sheet: Sheet, above: int) -> dt.date | None:
    """Return the date that the heading of the form states (填报日期), or None."""
    for cells in sheet.rows[:above]:
        for cell in cells:
            match = REPORTED.search(cell) if isinstance(cell, str) else None
            if match:
                try:
                    return parse_date(match[1].strip())
                except ValueError:
                    return None
    return None


def read_row(number: int, cells: list, columns: list[Column]) -> Row:
    """Read the cells of one row by their blanks' readers; what cannot be read is noted and left empty."""
    row = Row(number, {})
    for column in columns:
        cell = cells[column.index]
        if cell is None:
            continue
        if isinstance(cell, Formula):
            row.note(column.label, _("The cell holds a formula. Put the value itself there."))
        elif isinstance(cell, LostDigits):
            row.note(column.label, _("The spreadsheet has lost the last digits of this number. Type it again as text."))
        else:
            try:
                row.values[column.blank.name] = column.read(cell)
            except ValueError as error:
                row.note(column.label, str(error))
    return row
