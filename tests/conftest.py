"""What all tests share."""

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def plain_passwords(settings):
    """Hash fast: the cost of the real hasher is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def english(settings):
    """Tests read the source strings; those about translation ask for another language."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    """Photos and scans of a test stand in a folder of its own."""
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture(autouse=True)
def no_worker(settings, tmp_path):
    """Do long work at once; tests about the queue ask for another way."""
    settings.JOBS, settings.JOBS_ROOT = "inline", str(tmp_path / "jobs")


@pytest.fixture
def login(client):
    """Sign a user in: `login(user)` returns the client."""

    def _login(user):
        client.force_login(user)
        return client

    return _login


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Between tests with real transactions every table is emptied, which the audit trail's triggers forbid.

    So the flush of the test database takes them away and puts them back.
    """
    if connection.vendor != "sqlite":
        return  # PostgreSQL empties tables by TRUNCATE, which row triggers do not see
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    plain_flush = connection.ops.sql_flush

    def flush(*args, **kwargs):
        drop = [f"DROP TRIGGER {name}" for name, _sql in triggers]
        return [*drop, *plain_flush(*args, **kwargs), *(sql for _name, sql in triggers)]

    connection.ops.sql_flush = flush
