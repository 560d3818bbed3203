"""Triggers by which the database itself refuses to change or remove the rows of a table."""

MESSAGE = "The audit trail is append only."
SQLITE = {
    "update": "UPDATE ON {table}",
    "delete": "DELETE ON {table}",
    # INSERT OR REPLACE removes the former row without its DELETE trigger. A key that SQLite gives is -1 here.
    "replace": "INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",
}
POSTGRES = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()
"""  # the function is as old as the table audit_event


def forbid(schema_editor, table: str, key: str = "id") -> None:
    """Create the triggers; `key` is the primary key, and the table has no other unique columns."""
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute(POSTGRES.format(table=table))
        return
    for verb, event in SQLITE.items():
        when = event.format(table=table, key=key)
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def allow(schema_editor, table: str) -> None:
    """Drop the triggers: for a migration, which must `forbid` again."""
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for verb in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}")


def is_append_only(connection, table: str) -> bool:
    """Return whether the triggers are there and, on PostgreSQL, enabled."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            expected = {f"{table}_no_{verb}" for verb in SQLITE}
        else:
            query = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
            cursor.execute(query, [table])
            expected = {f"{table}_append_only"}
        return expected <= {name for (name,) in cursor.fetchall()}
