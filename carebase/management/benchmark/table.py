"""The table that the benchmark prints: what was measured, its limit, and whether it is met."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from carebase.management.benchmark.pages import PAGES, Cost

MAX_MEMORY = 150  # MB, of the term report
MIN_ROWS = 1000  # a second, of an import
MAX_HASH, MAX_ROOT = 10e-6, 2.0  # seconds: a line of the audit trail, and a million of them


@dataclass(frozen=True)
class ResultLine:
    """One measurement as text; `within` is None where there is no limit."""

    what: str
    queries: str = ""
    few: str = ""
    many: str = ""
    measured: str = ""
    budget: str = ""
    within: bool | None = None

    @property
    def cells(self) -> list[str]:
        verdict = "" if self.within is None else _("ok") if self.within else _("OVER")
        return [self.what, self.queries, self.few, self.many, self.measured, self.budget, verdict]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def page_lines(few: tuple[Cost, list[Cost]], many: tuple[Cost, list[Cost]]) -> list[ResultLine]:
    (small_floor, small), (floor, large) = few, many
    queries = f"{small_floor.queries} → {floor.queries}"
    first = ResultLine(_("floor: a bare view"), queries, milliseconds(small_floor.seconds), milliseconds(floor.seconds))
    lines = [first]
    for page, before, after in zip(PAGES, small, large, strict=True):
        times = after.seconds / floor.seconds
        grown = after.queries > before.queries or after.queries > (page.most_queries or after.queries)
        most = f", ≤ {page.most_queries}" if page.most_queries else ""
        lines.append(
            ResultLine(
                f"{page.label} ({page.role})",
                f"{before.queries} → {after.queries}{most}",
                milliseconds(before.seconds),
                milliseconds(after.seconds),
                f"{times:.2f} ×",
                f"≤ {page.most_times} ×",
                times <= page.most_times and not grown,
            )
        )
    return lines


def report_lines(idle: dict, few: dict, many: dict) -> list[ResultLine]:
    queries = f"{few['queries']} → {many['queries']}, ≤ 1"
    speed = _("%d rows/s") % (many["rows"] / many["seconds"])
    lines = [ResultLine(_("Term report"), queries, measured=speed, within=many["queries"] <= 1)]
    if many["memory"] is not None:
        used = many["memory"] - idle["memory"]
        budget = f"< {MAX_MEMORY} MB"
        lines.append(
            ResultLine(_("Term report: memory"), measured=f"{used:.0f} MB", budget=budget, within=used < MAX_MEMORY)
        )
    return lines


def import_lines(idle: dict, census: dict, raw: dict) -> list[ResultLine]:
    rows, least = census["rows"], _("≥ %d rows/s") % MIN_ROWS
    lines = []
    for label, seconds in ((_("Import: preview"), census["preview"]), (_("Import: save"), census["seconds"])):
        speed = rows / seconds
        within = speed >= MIN_ROWS and census["saved"] == rows
        lines.append(ResultLine(label, measured=_("%d rows/s") % speed, budget=least, within=within))
    seconds = census["preview"] + census["seconds"]
    lines.append(ResultLine(_("Import: time of %d rows") % rows, measured=_("%.1f s") % seconds))
    times = seconds / raw["seconds"]
    lines.append(ResultLine(_("Import against bare reading and inserting"), measured=f"{times:.1f} ×"))
    if census["memory"] is not None:
        lines.append(ResultLine(_("Import: memory"), measured=f"{census['memory'] - idle['memory']:.0f} MB"))
    return lines


def trail_lines(trail: dict) -> list[ResultLine]:
    """Return the lines of the audit trail; `trail` has the seconds for a line."""
    root = trail["root"] * 1_000_000
    hashing = ResultLine(
        _("Audit trail: hash of a line"),
        measured=f"{trail['hash'] * 1e6:.1f} µs",
        budget=f"≤ {MAX_HASH * 1e6:.0f} µs",
        within=trail["hash"] <= MAX_HASH,
    )
    label = _("Audit trail: root of 1,000,000 lines")
    budget = _("≤ %.1f s") % MAX_ROOT
    return [hashing, ResultLine(label, measured=_("%.1f s") % root, budget=budget, within=root <= MAX_ROOT)]


def format_table(lines: Iterable[ResultLine], few: int, many: int) -> str:
    children = [_("CPU ms, %d children") % number for number in (few, many)]
    heading = [_("Measured"), _("queries"), *children, _("result"), _("budget"), _("verdict")]
    rows = [heading, *(line.cells for line in lines)]
    widths = [max(terminal_width(row[column]) for row in rows) for column in range(len(heading))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("  ".join(map(pad_cell, row, widths, range(len(row)))).rstrip() for row in rows)


def pad_cell(text: str, width: int, column: int) -> str:
    padding = " " * (width - terminal_width(text))
    return padding + text if column in (2, 3, 4) else text + padding


def terminal_width(text: str) -> int:
    """Return how many columns `text` takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
