"""The term report as a file, for scheduled runs: the same bytes as the page gives."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.reports.term.forms import ENCODINGS
from carebase.reports.term.report import export
from registry.models import Division, Term


class Command(BaseCommand):
    help = gettext_lazy("Writes the term report of a division as CSV, one row per child.")

    def add_arguments(self, parser):
        parser.add_argument("--term", required=True, metavar="SLUG", help=_("the term, such as 2026-autumn"))
        parser.add_argument("--division", required=True, metavar="CODE", help=_("the 12-digit code of the place"))
        parser.add_argument("--output", required=True, metavar="FILE", help=_("the file to write"))
        parser.add_argument("--encoding", choices=[name for name, _label in ENCODINGS], default="utf-8-sig")

    def handle(self, *args, **options):
        term = Term.objects.filter(slug=options["term"]).first()
        if term is None:
            raise CommandError(_("There is no term “%(slug)s”.") % {"slug": options["term"]})
        division = Division.objects.filter(code=options["division"]).first()
        if division is None:
            raise CommandError(_("There is no place with the code “%(code)s”.") % {"code": options["division"]})
        output = Path(options["output"])
        detail = {"command": "term_report"}
        try:
            write_whole(
                output,
                export(term=term, division=division, by=None, encoding=options["encoding"], detail=detail),
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(
                _("The report could not be written to “%(file)s”: %(reason)s.") % {"file": output, "reason": reason}
            ) from error
        self.stdout.write(_("Written: %(file)s") % {"file": output})


def write_whole(output: Path, pieces: Iterable[bytes]) -> None:
    """Write `pieces` beside `output` and rename at the end, so that nobody ever finds half a file.

    The file is readable by its owner alone: it names children. Raises OSError, and leaves nothing behind.
    """
    handle, beside = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name[:50]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, output)
    except BaseException:
        os.unlink(beside)
        raise
