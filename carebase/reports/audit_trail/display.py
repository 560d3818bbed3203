"""Displays audit events: changed fields, and every key that the code writes to `Event.detail`."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carebase.accounts.purposes import display_purpose
from carebase.audit.models import Event
from carebase.display import HIDDEN, display, display_field
from carebase.fields import Sealed
from registry import census
from registry.models import Child, Term, Transfer
from registry.papers.catalogue import document

REFUSAL_REASONS = {
    403: lambda: _("not permitted for this account"),
    404: lambda: _("not found, or outside this account's area"),
}
FORMATTERS = {
    "form": lambda value: _("opened for editing"),
    "history": lambda value: _("viewed its history"),
    "trail": lambda value: _("viewed its audit trail"),
    "password": lambda value: {"changed": _("new password"), "set": _("new password, set for its owner")}[value],
    "field": lambda value: field_title(value),
    "scan": lambda value: _("scan of the agreement"),
    "purpose": lambda value: _("purpose: %(purpose)s") % {"purpose": display_purpose(value)},
    "path": lambda value: value,
    "status": lambda value: REFUSAL_REASONS[value](),
    "report": lambda value: {"term": _("term report"), "trail": _("audit trail")}[value],
    "paper": lambda value: str(document.find(value).label),
    "place": lambda value: value,
    "on": lambda value: _("for %(day)s") % {"day": value},
    "format": lambda value: {"print": _("to print"), "pdf": "PDF", "csv": "CSV", "xlsx": _("Workbook")}[value],
    "children": lambda value: ngettext("%d child", "%d children", value) % value,
    "lines": lambda value: ngettext("%d line", "%d lines", value) % value,
    "filter": lambda value: "、".join(value.values()),
    "full": lambda value: _("in full") if value else _("masked"),
    "term": lambda value: str(Term(slug=value)),
    "rows": lambda value: _("%(count)s children registered") % {"count": value},
    "updated": lambda value: ngettext("%d file updated", "%d files updated", value) % value,
    "refused": lambda value: _("%(count)s refused") % {"count": value},
    "put_back": lambda value: _("reverted a change of %(day)s") % {"day": display(parse_datetime(value))},
    "command": lambda value: _("by a scheduled command"),
    "version": lambda value: _("version %(number)s") % {"number": value},
    "file_version": lambda value: _("version %(number)s of the file") % {"number": value},
}
# Shown in another column, or useful only to programs.
HIDDEN_DETAILS = {"codes", "division", "columns", "sha256", "method"}


def field_title(name: str) -> str:
    """Return the title of a field of the census, or of a model ("registry.Relative.phone")."""
    if name in census.BY_NAME:
        return census.BY_NAME[name].title
    label, _dot, attribute = name.rpartition(".")
    model = apps.get_model(label)
    return f"{model._meta.verbose_name} · {model._meta.get_field(attribute).verbose_name}"


def describe_detail(detail: dict) -> str:
    known = sorted(detail.keys() & FORMATTERS.keys(), key=list(FORMATTERS).index)  # PostgreSQL keeps no order
    others = sorted(detail.keys() - FORMATTERS.keys() - HIDDEN_DETAILS)
    return " · ".join(describe_key(name, detail[name]) for name in [*known, *others])


def describe_key(name: str, value) -> str:
    try:
        return str(FORMATTERS[name](value))
    except (AttributeError, FieldDoesNotExist, LookupError, TypeError, ValueError):  # written by a former version
        return f"{name}{_(': ')}{describe_value(None, value)}"


MAX_LENGTH = 60  # characters of a value: a cell describes a change, it does not replace the record
# What an auditor reads of a child's file: where it is and whether it is open. Of the rest, only that it changed.
PLAIN_FIELDS = {
    Child: {"village", "school", "school_class", "opened_on", "closed_on", "closing"},
    Transfer: {"from_village", "to_village", "from_school", "to_school", "state"},
}


def describe_value(field, value, of_child=False) -> str:
    """Return the displayed value of a model's `field`, never what is sealed, or of a child and not plain."""
    if of_child and field.name not in PLAIN_FIELDS.get(field.model, ()) or value and isinstance(field, Sealed):
        return HIDDEN
    text = _("empty") if value in (None, "", []) else display_field(field, value)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def describe_changes(event: Event) -> str:
    """Return the changed fields with their old and new values, or else the details of the event."""
    if not event.changes:
        return describe_detail(event.detail)
    model, parts, of_child = apps.get_model(event.model), [], bool(event.subject)
    for name, (old, new) in event.changes.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # a field of a former version, which may have been encrypted
            parts.append(f"{name}{_(': ')}{HIDDEN} → {HIDDEN}")
            continue
        if isinstance(old or new, dict) and not isinstance(field, Sealed):  # counts and choices of programs
            continue
        before, after = (describe_value(field, value, of_child) for value in (old, new))
        parts.append(f"{field.verbose_name}{_(': ')}{before} → {after}")
    return _("; ").join(parts)
