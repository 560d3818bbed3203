"""The import of the web page, at a terminal."""

from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from carebase.accounts.models import User
from carebase.sheets.guard import MAX_FILE_SIZE, SheetError
from registry.imports import staging, writer
from registry.models import Division, ImportRow, Term

REFUSED, UNREADABLE = 1, 2


class DryRun(Exception):
    """Raised to roll back the transaction of a dry run."""


class Command(BaseCommand):
    help = _(
        "Import a registration form or a list of children. Prints counts and every refusal as `row, "
        "column: why`. Exit code 0: all was saved; 1: something was refused; 2: the file could not be read."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--term", required=True, help=_("such as 2026-autumn"))
        parser.add_argument("--by", required=True, help=_("the user name that runs the import"))
        parser.add_argument("--place", help=_("import only children of this division, by its 12-digit code"))
        parser.add_argument("--dry-run", action="store_true", help=_("report what would happen and save nothing"))
        names = ("--valid-rows", "--sound-rows")  # the second is an older spelling that scripts still use
        parser.add_argument(*names, action="store_true", help=_("save the valid rows, skip the refused"))

    def handle(self, **options):
        by, term, place = self.parse_options(options)
        refused = True
        with suppress(DryRun), transaction.atomic():
            batch = self.stage(options["file"], term, by, place)
            refused = self.report(batch)
            if options["dry_run"]:
                self.stdout.write(_("Dry run: nothing was saved."))
                raise DryRun
            self.save(batch, by, options["valid_rows"])
        # Outside the block: an exception inside it would roll back the saved children.
        if refused:
            raise SystemExit(REFUSED)

    def parse_options(self, options):
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None or not by.has_perm("registry.import_child"):
            raise CommandError(_("“%s” is not a user who may import children.") % options["by"], returncode=UNREADABLE)
        term = Term.objects.filter(slug=options["term"]).first()
        if term is None:
            raise CommandError(_("There is no term “%s”.") % options["term"], returncode=UNREADABLE)
        place = options["place"] and Division.objects.governed_by(by).filter(code=options["place"]).first()
        if options["place"] and not place:
            message = _("There is no division “%s” within the area of this user.")
            raise CommandError(message % options["place"], returncode=UNREADABLE)
        return by, term, place or None

    def stage(self, path: Path, term, by, place):
        try:
            if path.stat().st_size > MAX_FILE_SIZE:
                raise SheetError(_("“%s” is larger than 20 MB. Split it into several files.") % path.name)
            return staging.stage_file(name=path.name, data=path.read_bytes(), term=term, by=by, place=place)
        except (OSError, SheetError) as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error

    def report(self, batch) -> bool:
        """Print counts and refusals; return whether any row is refused."""
        for status in ImportRow.Status:
            self.stdout.write(f"{status.label}: {batch.counts.get(status, 0)}")
        refused = batch.rows.filter(status__in=[ImportRow.Status.PROBLEM, ImportRow.Status.DUPLICATE]).order_by("pk")
        for row in refused.iterator():
            for line in self.problem_lines(row):
                self.stdout.write(line)
        if ignored := batch.counts["ignored"]:
            self.stdout.write(_("Columns that are not read: %s") % "、".join(ignored))
        return bool(batch.counts.get(ImportRow.Status.PROBLEM) or batch.counts.get(ImportRow.Status.DUPLICATE))

    @staticmethod
    def problem_lines(row) -> list[str]:
        """Return the problems of a row as `row, column: why`."""
        if row.status == ImportRow.Status.DUPLICATE:
            return [f"{row.number}: " + _("Possible duplicate; decide on the web page.")]
        problems = [(column, text) for column, text, severity in row.notes if severity == "error"]
        return [f"{row.number}, {column}: {text}" if column else f"{row.number}: {text}" for column, text in problems]

    def save(self, batch, by, valid_rows: bool) -> None:
        try:
            count = writer.save_batch(batch=batch, by=by, valid_rows=valid_rows)
        except ValidationError as error:
            self.stdout.write(" ".join(error.messages))
            raise SystemExit(REFUSED) from error
        batch.refresh_from_db()
        self.stdout.write(_("%d children were registered.") % count)
        self.stdout.write(_("%d files were updated.") % batch.counts["updated"])
