"""A paper as data: pages with a grid of cells. The print page, the PDF and the workbook are rendered from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HEAD, BAND, VALUE, NUMBER = "head", "band", "value", "number"


@dataclass(frozen=True)
class Cell:
    """A text or a number over `span` columns and `rows` rows; `kind` is its style."""

    text: str | int = ""
    span: int = 1
    rows: int = 1
    kind: str = VALUE


Row = list[Cell]


@dataclass
class PaperPage:
    """A page: a title, a line above the grid, the grid, and lines below it.

    The rows of `head` are repeated where the grid continues on the next sheet.
    """

    title: str
    rows: list[Row]
    head: list[Row] = field(default_factory=list)
    above: tuple[str, str] = ("", "")
    below: list[str] = field(default_factory=list)


@dataclass
class Paper:
    """A whole paper. `widths` of its columns are in half-width characters; a portrait A4 page holds about 108."""

    name: str
    title: str
    widths: tuple[int, ...]
    pages: list[PaperPage]
    codes: list[str] = field(default_factory=list)  # of the children
    count: int = 0  # of children on a paper that names nobody
    foot: str = ""
    gaps: list = field(default_factory=list)  # for the screen only: text, children ({name, url}), more
    landscape: bool = False
    flowing: bool = False  # pages share a sheet where they fit
    size: float = 8.5  # of the font, in points


class PaperRefused(Exception):
    """A paper that cannot be made; `reasons` is a list of {text}."""

    def __init__(self, reasons: list[dict]):
        super().__init__(" ".join(str(reason["text"]) for reason in reasons))
        self.reasons = reasons


def head_cell(text: str, span: int = 1, rows: int = 1) -> Cell:
    return Cell(str(text), span, rows, HEAD)


def band_cell(text: str, span: int) -> Cell:
    return Cell(str(text), span, 1, BAND)


def label_rows(entries: list[tuple[str, str]], across: int, span: int = 1) -> list[Row]:
    """Return rows of `across` labels and values, each value over `span` columns; the last row is padded."""
    rows = []
    for start in range(0, len(entries), across):
        part = entries[start : start + across]
        part += [("", "")] * (across - len(part))
        rows.append([cell for label, value in part for cell in (head_cell(label), Cell(value, span))])
    return rows


def iterate_cells(rows: list[Row]) -> Iterator[tuple[int, int, Cell]]:
    """Yield the row, column and cell of each cell, leaving out the places that a cell above reaches into."""
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while (number, column) in taken:
                column += 1
            yield number, column, cell
            taken |= {(number + down, column + right) for down in range(cell.rows) for right in range(cell.span)}
            column += cell.span


def row_heights(rows: list[Row], minimum: float, needed: Callable[[int, Cell], float]) -> list[float]:
    """Return the height of each row, so that every cell has the height `needed` (column, cell)."""
    heights, tall = [minimum] * len(rows), []
    for number, column, cell in iterate_cells(rows):
        if cell.rows == 1:
            heights[number] = max(heights[number], needed(column, cell))
        else:
            tall.append((slice(number, number + cell.rows), needed(column, cell)))
    for spanned, height in tall:  # the rows share what a cell over several of them needs beyond their heights
        more = max(0.0, height - sum(heights[spanned])) / len(heights[spanned])
        heights[spanned] = [height + more for height in heights[spanned]]
    return heights
