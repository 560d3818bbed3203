"""Values as text for people. Each page decides what stands for an empty value and what is masked."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partialmethod
from inspect import getattr_static
from operator import attrgetter, methodcaller

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from carebase.fields import EncryptedField

HIDDEN = "••••"


def display(value) -> str:
    """Return a value as text: dates and numbers by locale, None as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, dt.datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return formats.number_format(value)
    if isinstance(value, list):
        return "、".join(map(display, value))
    return str(value)


def display_field(field, value) -> str:
    """Return a stored value of a model's field (None if unknown): a choice by its label, never what is encrypted.

    For a relation, pass the row or its name: a page looks up the names of all its rows at once.
    """
    if isinstance(field, EncryptedField) and value:
        return HIDDEN
    if isinstance(value, list):
        return display([display_field(field, each) for each in value])
    labels = choice_labels(field)
    return str(labels[value]) if labels and value in labels else display(value)


@cache
def choice_labels(field) -> dict:
    """Return the labels of a field's choices. Cached: building them for each cell is a third of a list's cost."""
    return dict(getattr(field, "flatchoices", ()))


def display_attr(obj, accessor: str | Callable) -> str:
    """Return as text what `accessor` (a dotted attribute path or a callable) reads from `obj`; choices by label."""
    if callable(accessor):
        return display(accessor(obj))
    for name in accessor.split("."):
        if obj is None:
            return ""
        obj = attribute_getter(type(obj), name)(obj)
    return display(obj() if callable(obj) else obj)


@cache
def attribute_getter(model: type, name: str) -> Callable:
    display_method = f"get_{name}_display"
    method = getattr_static(model, display_method, None)
    if method is None:
        return attrgetter(name)
    field = method.keywords.get("field") if isinstance(method, partialmethod) else None
    if field is None:
        return methodcaller(display_method)
    return lambda obj: display_field(field, getattr(obj, field.attname))
