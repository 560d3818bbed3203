"""`manage.py bench`: measures the pages, the report and the import, and compares them with their limits."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from carebase.management import workbook
from carebase.management.benchmark import pages, table
from carebase.management.benchmark.client import UnexpectedResponse
from carebase.management.benchmark.databases import (
    MANY,
    Database,
    ProcessFailed,
    compared_sizes,
    copy_database,
    load_database,
)
from carebase.management.commands.demo import MAX_CHILDREN


class Command(BaseCommand):
    help = _(
        "Measure pages, term report and import with invented children in separate databases, and print the "
        "cost beside the budget. Processor time is compared with a bare view behind the same middleware."
    )

    def add_arguments(self, parser):
        number = {"type": int, "metavar": "N"}
        parser.add_argument("--children", default=MANY, **number, help=_("how many children the registry holds"))
        parser.add_argument("--requests", default=200, **number, help=_("how often each page is measured"))
        parser.add_argument("--rows", default=20_000, **number, help=_("how many rows the imported sheet has"))
        parser.add_argument("--keep", type=Path, metavar="FOLDER", help=_("where loaded databases are kept and reused"))

    def handle(self, *, children: int, requests: int, rows: int, keep: Path | None, **options):
        validate_options(children, requests, rows)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carebase-bench-")))
            loaded = keep.resolve() if keep else folder
            loaded.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self.measure(folder, loaded, compared_sizes(children), requests, rows)
            except (ProcessFailed, UnexpectedResponse, OSError) as error:
                raise CommandError(_("The benchmark could not run: %s") % error) from error

    def measure(self, folder: Path, loaded: Path, sizes: tuple[int, int], requests: int, rows: int) -> None:
        databases = []
        for number in sizes:
            self.say(_("Loading %d invented children …"), number)
            databases.append(copy_database(load_database(loaded, number), folder, f"measured-{number}"))
        few, many = databases
        self.say(_("Measuring the pages, each %d times …"), requests)
        costs = [measure_pages(database, requests) for database in databases]
        self.say(_("Measuring the term report …"))
        idle = many.probe("idle")
        reports = [database.probe("report", str(folder / "report.csv")) for database in databases]
        self.say(_("Measuring the import of %d rows …"), rows)
        sheet = folder / "census.xlsx"
        workbook.official_form(workbook.invented_rows(rows), sheet)
        imports = [many.probe(kind, str(sheet)) for kind in ("raw", "census")]
        raw, census = imports
        lines = table.page_lines(*costs) + table.report_lines(idle, *reports) + table.import_lines(idle, census, raw)
        lines += table.trail_lines(many.probe("trail"))
        self.say("\n" + table.format_table(lines, *sizes))

    def say(self, sentence: str, *values):
        self.stdout.write(sentence % values if values else sentence)
        self.stdout.flush()


def validate_options(children: int, requests: int, rows: int) -> None:
    for name, number, most in (
        ("children", children, MAX_CHILDREN),
        ("requests", requests, 10**6),
        ("rows", rows, 22_000),
    ):
        if not 1 <= number <= most:
            raise CommandError(_("--%(name)s takes a number from 1 to %(most)d.") % {"name": name, "most": most})


def measure_pages(database: Database, requests: int) -> tuple[pages.Cost, list[pages.Cost]]:
    with database.serve() as port:
        return pages.measure(port, requests)
