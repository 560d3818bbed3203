"""`manage.py verify_trail`: finds lines of the audit trail that were changed, removed or inserted."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from carebase.audit import verification
from carebase.audit.models import Event
from carebase.audit.notes import BadNote, own_verifier_keys
from carebase.audit.services import last_seal
from carebase.audit.verification import NotProvable


class Command(BaseCommand):
    help = _(
        "Check every line of the audit trail and every seal; exit code 1 if anything was changed, removed or inserted. "
        "--prove prints the proof that a line was there; --check checks such a proof, or a seal that was kept "
        "elsewhere."
    )

    def add_arguments(self, parser):
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--prove", type=int, metavar="LINE", help=_("number of the line to prove"))
        way.add_argument("--check", type=Path, metavar="FILE", help=_("a proof, or a seal kept elsewhere"))
        parser.add_argument("--key", action="append", default=[], help=_("public key of an earlier TRAIL_KEY"))

    def handle(self, *, prove: int | None, check: Path | None, key: list[str], **options):
        keys = [*own_verifier_keys(), *key]
        try:
            if prove is not None:
                self.stdout.write(verification.prove(prove))
            elif check:
                self.check_file(check, keys)
            else:
                self.verify(keys)
        except (BadNote, NotProvable) as error:
            raise CommandError(str(error)) from error

    def check_file(self, file: Path, keys: list[str]) -> None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        if text.startswith("line "):
            proven = verification.check_proof(text, keys)
            self.stdout.write(_("This line stood in the sealed trail: %(line)s\n\n%(text)s") % proven)
        else:
            self.stdout.write(_("The trail still agrees with this seal:\n\n%s") % verification.check_head(text, keys))

    def verify(self, keys: list[str]) -> None:
        for key in own_verifier_keys():
            self.stdout.write(_("Public key: %s") % key)
        whole = True
        for fault in verification.find_faults(keys):
            self.stderr.write(fault)
            whole = False
        self.summarise()
        if not whole:
            raise CommandError(_("The audit trail was tampered with."))
        self.stdout.write(_("The audit trail is whole."))

    def summarise(self) -> None:
        head = last_seal()
        unsealed = Event.objects.filter(pk__gt=head.last_event if head else 0).count()
        self.stdout.write(_("Not sealed yet: %d") % unsealed)
        if head:
            self.stdout.write(_("Last seal, to be compared with those kept elsewhere:\n\n%s") % head.note)
