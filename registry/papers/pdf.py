"""A paper as PDF. All sheets are laid out before the first is drawn, because each bears the number of sheets."""

import logging
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from fpdf import FPDF

from registry.papers.layout import BAND, HEAD, NUMBER, VALUE, Cell, Paper, PaperPage, Row, iterate_cells, row_heights

A4, SIDE, TOP, FOOT = (210, 297), 15, 14, 16  # millimetres
MM_PER_POINT = 25.4 / 72
LEADING, PADDING, TITLE, SMALLEST = 1.35, 1.0, 14, 6
GREY, MISSING = 238, "〓"
BREAKABLE = re.compile(r"[!-~]+|\s|[^\s]")  # a Latin word or number stays whole; Chinese breaks anywhere
logging.getLogger("fontTools").setLevel(logging.ERROR)


class FontMissing(Exception):
    """No Chinese font is installed where the settings say; the message is shown to the user."""


def font_path() -> Path:
    path = Path(settings.PAPER_FONT)
    if not path.is_file():
        raise FontMissing(_("This machine has no Chinese font for PDF files. Print the page, or get the workbook."))
    return path


@dataclass(frozen=True)
class TextBox:
    """Lines of text in a rectangle, in millimetres from the upper left corner; `size` is in points."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    kind: str
    size: float


@dataclass
class PdfSheet:
    boxes: list[TextBox] = field(default_factory=list)
    filled: float = TOP


class TextMeasure:
    """Measures and breaks text by the widths of the font's characters, which are cached."""

    def __init__(self, pdf: FPDF):
        pdf.set_font("paper", size=10)
        self.glyphs = pdf.fonts["paper"].cmap
        self.width = lru_cache(maxsize=None)(lambda sign: pdf.get_string_width(sign) / 10)
        self.lines = lru_cache(maxsize=20_000)(
            self.break_lines
        )  # each text is measured three times, and headings repeat

    def printable(self, text: str) -> str:
        """Replace each character that the font lacks with 〓, as printers do; it would vanish otherwise."""
        return "".join(sign if ord(sign) in self.glyphs or sign in "\n " else MISSING for sign in text)

    def break_lines(self, text: str, width: float, size: float) -> tuple[str, ...]:
        """Return the lines of a text that fit into `width` millimetres at `size` points."""
        lines = []
        for paragraph in self.printable(str(text)).split("\n"):
            line, filled = "", 0.0
            for piece in self.pieces(paragraph, width, size):
                piece_width = self.measure(piece, size)
                if line and filled + piece_width > width:
                    lines.append(line.rstrip())
                    line, filled = "", 0.0
                line, filled = line + piece, filled + piece_width
            lines.append(line.rstrip())
        return tuple(lines)

    def pieces(self, text: str, width: float, size: float):
        """Yield the pieces between which a line may break; a word longer than the line is broken anywhere."""
        for piece in BREAKABLE.findall(text):
            yield from [piece] if self.measure(piece, size) <= width else piece

    def measure(self, text: str, size: float) -> float:
        return sum(map(self.width, text)) * size


