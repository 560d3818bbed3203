"""`manage.py sweep_files`: removes private files that no record refers to."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from carebase.files.private import WrongFolder, remove_orphans


class Command(BaseCommand):
    help = _("Remove photos and scans that no record names: what a crash may have left. Run it once a day.")

    def handle(self, **options):
        try:
            removed = remove_orphans()
        except WrongFolder as error:
            message = _("Hardly any file in MEDIA_ROOT is named in this database. Do both belong to the same site?")
            raise CommandError(message) from error
        self.stdout.write(_("%d files were removed.") % removed)
