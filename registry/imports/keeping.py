"""What a file held before an import changed it: kept with the row, and put back when the import is undone."""

from django.db.models import Model

from registry.models import Child

FAMILY = ("relatives", "absences", "guardianships")  # what registry.files.File writes beside the child


def snapshot(child: Child) -> dict:
    """Return all that the rows of a file hold: {"child": {...}, "relatives": [{...}], ...} by attribute."""
    family = {name: [held(row) for row in getattr(child, name).all()] for name in FAMILY}
    return {"child": held(child), **family}


def held(row: Model) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def restore(child: Child, before: dict) -> None:
    """Save the file as it was; each row that this changes leaves its line. The child is one version further."""
    put(child, before["child"], but={"id", "code", "version"})
    child.save()
    for name in FAMILY:
        restore_rows(child, name, {row["id"]: row for row in before[name]})


def restore_rows(child: Child, name: str, before: dict[int, dict]) -> None:
    """Put the rows of one relation back; first away with the new, or two would be open at once."""
    relation = getattr(child, name)
    present = {row.pk: row for row in relation.all()}
    for pk, row in present.items():
        if pk not in before:
            row.delete()
    for pk, values in before.items():
        row = present.get(pk) or relation.model(child=child)
        was = held(row)
        put(row, values)
        if held(row) != was:
            row.save()


def put(row: Model, values: dict, but: set[str] = frozenset()) -> None:
    for field in row._meta.concrete_fields:
        if field.attname in values and field.attname not in but:
            setattr(row, field.attname, field.to_python(values[field.attname]))
