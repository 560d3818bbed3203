"""System checks that refuse to start where the database could lose a confirmed write."""

from django.core.checks import Error, Tags, register
from django.db import connections

POSTGRES_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


@register(Tags.database)
def check_durability(app_configs=None, databases=None, **kwargs) -> list[Error]:
    errors = []
    for alias in databases or ["default"]:
        connection = connections[alias]
        get_faults = sqlite_faults if connection.vendor == "sqlite" else postgres_faults
        errors += [
            Error(f"Database {alias!r} is not durable: {fault}", id="carebase.E001") for fault in get_faults(connection)
        ]
    return errors


def sqlite_faults(connection) -> list[str]:
    expected = {"journal_mode": {"wal"}, "synchronous": {2, 3}, "foreign_keys": {1}}
    if connection.is_in_memory_db():
        expected["journal_mode"] = {"memory"}  # tests
    faults = []
    with connection.cursor() as cursor:
        for pragma, values in expected.items():
            value = cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
            if value not in values:
                faults.append(f"PRAGMA {pragma} is {value}.")
    options = connection.settings_dict["OPTIONS"]
    if options.get("transaction_mode") != "IMMEDIATE":
        faults.append("transaction_mode must be IMMEDIATE.")
    if options.get("timeout", 0) < 60:
        faults.append("timeout must be at least 60 seconds.")
    return faults


def postgres_faults(connection) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN %s", [POSTGRES_SETTINGS])
        return [f"{name} is {setting}." for name, setting in cursor.fetchall() if setting != "on"]
