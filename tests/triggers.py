"""What only the owner of a database can do: act while the triggers of the audit trail are away."""

from contextlib import contextmanager

from django.db import connection


def trigger_statements() -> tuple[list[str], list[str]]:
    """Return the statements that take all triggers away, and those that put them back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            return [f"DROP TRIGGER {name}" for name, _sql in triggers], [sql for _name, sql in triggers]
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        tables = [table for (table,) in cursor.fetchall()]
    return tuple([f"ALTER TABLE {table} {verb} TRIGGER USER" for table in tables] for verb in ("DISABLE", "ENABLE"))


def flush_without_triggers() -> None:
    """Let tests with real transactions empty the tables."""
    disable, enable = trigger_statements()
    plain_flush = connection.ops.sql_flush

    def flush(*args, **kwargs):
        return [*disable, *plain_flush(*args, **kwargs), *enable]

    connection.ops.sql_flush = flush


@contextmanager
def without_triggers():
    """Yield a cursor for which the audit trail is a table like any other."""
    connection.check_constraints()  # PostgreSQL alters no table while checks of its rows are put off
    disable, enable = trigger_statements()
    with connection.cursor() as cursor:
        for statement in disable:
            cursor.execute(statement)
        yield cursor
        connection.check_constraints()
        for statement in enable:
            cursor.execute(statement)