class PdfLayout:
    def __init__(self, paper: Paper, ruler: TextMeasure):
        self.paper, self.ruler = paper, ruler
        self.page_width, self.page_height = A4[::-1] if paper.landscape else A4
        unit = (self.page_width - 2 * SIDE) / sum(paper.widths)
        self.edges = [SIDE + unit * sum(paper.widths[:column]) for column in range(len(paper.widths) + 1)]
        self.end, self.sheets, self.size = self.page_height - FOOT, [], paper.size

    def build_sheets(self) -> list[PdfSheet]:
        for page in self.paper.pages:
            self.place(page)
        return self.sheets or [PdfSheet()]

    def place(self, page: PaperPage) -> None:
        """Put a page on a new sheet, or below the last page where pages may share a sheet and it fits."""
        self.size = self.paper.size
        while (height := self.height(page)) > self.end - TOP and not page.head and self.size > SMALLEST:
            self.size -= 0.5  # one child's page stays on one sheet as long as it is readable
        shared = self.paper.flowing and self.sheets and self.sheets[-1].filled + 8 + height <= self.end
        if shared:
            self.sheets[-1].filled += 8
        else:
            self.sheets.append(PdfSheet())
        self.text_line(page.title, TITLE, "title")
        self.line_above(page)
        self.grid(page)
        for text in page.below:
            self.text_line(text, self.size - 0.5, "line")

    def height(self, page: PaperPage) -> float:
        """Return the height of an unbroken page in millimetres."""
        rows = sum(sum(self.heights(part)) for part in (page.head, page.rows))
        below = sum(self.line_height(text, self.size - 0.5) for text in page.below)
        return rows + below + self.line_height(page.title, TITLE) + self.line_height("—", self.size) + 2 * PADDING

    def heights(self, rows: list[Row]) -> list[float]:
        return row_heights(rows, 0.0, self.cell_height)

    def cell_height(self, column: int, cell: Cell) -> float:
        width = self.edges[column + cell.span] - self.edges[column] - 2 * PADDING
        return len(self.ruler.lines(cell.text, width, self.size)) * self.leading(self.size) + 2 * PADDING

    def grid(self, page: PaperPage) -> None:
        head, heights = self.heights(page.head), self.heights(page.rows)
        self.rows(page.head, head)
        for first, last in row_groups(page.rows):
            need = sum(heights[first:last])
            if self.sheets[-1].filled + need > self.end and need < self.end - TOP - sum(head):
                self.sheets.append(PdfSheet())
                self.rows(page.head, head)
            self.rows(page.rows[first:last], heights[first:last])

    def rows(self, rows: list[Row], heights: list[float]) -> None:
        sheet = self.sheets[-1]
        for number, column, cell in iterate_cells(rows):
            y = sheet.filled + sum(heights[:number])
            width = self.edges[column + cell.span] - self.edges[column]
            lines = self.ruler.lines(cell.text, width - 2 * PADDING, self.size)
            height = sum(heights[number : number + cell.rows])
            sheet.boxes.append(TextBox(self.edges[column], y, width, height, lines, cell.kind, self.size))
        sheet.filled += sum(heights)

    def line_above(self, page: PaperPage) -> None:
        """Put the two texts above the grid: one at the left, one at the right."""
        sheet, width = self.sheets[-1], self.edges[-1] - SIDE
        for text, kind in zip(page.above, ("line", "right"), strict=True):
            height = self.line_height("—", self.size)
            lines = (self.ruler.printable(text),)
            sheet.boxes.append(TextBox(SIDE, sheet.filled, width, height, lines, kind, self.size))
        sheet.filled += self.line_height("—", self.size) + PADDING

    def text_line(self, text: str, size: float, kind: str) -> None:
        height, width = self.line_height(text, size), self.edges[-1] - SIDE
        if self.sheets[-1].filled + height > self.end:
            self.sheets.append(PdfSheet())
        sheet = self.sheets[-1]
        lines = self.ruler.lines(text, width, size)
        sheet.boxes.append(TextBox(SIDE, sheet.filled, width, height, lines, kind, size))
        sheet.filled += height

    def line_height(self, text: str, size: float) -> float:
        return len(self.ruler.lines(text, self.edges[-1] - SIDE, size)) * self.leading(size) + PADDING

    @staticmethod
    def leading(size: float) -> float:
        return size * MM_PER_POINT * LEADING


def row_groups(rows: list[Row]):
    """Yield the start and the end of each group of rows that a cell over several rows keeps together."""
    first, end = 0, 0
    for number, row in enumerate(rows):
        if number >= end and number > first:
            yield first, number
            first = number
        end = max([end, *(number + cell.rows for cell in row)])
    if rows:
        yield first, len(rows)


def pdf_bytes(paper: Paper) -> bytes:
    """Return the paper as PDF with the used part of its font embedded; raise FontMissing without one."""
    path = font_path()
    pdf = FPDF(orientation="landscape" if paper.landscape else "portrait", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(paper.title)
    pdf.set_creator("Carebase")
    number = settings.PAPER_FONT_NUMBER if path.suffix in {".ttc", ".otc"} else 0
    pdf.add_font("paper", fname=path, collection_font_number=number)
    ruler = TextMeasure(pdf)
    layout = PdfLayout(paper, ruler)
    sheets = layout.build_sheets()
    for number, sheet in enumerate(sheets, 1):
        pdf.add_page()
        for box in sheet.boxes:
            draw_box(pdf, box, ruler)
        of = _("page %(number)s of %(count)s") % {"number": number, "count": len(sheets)}
        draw_footer(pdf, layout, ruler, paper.foot, of)
    return bytes(pdf.output())


def draw_footer(pdf: FPDF, layout: PdfLayout, ruler: TextMeasure, text: str, of: str) -> None:
    """Draw the footer of a sheet: the notice that must stay with it, and its page number."""
    width, y = layout.edges[-1] - SIDE, layout.page_height - FOOT + 3
    lines = ruler.lines(f"{text} · {of}", width, 7)
    draw_box(pdf, TextBox(SIDE, y, width, len(lines) * PdfLayout.leading(7), lines, "line", 7), ruler)


def draw_box(pdf: FPDF, box: TextBox, ruler: TextMeasure) -> None:
    pdf.set_font("paper", size=box.size)
    if box.kind in {HEAD, BAND, VALUE, NUMBER}:
        pdf.set_fill_color(GREY)
        pdf.rect(box.x, box.y, box.width, box.height, style="DF" if box.kind in {HEAD, BAND} else "D")
    leading, middle = PdfLayout.leading(box.size), box.kind in {HEAD, NUMBER, "title"}
    y = box.y + (box.height - len(box.lines) * leading) / 2 + leading * 0.75
    for line in box.lines:
        spare = box.width - 2 * PADDING - ruler.measure(line, box.size)
        shift = spare / 2 if middle else spare if box.kind == "right" else 0
        if line:
            pdf.text(box.x + PADDING + shift, y, line)
        y += leading
