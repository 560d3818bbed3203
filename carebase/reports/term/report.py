"""The term report: one row a child of a division, told by one query, streamed as CSV."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from carebase.audit.context import acting
from carebase.audit.models import Action, record
from carebase.reports.term.columns import COLUMNS, FACTS, ReportPeriod, names
from carebase.sheets.export import csv_rows
from registry.models import Child, Division, Term

CHUNK = 500  # rows in memory at a time


def children_of(term: Term, division: Division, by=None):
    """Return the children of `division` whose files were open in `term`; only those that `by` sees, when given."""
    children = Child.objects.visible_to(by) if by else Child.objects.all()
    merged = Q(closing=Child.Closing.DUPLICATE)  # the child stands in the report with the file that stayed
    in_term = Q(closed_on=None) | Q(closed_on__gte=term.starts_on) & ~merged
    return children.living_in(division).filter(in_term).order_by("village_id", "pinyin", "pk")


def rows(children, period: ReportPeriod) -> Iterator[list]:
    """Yield the headings, and then the cells of each child."""
    yield [str(column.label) for column in COLUMNS]
    read = names()
    facts = {name: FACTS[name](period) for name in read if name in FACTS}
    places = {name: place for place, name in enumerate(read)}
    cells = [(itemgetter(*[places[name] for name in column.names]), column.show) for column in COLUMNS]
    for values in children.annotate(**facts).values_list(*read).iterator(chunk_size=CHUNK):
        yield [show(period, take(values)) if show else take(values) for take, show in cells]


def export(*, term: Term, division: Division, by, encoding: str = "", detail: dict | None = None) -> Iterator[bytes]:
    """Write down that `by` (None: a command) takes the report away, and return it as CSV in pieces.

    `encoding` as for `csv_rows`; the headings are in the language that is active now.
    """
    with translation.override("en"):
        headings = [str(column.label) for column in COLUMNS]
    told = {"report": "term", "term": term.slug, "division": division.code, "columns": headings}
    with acting(by), transaction.atomic():
        record(Action.EXPORT, division, detail=told | (detail or {}))
    table = rows(children_of(term, division, by), ReportPeriod.of(term))
    return spoken(csv_rows(table, encoding or "utf-8-sig"), translation.get_language())


def spoken(pieces: Iterable[bytes], language: str) -> Iterator[bytes]:
    """Yield what is streamed after the page is done, in the language that the page was in."""
    with translation.override(language):
        yield from pieces


def file_name(term: Term, division: Division) -> str:
    return f"carebase-term-{term.slug}-{division.code}.csv"
