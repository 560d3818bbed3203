"""A paper as a workbook laid out like the paper: merged cells, borders, widths, and a sheet set up for printing.

Text cells follow the rules of carebase.sheets.export, so that none can act as a formula.
"""

import io
import math
from unicodedata import east_asian_width

import xlsxwriter

from carebase.sheets.export import TEXT_FORMAT, WORKBOOK_OPTIONS, sheet_title
from registry.papers.layout import (
    BAND,
    HEAD,
    NUMBER,
    VALUE,
    Cell,
    Paper,
    PaperPage,
    Row,
    iterate_cells,
    row_heights,
)

LINE_HEIGHT, A4_PAPER = 13.5, 9  # points; Excel's number of A4
SHEET_HEIGHT = {False: 740, True: 500}  # points of text on a portrait (False) and a landscape A4 page
CELL_FORMATS = {
    HEAD: {"border": 1, "align": "center", "bg_color": "#EEEEEE"},
    BAND: {"border": 1, "align": "left", "bg_color": "#EEEEEE", "bold": True},
    VALUE: {"border": 1, "align": "left"},
    NUMBER: {"border": 1, "align": "center"},
    "title": {"align": "center", "bold": True, "font_size": 14},
    "line": {"align": "left"},
    "right": {"align": "right"},
}


class SheetWriter:
    """Writes the pages of a paper below each other on one sheet, each starting a printed page."""

    def __init__(self, workbook: xlsxwriter.Workbook, paper: Paper):
        self.paper, self.sheet, self.row, self.filled = paper, workbook.add_worksheet(sheet_title(paper.title)), 0, 0.0
        base = {"num_format": TEXT_FORMAT, "text_wrap": True, "valign": "vcenter", "font_size": 9}
        self.formats = {kind: workbook.add_format(base | look) for kind, look in CELL_FORMATS.items()}
        self.breaks: list[int] = []
        self.last = len(paper.widths) - 1

    def write(self) -> None:
        for column, width in enumerate(self.paper.widths):
            self.sheet.set_column(column, column, width)
        self.set_up()
        for page in self.paper.pages:
            self.write_page(page)
        self.write_full_line(self.paper.foot, "line")
        self.sheet.set_h_pagebreaks(self.breaks[:1000])

    def set_up(self) -> None:
        """Set up the sheet for A4, with the footer on each printed page."""
        sheet, foot = self.sheet, self.paper.foot.replace("&", "&&")
        sheet.set_paper(A4_PAPER)
        if self.paper.landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.6, top=0.55, bottom=0.75)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&7{foot[:220]}&R&7 &P / &N")

    def write_page(self, page: PaperPage) -> None:
        rows = [*page.head, *page.rows]
        heights = row_heights(rows, LINE_HEIGHT, self.cell_height)
        self.break_before(sum(heights) + LINE_HEIGHT * (3 + len(page.below)))
        self.write_full_line(page.title, "title")
        half = self.half_width_columns()
        self.write_line([Cell(page.above[0], half), Cell(page.above[1], self.last + 1 - half)], ("line", "right"))
        if page.head:
            self.sheet.repeat_rows(self.row, self.row + len(page.head) - 1)
        for number, column, cell in iterate_cells(rows):
            self.write_cell(self.row + number, column, cell, cell.kind)
        for number, height in enumerate(heights):
            self.sheet.set_row(self.row + number, height)
        self.row += len(rows)
        self.filled += sum(heights)
        for text in page.below:
            self.write_full_line(text, "line")
        self.row += 1

    def break_before(self, height: float) -> None:
        """Start a new printed page, unless this is the first or the page fits below others."""
        fits = self.paper.flowing and self.filled + height < SHEET_HEIGHT[self.paper.landscape]
        if self.row and not fits:
            self.breaks.append(self.row)
            self.filled = 0.0

    def half_width_columns(self) -> int:
        half, total = sum(self.paper.widths) / 2, 0
        for column, width in enumerate(self.paper.widths):
            total += width
            if total >= half:
                return min(column + 1, self.last)
        return self.last

    def write_full_line(self, text: str, kind: str) -> None:
        lines = count_lines(text, sum(self.paper.widths))
        self.sheet.set_row(self.row, LINE_HEIGHT * lines + (8 if kind == "title" else 0))
        self.write_line([Cell(text, self.last + 1)], (kind,))
        self.filled += LINE_HEIGHT * lines

    def write_line(self, cells: Row, kinds: tuple[str, ...]) -> None:
        for (_row, column, cell), kind in zip(iterate_cells([cells]), kinds, strict=True):
            self.write_cell(self.row, column, cell, kind)
        self.row += 1

    def write_cell(self, row: int, column: int, cell: Cell, kind: str) -> None:
        look = self.formats[kind]
        if cell.span > 1 or cell.rows > 1:
            self.sheet.merge_range(row, column, row + cell.rows - 1, column + cell.span - 1, "", look)
        if isinstance(cell.text, int):
            self.sheet.write_number(row, column, cell.text, look)
        elif cell.text:
            self.sheet.write_string(row, column, cell.text, look)
        else:
            self.sheet.write_blank(row, column, None, look)

    def cell_height(self, column: int, cell: Cell) -> float:
        """Return the height in points; spreadsheet programs do not compute it for merged cells."""
        return LINE_HEIGHT * count_lines(str(cell.text), sum(self.paper.widths[column : column + cell.span])) + 3


def count_lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of `width` half-width characters."""
    length = sum(2 if east_asian_width(sign) in "WF" else 1.1 for sign in text)
    return max(1, math.ceil(length / max(1, width - 1)))


def xlsx_bytes(paper: Paper) -> bytes:
    """Return the paper as a workbook. It is written in memory: no copy stays on the disk."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, WORKBOOK_OPTIONS) as workbook:
        workbook.set_properties({"title": paper.title, "comments": paper.foot})
        SheetWriter(workbook, paper).write()
    return output.getvalue()
