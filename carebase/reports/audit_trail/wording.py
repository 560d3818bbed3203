"""What an audit event says of itself (`Event.detail`), in words an auditor reads: every key that the code writes."""

from functools import partial

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carebase.audit.models import Event
from carebase.display import HIDDEN, display, display_field
from registry import census
from registry.models import Term
from registry.papers.catalogue import document

REFUSED = {
    403: lambda: _("not part of this account's work"),
    404: lambda: _("not found, or not in this account's places"),
}
SAID = {
    "form": lambda value: _("opened for editing"),
    "history": lambda value: _("looked at its history"),
    "password": lambda value: _("new password"),
    "field": lambda value: census.BY_NAME[value].title,
    "path": lambda value: value,
    "status": lambda value: REFUSED[value](),
    "report": lambda value: {"term": _("term report")}[value],
    "paper": lambda value: str(document.find(value).label),
    "place": lambda value: value,
    "on": lambda value: _("for %(day)s") % {"day": value},
    "format": lambda value: {"print": _("to print"), "pdf": "PDF", "xlsx": _("Workbook")}[value],
    "children": lambda value: ngettext("%d child", "%d children", value) % value,
    "full": lambda value: _("in full") if value else _("masked"),
    "term": lambda value: str(Term(slug=value)),
    "rows": lambda value: _("%(count)s children registered") % {"count": value},
    "refused": lambda value: _("%(count)s refused") % {"count": value},
    "put_back": lambda value: _("put back a change of %(day)s") % {"day": display(parse_datetime(value))},
    "command": lambda value: _("by a scheduled command"),
    "version": lambda value: _("version %(number)s") % {"number": value},
    "file_version": lambda value: _("version %(number)s of the file") % {"number": value},
}
# Told by another column, or of use to a program only.
UNSAID = {"codes", "division", "columns", "sha256", "method"}


def in_words(detail: dict, told) -> str:
    """Return the details in words; what is not known here is shown by name, its value as `told` says it."""
    known = sorted(detail.keys() & SAID.keys(), key=list(SAID).index)  # PostgreSQL keeps no order of its own
    others = sorted(detail.keys() - SAID.keys() - UNSAID)
    return " · ".join(words(name, detail[name], told) for name in [*known, *others])


def words(name: str, value, told) -> str:
    try:
        return str(SAID[name](value))
    except (AttributeError, KeyError, TypeError, ValueError):  # of a former version, or never written by this one
        return f"{name}{_(': ')}{told(value)}"


LONGEST = 60  # characters of a value: a cell tells of a change, it does not replace the record


def describe_event(field, value) -> str:
    """Return a stored value of a model's `field` as the trail may show it: never what is encrypted."""
    text = _("empty") if value in (None, "", []) else display_field(field, value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def describe_changes(event: Event) -> str:
    """Return each changed field with its old and new value, or else what the event says of itself."""
    if not event.changes:
        return in_words(event.detail, partial(describe_event, None))
    model, parts = apps.get_model(event.model), []
    for name, (old, new) in event.changes.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # a field of a former version; whether it was encrypted nobody knows any more
            parts.append(f"{name}{_(': ')}{HIDDEN} → {HIDDEN}")
            continue
        parts.append(f"{field.verbose_name}{_(': ')}{describe_event(field, old)} → {describe_event(field, new)}")
    return _("; ").join(parts)
