"""What a file said at the end of a past term, by the old values that the audit trail keeps of every change since.

While the term lasts, everything is as of today and nothing needs to be looked up.
"""

import datetime as dt
from collections.abc import Callable

from django.db.models import BigIntegerField, CharField, F, JSONField, OuterRef, Q, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone

from carebase.audit.models import Action, Event
from registry.access import within
from registry.models import Child

PLACES = ("village", "school", "school_class")


def changes_since(day: dt.date, name: str):
    """Return the events after `day` that changed this field of a child."""
    midnight = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
    events = Event.objects.filter(model=Child._meta.label_lower, action=Action.CHANGE, at__gte=midnight)
    return events.filter(changes__has_key=name)


def first_change(day: dt.date, name: str):
    return changes_since(day, name).filter(subject=OuterRef("code")).order_by("pk")


def changed_value(name: str) -> Callable:
    """Return the fact of a field's first change since the term: [old, new], or None where it did not change."""

    def fact(period):
        if not period.is_past:
            return Value(None, output_field=JSONField())
        return Subquery(first_change(period.ends_on, name).values(f"changes__{name}")[:1])

    return fact


def place_then(period, name: str):
    """Return the key of the child's village, school or class at the end of a past term."""
    field = Child._meta.get_field(name).target_field
    text = {"output_field": CharField()}
    old = Coalesce(KT(f"changes__{name}__0"), Value(""), **text)  # "" was none; null is no change
    change = first_change(period.ends_on, name).annotate(old=old).values("old")[:1]
    key = Coalesce(Subquery(change), Cast(f"{name}_id", **text), **text)
    return key if isinstance(field, CharField) else Cast(NullIf(key, Value("")), BigIntegerField())


def place_fact(name: str, lookup: str) -> Callable:
    """Return the fact of the child's village, school or class in the term, such as its name."""

    def fact(period):
        if not period.is_past:
            return F(f"{name}__{lookup}")
        model = Child._meta.get_field(name).related_model
        return Subquery(model.objects.filter(pk=OuterRef(f"{name}_then")).values(lookup)[:1])

    return fact


def living_in(division, period, *, now):
    """Return the children who lived in `division` in the term, with `village_then`; while it lasts, those of `now`.

    Who moved away since is among them: the report of a past term belongs to the place of that time.
    """
    if not period.is_past:
        return now.living_in(division).annotate(village_then=F("village_id"))
    moved = changes_since(period.ends_on, "village").values("subject")
    children = Child.objects.filter(within([division.span], "village") | Q(code__in=moved))
    children = children.annotate(**{f"{name}_then": place_then(period, name) for name in PLACES})
    return children.filter(within([division.span], "village_then"))
