"""What rows held before and after something was written, and the one way to give it back.

A change is {"model": label, "pk": key, "before": values, "after": values}: values by attribute, as JSON holds them.
`before` is None for a row that was made, `after` is None for one that was deleted. Mergings store changes; of an import
the snapshot of the file is stored; those of a save in the history follow from the audit trail.
"""

import json

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from carebase.fields import BlindIndexField
from registry.models import Child

FAMILY_RELATIONS = ("relatives", "absences", "guardianships")  # what registry.files.File writes beside the child


class ChangedSince(Exception):
    """A row does not hold any more what a change wrote; the argument is the name of the field or the record."""


def restorable_fields(model) -> dict:
    """Return the fields to restore by attribute: not the version, nor what is made of another field."""
    fields = {field.attname: field for field in model._meta.concrete_fields if field.attname != "version"}
    return {name: field for name, field in fields.items() if not isinstance(field, BlindIndexField)}


def row_values(row: Model) -> dict:
    return {name: json_value(getattr(row, name)) for name in restorable_fields(type(row))}


def json_value(value):
    """Return a field's value as JSON gives it back, times to the microsecond."""
    return value.isoformat() if hasattr(value, "isoformat") else json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def build_change(model, pk, before: dict | None, after: dict | None) -> dict:
    """Return a change with the values that differ; of a row made or deleted with all that there are."""
    if before is not None and after is not None:
        names = [name for name in after if name in before and after[name] != before[name]]
        before, after = ({name: values[name] for name in names} for values in (before, after))
    return {"model": model._meta.label_lower, "pk": pk, "before": before, "after": after}


def take_snapshot(child: Child) -> dict:
    """Return what the rows of a file hold: {"child": values, "relatives": [values], ...}."""
    return {"child": row_values(child)} | {
        name: list(map(row_values, getattr(child, name).all())) for name in FAMILY_RELATIONS
    }


def changes_since(child: Child, before: dict) -> list[dict]:
    """Return what was changed since a snapshot of the file, in the order to restore it.

    The child is the first, changed or not, for the file has a new version. Then away with what is new, or two would be
    open at once.
    """
    old, new = snapshot_rows(child, before), snapshot_rows(child, take_snapshot(child))
    changes = [
        build_change(model, pk, old.get((model, pk)), new.get((model, pk)))
        for model, pk in sorted(old | new, key=lambda key: (key[0] is not Child, key in old))
    ]
    return changes[:1] + [change for change in changes[1:] if change["before"] != change["after"]]


def snapshot_rows(child: Child, held: dict) -> dict[tuple, dict]:
    """Return the values in a snapshot by model and key."""
    family = {(getattr(child, name).model, row["id"]): row for name in FAMILY_RELATIONS for row in held[name]}
    return {(Child, child.pk): held["child"], **family}


def restore_row(change: dict, *, file: Child | None = None, validate: bool = False) -> None:
    """Give a row back what it held before; raise ChangedSince when it is no longer as the change left it.

    `file` is the child whose row or part it is, restored before its parts: their lines in the trail bear its version.
    """
    row = lock_unchanged_row(change, file)
    if change["before"] is None:
        row.delete()
        return
    fields = restorable_fields(type(row))
    for name, value in change["before"].items():
        if name in fields:  # others are of a former version
            setattr(row, name, fields[name].to_python(value))
    if validate and change["before"]:
        row.full_clean()
    row.save()


def lock_unchanged_row(change: dict, file: Child | None) -> Model:
    """Return the row as the change left it, locked, or a new one for a row that was deleted."""
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
