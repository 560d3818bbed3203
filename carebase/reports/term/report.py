"""The term report: one row per child of a division, read by one query, streamed as CSV."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, record_event
from carebase.reports.term.columns import COLUMNS, FACTS, ReportPeriod, column_names
from carebase.reports.term.past import living_in
from carebase.sheets.export import csv_rows, export_mark
from registry.models import Child, Division, Term

EXPORT = "reports.export_term"
CHUNK = 500  # rows in memory at a time


def report_children(term: Term, division: Division, by=None):
    """Return the children of `division` whose files were open in `term`, of those that `by` sees if given."""
    seen_now = Child.objects.permitted_to(by, EXPORT) if by else Child.objects.all()
    children = living_in(division, ReportPeriod.of(term), now=seen_now).open_within(term.starts_on, term.ends_on)
    return children.order_by("village_then", "pinyin", "pk")


def report_rows(children, period: ReportPeriod) -> Iterator[list]:
    """Yield the headings, then the cells of each child."""
    yield [str(column.label) for column in COLUMNS]
    names = column_names()
    facts = {name: FACTS[name](period) for name in names if name in FACTS}
    positions = {name: position for position, name in enumerate(names)}
    cells = [(itemgetter(*[positions[name] for name in column.names]), column.show) for column in COLUMNS]
    for values in children.annotate(**facts).values_list(*names).iterator(chunk_size=CHUNK):
        yield [show(period, take(values)) if show else take(values) for take, show in cells]


def export(*, term: Term, division: Division, by, encoding: str = "", detail: dict | None = None) -> Iterator[bytes]:
    """Record that `by` (None: a command) exports the report, and return it as CSV in pieces.

    `encoding` as for `csv_rows`; the headings are in the language that is active now.
    """
    with translation.override("en"):
        headings = [str(column.label) for column in COLUMNS]
    exported = {"report": "term", "term": term.slug, "division": division.code, "columns": headings}
    with acting_as(by), transaction.atomic():
        event = record_event(Action.EXPORT, division, detail=exported | (detail or {}))
    purpose = _("Term report")
    period = ReportPeriod.of(term, export_mark(event, f"{purpose} {term}"))
    table = report_rows(report_children(term, division, by), period)
    return in_language(csv_rows(table, encoding or "utf-8-sig"), translation.get_language())


def in_language(pieces: Iterable[bytes], language: str) -> Iterator[bytes]:
    """Stream the pieces in the language of the request, which is over by then."""
    with translation.override(language):
        yield from pieces


def file_name(term: Term, division: Division) -> str:
    return _("carebase-term-%(term)s-%(place)s.csv") % {"term": term.slug, "place": division.code}
