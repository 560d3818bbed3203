"""`manage.py seal_trail`: seals the audit trail now."""

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils.translation import gettext as _

from carebase.audit.services import last_seal, seal_trail


class Command(BaseCommand):
    help = _(
        "Seal the audit trail now and print the seal, to be kept outside of this machine. The background work does "
        "so each hour; with JOBS=inline, run this as often."
    )

    def handle(self, **options):
        try:
            seal_trail()
        except OperationalError as error:
            raise CommandError(_("Others are writing at the moment; please try again.")) from error
        if head := last_seal():
            self.stdout.write(head.note)
