import importlib

from django.db import migrations

from carebase.audit import append_only
from carebase.audit.leaves import LEAF_FIELDS, canonical_row
from carebase.audit.merkle import hash_leaf

ROWS_AT_ONCE = 5000
row_triggers = importlib.import_module("carebase.audit.migrations.0002_append_only")


def fill(events, connection) -> None:
    last = 0
    rows = events.order_by("pk").values_list("pk", *LEAF_FIELDS)
    while part := list(rows.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        leaves = [(hash_leaf(canonical_row(*values)), pk) for pk, *values in part]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE audit_event SET leaf = %s WHERE id = %s", leaves)
        last = part[-1][0]


def forwards(apps, schema_editor):
    row_triggers.drop_triggers(schema_editor)
    fill(apps.get_model("audit", "event").objects.using(schema_editor.connection.alias), schema_editor.connection)
    append_only.forbid(schema_editor, "audit_event")


def backwards(apps, schema_editor):
    append_only.allow(schema_editor, "audit_event")
    row_triggers.create_triggers(schema_editor)


class Migration(migrations.Migration):
    """Give the lines that are there their leaves, and refuse TRUNCATE and INSERT OR REPLACE too."""

    dependencies = [("audit", "0003_event_leaf")]

    operations = [migrations.RunPython(forwards, backwards)]
