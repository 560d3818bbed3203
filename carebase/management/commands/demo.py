"""`manage.py demo`: fills a database with invented people and serves it on this machine."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from carebase.accounts.models import User
from carebase.management import demo_server
from carebase.management.demo_data.loader import load_demonstration
from carebase.models import Demonstration
from registry.models import Child, Definition

DATA_APPS = ("accounts", "registry", "visits", "pairing", "activities")
SLOW_CHILDREN = 5000  # loading more takes so long that the command says so
MAX_CHILDREN = 300_000  # the invented ID numbers are enough for these


class Command(BaseCommand):
    help = _("Fill an empty database with invented children, and serve it on this machine only.")

    def add_arguments(self, parser):
        parser.add_argument(
            "--children",
            type=int,
            default=0,
            metavar="N",
            help=_("how many children in all, at least the 40 of the example"),
        )
        parser.add_argument("--no-server", action="store_true", help=_("only fill the database"))
        parser.add_argument("--reset", action="store_true", help=_("delete the demonstration and load it again"))
        parser.add_argument("--port", type=int, default=8000, metavar="P", help=_("port to serve on; 0 for a free one"))

    def handle(self, *, children: int, no_server: bool, reset: bool, port: int, **options):
        validate_options(children, port)
        database_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_foreign_data()
        if reset and is_demonstration():
            delete_database()
        call_command("migrate", verbosity=0, interactive=False)
        if children > SLOW_CHILDREN and not is_demonstration():
            self.say(_("Inventing %d children takes a while."), children)
        loaded = _("The demonstration was loaded: %d children.")
        kept = _("This database is already a demonstration, and was kept: %d children.")
        self.say(loaded if load_once(children) else kept, Child.objects.count())
        self.show_accounts()
        if not no_server:
            self.serve(port)

    def say(self, sentence: str, *values):
        self.stdout.write(sentence % values if values else sentence)
        self.stdout.flush()  # a test reads the URL from a pipe

    def show_accounts(self):
        self.say(_("Everybody's password is %s. Everyone here is invented."), Demonstration.PASSWORD)
        for account in User.objects.filter(is_active=True).order_by("pk"):
            self.say(f"  {account.username:<12} {account.get_role_display()}  {account.name}")

    def serve(self, port: int):
        try:
            server = demo_server.open_server(port)
        except OSError as error:
            raise CommandError(_("Port %d is taken. Choose another with --port.") % port) from error
        self.say(_("Open %s in a browser on this machine. Ctrl-C ends it."), demo_server.server_url(server))
        demo_server.serve(server)


def validate_options(children: int, port: int) -> None:
    if settings.PRODUCTION:
        raise CommandError(_("This is set up for production; a demonstration cannot be loaded here."))
    if connection.vendor != "sqlite":
        raise CommandError(_("A demonstration needs an SQLite database; DATABASE_URL names another kind."))
    if not 0 <= children <= MAX_CHILDREN:
        raise CommandError(_("--children takes a number from 0 to %d.") % MAX_CHILDREN)
    if not 0 <= port <= 65535:
        raise CommandError(_("--port takes a number from 0 to 65535."))


def database_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def refuse_foreign_data() -> None:
    if holds_data() and not is_demonstration():
        raise CommandError(_("This database holds data and is not a demonstration. Nothing was changed."))


def delete_database() -> None:
    file = database_file()
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def load_once(children: int) -> bool:
    """Load the demonstration unless there is one; return whether it was loaded. The transaction lets in one process."""
    with transaction.atomic():
        if is_demonstration():
            return False
        refuse_foreign_data()  # again, now that no other process writes
        load_demonstration(children)
    return True


def is_demonstration() -> bool:
    return has_rows(Demonstration, connection.introspection.table_names())


def holds_data() -> bool:
    """Return whether there are rows of ours or tables of another program.

    Audit events of failed sign-ins do not count, nor definitions, which migrations create.
    """
    tables = connection.introspection.table_names()
    foreign = set(tables) - {*connection.introspection.django_table_names(), MigrationRecorder.Migration._meta.db_table}
    models = [model for app in DATA_APPS for model in apps.get_app_config(app).get_models() if model is not Definition]
    return bool(foreign) or any(has_rows(model, tables) for model in models)


def has_rows(model, tables: list[str]) -> bool:
    return model._meta.db_table in tables and model._base_manager.exists()
