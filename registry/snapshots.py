"""Snapshots of a file, changes of its rows, and restoring them.

A change is {"model": label, "pk": key, "before": values, "after": values}, the values by attribute as JSON. `before` is
None for a created row, `after` for a deleted one. A merge stores changes, an import stores a snapshot, and the changes
of a revision are read from the audit trail.
"""

import json

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from carebase.fields import BlindIndexField
from registry.models import Child

FAMILY_RELATIONS = ("relatives", "absences", "guardianships")  # what ChildFile writes besides the child


class ChangedSince(Exception):
    """A row no longer has the values that a change wrote; the argument names the field or the record."""


def restorable_fields(model) -> dict:
    """Return the fields to restore by attribute, without the version and derived indexes."""
    fields = {field.attname: field for field in model._meta.concrete_fields if field.attname != "version"}
    return {name: field for name, field in fields.items() if not isinstance(field, BlindIndexField)}


def row_values(row: Model) -> dict:
    return {name: json_value(getattr(row, name)) for name in restorable_fields(type(row))}


def json_value(value):
    """Return a value as JSON would load it; `isoformat` keeps microseconds, which Django's encoder would cut."""
    return value.isoformat() if hasattr(value, "isoformat") else json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def build_change(model, pk, before: dict | None, after: dict | None) -> dict:
    """Return a change with the values that differ, or with all values of a created or deleted row."""
    if before is not None and after is not None:
        names = [name for name in after if name in before and after[name] != before[name]]
        before, after = ({name: values[name] for name in names} for values in (before, after))
    return {"model": model._meta.label_lower, "pk": pk, "before": before, "after": after}


def take_snapshot(child: Child) -> dict:
    """Return the values of a file's rows: {"child": values, "relatives": [values], ...}."""
    family = {name: [row_values(row) for row in getattr(child, name).all()] for name in FAMILY_RELATIONS}
    return {"child": row_values(child), **family}


def changes_since(child: Child, before: dict) -> list[dict]:
    """Return the changes since a snapshot of the file, in the order to restore them.

    The child comes first even if unchanged, because the file gets a new version. Created rows follow: they are deleted
    before old ones are restored, or two rows would be open at once.
    """
    old, new = snapshot_rows(child, before), snapshot_rows(child, take_snapshot(child))
    changes = [
        build_change(model, pk, old.get((model, pk)), new.get((model, pk)))
        for model, pk in sorted(old | new, key=lambda key: (key[0] is not Child, key in old))
    ]
    return changes[:1] + [change for change in changes[1:] if change["before"] != change["after"]]


def snapshot_rows(child: Child, snapshot: dict) -> dict[tuple, dict]:
    """Return the values in a snapshot by model and key."""
    family = {(getattr(child, name).model, row["id"]): row for name in FAMILY_RELATIONS for row in snapshot[name]}
    return {(Child, child.pk): snapshot["child"], **family}


def restore_row(change: dict, *, file: Child | None = None, validate: bool = False) -> None:
    """Restore the values before a change; raise ChangedSince when the row is no longer as the change left it.

    `file` is the child that the row is or belongs to, restored before its parts so that their events have its version.
    """
    row = lock_unchanged_row(change, file)
    if change["before"] is None:
        row.delete()
        return
    fields = restorable_fields(type(row))
    for name, value in change["before"].items():
        if name in fields:  # fields that no longer exist are skipped
            setattr(row, name, fields[name].to_python(value))
    if validate and change["before"]:
        row.full_clean()
    row.save()


def lock_unchanged_row(change: dict, file: Child | None) -> Model:
    """Return the row locked, or a new one for a deleted row; raise ChangedSince when it differs from the change."""
    model, after = apps.get_model(change["model"]), change["after"]
    found = model._base_manager.select_for_update(of=("self",)).filter(pk=change["pk"])
    row = file if file and model is Child else found.first()
    if (row is None) != (after is None):
        raise ChangedSince(model._meta.verbose_name)
    row = row or model(pk=change["pk"])
    now, fields = row_values(row), restorable_fields(model)
    for name, value in (after or {}).items():
        if name in now and now[name] != value:
            raise ChangedSince(fields[name].verbose_name)
    if file and row is not file:
        row.child = file
    return row
