"""What all tests share: their settings, their database, and who signs in."""

import gc
import hashlib
import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_migrate
from django.template import engines
from django.test import override_settings

from tests.demo_process import run_manage
from tests.page_faults import UNKNOWN
from tests.triggers import flush_without_triggers

ROOT = Path(__file__).parent.parent
_number = itertools.count(1)


def pytest_collection_finish():
    """Spare the collector from looking through all that was loaded by now, which stays anyway: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def session_settings(tmp_path_factory):
    """Hash fast, speak English, do long work at once; tests about these ask for another way."""
    folder = tmp_path_factory.mktemp("files")
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # the real one's cost is Django's to test
        LANGUAGE_CODE="en",  # the source strings
        JOBS="inline",
        JOBS_ROOT=str(folder / "jobs"),
        MEDIA_ROOT=str(folder / "media"),
    ):
        yield folder


@pytest.fixture(autouse=True)
def private_folder(settings, session_settings):
    """Photos, scans and signs of work of a test stand in folders of its own, which are made when they are used."""
    folder = session_settings / str(next(_number))
    settings.MEDIA_ROOT, settings.JOBS_ROOT = str(folder / "media"), str(folder / "jobs")


@pytest.fixture
def login(client):
    """Sign a user in: `login(user)` returns the client."""

    def _login(user):
        client.force_login(user)
        return client

    return _login


@pytest.fixture
def unknown_variables(monkeypatch):
    """A variable that a template prints and was not given shows itself; see `page_faults.unknown_variables`."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", UNKNOWN)


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """The database for a scene that the tests of a module share: each test's changes are undone, the scene stays.

    Not for modules with real transactions (`transaction=True`), which empty the tables.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory):
    """`demo_database(folder)` puts a fresh demonstration there and returns its file: loaded once, then copied."""
    loaded = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    done = run_manage(loaded, "demo", "--no-server")
    assert done.returncode == 0, done.stderr
    return lambda folder: Path(shutil.copy(loaded, folder))


@pytest.fixture(scope="session")
def migrated():
    """SQLite: begin with the tables of the last run that had the same migrations, if there was one.

    Django's own `migrate` comes after it and finds nothing to do. PostgreSQL has `--reuse-db` for that.
    """
    folders = ("**/migrations", "carebase", "carebase/audit")
    sources = [path for folder in folders for path in sorted(ROOT.glob(f"{folder}/*.py"))]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + django.__version__.encode()).hexdigest()
    file = ROOT / ".pytest_cache" / f"migrated-{key[:16]}.sqlite3"
    if connection.vendor != "sqlite" or not file.exists():
        yield file
        return
    name = connection.creation._get_test_db_name()
    with closing(sqlite3.connect(name, uri=True)) as memory, closing(sqlite3.connect(file)) as template:
        template.backup(memory)
        yield file


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup, django_db_blocker):
    """Keep what migrations made through tests with real transactions, between which every table is emptied.

    The rows that migrations wrote are put back. The audit trail's triggers forbid to empty it, so they are away
    meanwhile.
    """
    definition = apps.get_model("registry", "definition")
    plain = QuerySet(definition)  # not audited, as in the migration
    with django_db_blocker.unblock():
        definitions = list(plain.all())
        flush_without_triggers()
        if connection.vendor == "sqlite" and not migrated.exists():
            save_copy(migrated)

    def put_back(**_kwargs):
        if not plain.all().exists():  # `migrate` says the same as the flush
            plain.bulk_create(definitions)

    post_migrate.connect(put_back, sender=apps.get_app_config("registry"), weak=False)


def save_copy(file: Path) -> None:
    """Write the migrated database to `file`, whole or not at all."""
    file.parent.mkdir(exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(fresh)) as copy:
        connection.connection.backup(copy)
    fresh.replace(file)
    for old in set(file.parent.glob("migrated-*.sqlite3")) - {file}:
        old.unlink(missing_ok=True)
