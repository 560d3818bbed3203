"""The revisions of a file: audit events that one save wrote, and their values for display.

A save writes an event for each row that it touches. They have the same file version and user, and nearly the same time.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from carebase.audit.models import Action, Event
from carebase.display import HIDDEN, display_field
from carebase.encryption.crypto import DecryptionError
from carebase.encryption.masks import mask
from carebase.fields import BlindIndexField, EncryptedField, from_audit_value
from registry.models import Child
from registry.models.family import PartOfFile

SAME_SAVE_WINDOW = dt.timedelta(seconds=5)
# Derived fields, and fields of which the trail records only that they changed.
HIDDEN_FIELDS = frozenset({"pinyin", "initials", "id_confirmed_by", "imported_in", "child", "photo", "scan"})


@dataclass
class Revision:
    """The events of one save, the newest first."""

    events: list[Event]

    @property
    def last(self) -> Event:
        return self.events[0]


def file_models() -> dict[str, type]:
    """Return the models that make up a file, by their name in the audit trail."""
    parts = [model for model in apps.get_app_config("registry").get_models() if issubclass(model, PartOfFile)]
    return {model._meta.label_lower: model for model in (Child, *parts)}


def file_events(child: Child):
    written = [Action.CREATE, Action.CHANGE, Action.DELETE]
    events = Event.objects.filter(subject=child.code, model__in=file_models(), action__in=written)
    return events.select_related("user").order_by("-pk")


def event_version(event: Event) -> int | None:
    return event.detail.get("file_version") or event.detail.get("version")


def group_revisions(events: Iterable[Event]) -> Iterator[Revision]:
    group: list[Event] = []
    for event in events:
        if group and not same_save(group[-1], event):
            yield Revision(group)
            group = []
        group.append(event)
    if group:
        yield Revision(group)


def same_save(later: Event, earlier: Event) -> bool:
    same = (later.user_id, event_version(later)) == (earlier.user_id, event_version(earlier))
    return same and later.at - earlier.at < SAME_SAVE_WINDOW


def visible_changes(event: Event) -> Iterator[tuple]:
    """Yield (field, old, new) as the trail stores them, without derived fields and fields that no longer exist."""
    model = apps.get_model(event.model)
    for name, (old, new) in event.changes.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if name not in HIDDEN_FIELDS and not isinstance(field, BlindIndexField):
            yield field, old, new


class ValueFormatter:
    """Formats stored values; the names of related records are loaded for a whole page at once."""

    def __init__(self, revisions: list[Revision]):
        keys: dict[type, set] = defaultdict(set)
        for event in chain.from_iterable(revision.events for revision in revisions):
            for field, *values in visible_changes(event):
                if field.is_relation:
                    keys[field.related_model].update(filter(None, values))
        self.names = {
            model: {row.pk: str(row) for row in model._base_manager.filter(pk__in=pks)} for model, pks in keys.items()
        }

    def format(self, field, stored, full: bool = False) -> str:
        """Return a stored value for display, masked where it is restricted unless it is wanted in `full`."""
        if stored in (None, "", []):
            return "—"
        if field.is_relation:
            return self.names[field.related_model].get(field.target_field.to_python(stored), _("no longer known"))
        try:
            value = from_audit_value(field, stored)
        except DecryptionError:
            return HIDDEN
        if isinstance(field, EncryptedField):
            return value if full else mask(field.name, value)
        return display_field(field, value)
