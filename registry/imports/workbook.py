"""The uploaded workbook on the page of its columns: its sheets, heading and sample values."""

import re
from dataclasses import dataclass

from carebase.encryption.masks import mask
from carebase.sheets.headings import HEADING_ROWS, Heading, find_heading, is_blank
from carebase.sheets.reader import Sheet, column_letter, read_sheets
from registry.codes.text import cell_text, quoted
from registry.sheets.fields import FIELDS
from registry.sheets.layouts import heading_key, layouts_of_user
from registry.sheets.proposals import propose_fields
from registry.sheets.vocabulary import is_known_heading

SAMPLE_COUNT = 3
ID_NUMBER = re.compile(r"[0-9]{15}(?:[0-9]{2}[0-9Xx])?")
PHONE = re.compile(r"(?:\+?86)?[- ]?1[3-9][0-9](?:[- ]?[0-9]{4}){2}|\(?0[0-9]{2,3}\)?-?[0-9]{7,8}")
ADDRESS = re.compile(r"(?:[省市县区乡镇村]|社区|街道|小区).*[0-9一二三四五六七八九十]+(?:组|号|栋|单元|室)")


@dataclass
class SheetColumn:
    """One column: index, letter, heading, sample values with restricted ones masked, and proposed field."""

    index: int
    letter: str
    heading: str
    samples: list[str]
    name: str
    guessed: bool


class UploadedWorkbook:
    """The file of an import; `sheet` and `row` are the indexes that the user chose, as posted."""

    def __init__(self, batch, sheet: str = "", row: str = ""):
        self.sheets = read_sheets(batch.file_name, batch.file.data)
        self.place = parse_index(sheet, len(self.sheets), self.find_sheet())
        self.sheet: Sheet = self.sheets[self.place]
        self.row = parse_index(row, min(HEADING_ROWS, len(self.sheet.rows)), find_heading_row(self.sheet))
        self.heading: Heading = find_heading(self.sheet, is_known_heading, at=self.row)
        names, self.guessed = propose_fields(self.heading, self.sheet.rows[self.heading.row + 1 :])
        layout = layouts_of_user(batch.by).get(heading_key(self.heading))
        self.remembered = layout is not None
        self.names = pad_names(layout, len(names)) if layout else names
        if layout:
            self.guessed = set()

    def find_sheet(self) -> int:
        """Return the index of the first visible sheet with a known heading, or of the one with most rows."""
        for index, sheet in enumerate(self.sheets):
            if not sheet.hidden and find_heading(sheet, is_known_heading):
                return index
        return max(range(len(self.sheets)), key=lambda index: len(self.sheets[index].rows))

    def columns(self) -> list[SheetColumn]:
        columns = [self.column(index) for index in range(len(self.heading.columns))]
        return [column for column in columns if column.heading or column.samples]

    def column(self, index: int) -> SheetColumn:
        group, text = self.heading.groups[index], self.heading.columns[index]
        name = self.names[index]
        cells = (row[index] for row in self.sheet.rows[self.heading.row + 1 :] if row[index] is not None)
        samples = [mask_cell(name, cell_text(cell)) for cell, _place in zip(cells, range(SAMPLE_COUNT), strict=False)]
        heading = quoted(f"{group} {text}".strip(), 40)
        return SheetColumn(index, column_letter(index), heading, samples, name, index in self.guessed)

    def heading_rows(self) -> list[tuple[int, str]]:
        rows = self.sheet.rows[:HEADING_ROWS]
        return [(index, row_preview(row)) for index, row in enumerate(rows) if not is_blank(row)]


def parse_index(text: str, count: int, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) < count else default


def find_heading_row(sheet: Sheet) -> int:
    """Return the index of the heading, or else of the first row with most words without numbers."""
    if heading := find_heading(sheet, is_known_heading):
        return heading.row

    def count_words(index: int) -> int:
        cells = [cell for cell in sheet.rows[index] if cell is not None]
        return len({cell for cell in cells if isinstance(cell, str) and not re.search("[0-9]{3}", cell)})

    return max(range(min(HEADING_ROWS, len(sheet.rows))), key=lambda index: (count_words(index), -index))


def pad_names(names: list[str], width: int) -> list[str]:
    return [name if name in FIELDS else "" for name in names[:width]] + [""] * (width - len(names))


def row_preview(row: list) -> str:
    cells = [mask_cell("", quoted(cell_text(cell), 12)) for cell in row if cell is not None]
    return "、".join(cells[:8]) + ("…" if len(cells) > 8 else "")


def mask_cell(name: str, text: str) -> str:
    """Return a sample value; ID numbers, phones and addresses only masked."""
    field = FIELDS.get(name)
    if ID_NUMBER.search(text.replace(" ", "")):
        return mask("id_number", text)
    if (field and field.masked) or ADDRESS.search(text):
        return mask(name, text) if field and field.masked else mask("residence", text)
    if PHONE.search(text):
        return "、".join(mask("phone", number) for number in re.findall("[0-9]{7,}", re.sub("[-() ]", "", text)))
    return quoted(text, 20)
