"""What a merging wrote, row by row: each changed field with its value before and after, so that it can be undone."""

import json

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from carebase.fields import BlindIndexField


def kept_fields(model) -> list:
    """Return the fields that are remembered: not the key, the version, nor what is made of another field."""
    skipped = {"version"}
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in skipped]
    return [field for field in fields if not isinstance(field, BlindIndexField)]


def plain(value):
    """Return a field's value as JSON gives it back, times to the microsecond."""
    if isinstance(value, FieldFile):
        return value.name
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def values_of(row) -> dict:
    return {field.attname: plain(getattr(row, field.attname)) for field in kept_fields(type(row))}


class Ledger:
    """The rows written so far, in order, and which of them moved or stayed."""

    def __init__(self):
        self.before: dict[tuple, dict] = {}
        self.changes: list[dict] = []
        self.moved: list[list[str]] = []
        self.stayed: list[list[str]] = []

    def begin(self, row) -> None:
        """Remember a row before it is changed."""
        self.before[row._meta.label_lower, row.pk] = values_of(row)

    def save(self, row, *, moved: bool = False) -> None:
        row.save()
        before, after = self.before[row._meta.label_lower, row.pk], values_of(row)
        changed = [name for name in after if after[name] != before[name]]
        self.changes.append(
            {
                "model": row._meta.label_lower,
                "pk": row.pk,
                "before": {name: before[name] for name in changed},
                "after": {name: after[name] for name in changed},
            }
        )
        if moved:
            self.moved.append([row._meta.label_lower, str(row)])

    def stay(self, row) -> None:
        self.stayed.append([row._meta.label_lower, str(row)])

    def told(self) -> dict:
        return {"changes": self.changes, "moved": self.moved, "stayed": self.stayed}


def restore(change: dict) -> None:
    """Give a row back the values it had before; raise ValidationError when they are no longer what was written."""
    model = apps.get_model(change["model"])
    row = model._base_manager.select_for_update(of=("self",)).filter(pk=change["pk"]).first()
    now = values_of(row) if row else {}
    if row is None or any(now[name] != value for name, value in change["after"].items()):
        sentence = _("It cannot be undone any more: since then somebody changed what it would restore (%(what)s).")
        raise ValidationError(sentence % {"what": model._meta.verbose_name})
    fields = {field.attname: field for field in kept_fields(model)}
    for name, value in change["before"].items():
        setattr(row, name, fields[name].to_python(value))
    row.save()
