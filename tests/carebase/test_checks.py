"""System checks refuse a database that could lose a confirmed write."""

import pytest
from django.db import connection, connections

from carebase import checks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="a PRAGMA is SQLite's")


def error_messages() -> str:
    return " ".join(error.msg for error in checks.check_durability(databases=["default"]))


def test_the_settings_as_they_are_are_durable():
    assert checks.check_durability(databases=["default"]) == []


@sqlite_only
@pytest.mark.parametrize(
    ("pragma", "unsafe", "safe"), [("synchronous", "OFF", "FULL"), ("synchronous", "NORMAL", "FULL")]
)
def test_a_weaker_pragma_is_an_error(transactional_db, pragma, unsafe, safe):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma} = {unsafe}")
        try:
            assert pragma in error_messages()
        finally:
            cursor.execute(f"PRAGMA {pragma} = {safe}")


@sqlite_only
def test_foreign_keys_that_are_not_kept_are_an_error(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            assert "foreign_keys is 0" in error_messages()
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")


@sqlite_only
def test_a_database_without_a_write_ahead_log_is_an_error(monkeypatch):
    monkeypatch.setattr(type(connections["default"]), "is_in_memory_db", lambda self: False)  # the tests' own has none
    assert "journal_mode is memory" in error_messages()


@sqlite_only
@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("transaction_mode", "DEFERRED", "IMMEDIATE"),
        ("transaction_mode", None, "IMMEDIATE"),
        ("timeout", 20, "60 seconds"),
    ],
)
def test_an_option_under_which_writers_collide_is_an_error(monkeypatch, option, value, words):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], option, value)
    assert words in error_messages()


def test_each_fault_of_postgresql_is_named():
    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def execute(self, sql, params):
            assert set(params[0]) == {"fsync", "full_page_writes", "synchronous_commit"}

        def fetchall(self):
            return [("fsync", "off"), ("full_page_writes", "on"), ("synchronous_commit", "local")]

    class Server:
        cursor = Cursor

    assert checks.postgres_faults(Server()) == ["fsync is off.", "synchronous_commit is local."]
