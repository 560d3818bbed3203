from django.db import migrations

SQLITE = """
CREATE TRIGGER audit_event_no_{lower} BEFORE {upper} ON audit_event
BEGIN SELECT RAISE(ABORT, 'The audit trail is append only.'); END;
"""
POSTGRES_FUNCTION = """
CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'The audit trail is append only.'; END $$;
"""
POSTGRES = """
CREATE TRIGGER audit_event_no_{lower} BEFORE {upper} ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse();
"""


def create_triggers(schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute((SQLITE if sqlite else POSTGRES).format(lower=verb.lower(), upper=verb))


def drop_triggers(schema_editor):
    on = "" if schema_editor.connection.vendor == "sqlite" else " ON audit_event"
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER audit_event_no_{verb}{on}")


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute(POSTGRES_FUNCTION)
    create_triggers(schema_editor)


def allow(apps, schema_editor):
    drop_triggers(schema_editor)
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute("DROP FUNCTION audit_event_refuse()")


class Migration(migrations.Migration):
    """Whatever the code does, the database itself refuses to change or remove a line of the audit trail."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
