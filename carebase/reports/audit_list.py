"""The audit trail as its auditor reads it: what was done to whose record, within the auditor's own office."""

from functools import partial

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.audit.models import Action, Event
from carebase.fields import EncryptedField
from carebase.forms import style
from carebase.reports.audit_words import in_words
from carebase.views import List, read
from registry.models import Child, Posting
from registry.querysets import scope_of, within

HIDDEN = "••••"
LONGEST = 60  # characters of a value: a cell tells of a change, it does not replace the record


SMALL = 500  # children


def events_for(user):
    """Return the events of `user`'s office: about its children and divisions, or by people posted in it.

    A small office is looked up by its own codes and people: its share of the trail may be so thin that walking back
    for 25 lines would read all of it. In a large one the newest lines are its own soon enough, and its list of codes
    would be long.
    """
    spans = scope_of(user).spans
    children = Child._base_manager.filter(within(spans, "village"))
    below = within(spans, "division") | within(spans, "school__division")
    below |= within(spans, "school_class__school__division")
    postings = Posting._base_manager.filter(below)
    of_place = within(spans, "object_code") & Q(model="registry.division")
    if len(children.values_list("pk")[: SMALL + 1]) <= SMALL:
        of_child, by_staff = Q(subject__in=children.values("code")), Q(user__in=postings.values("user"))
    else:
        of_child = ~Q(subject="") & Exists(children.filter(code=OuterRef("subject")))
        by_staff = Exists(postings.filter(user=OuterRef("user")))
    return Event.objects.filter(of_child | by_staff | of_place)


class EventFilter(forms.Form):
    """Narrow the trail by what was done, to which record or child, and by whom."""

    action = forms.ChoiceField(
        label=gettext_lazy("Action"), required=False, choices=[("", gettext_lazy("any")), *Action.choices]
    )
    words = forms.CharField(label=gettext_lazy("Code"), required=False, max_length=40)
    account = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=150)

    def __init__(self, data, *, user):
        super().__init__(data)
        style(self)

    def narrow(self, events):
        """Return the events that the filled blanks describe."""
        wanted = self.cleaned_data
        if wanted["action"]:
            events = events.filter(action=wanted["action"])
        if code := wanted["words"].upper():
            events = events.filter(Q(subject=code) | Q(object_code=code))
        if wanted["account"]:
            events = events.filter(user__username=wanted["account"])
        return events


def told(field, value) -> str:
    """Return a stored value of a model's `field` as the trail may show it: never what is encrypted."""
    if value in (None, "", []):
        return _("empty")
    if isinstance(field, EncryptedField):
        return HIDDEN
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if getattr(field, "choices", None) and not isinstance(value, list):
        value = dict(field.flatchoices).get(value, value)
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def changes(event: Event) -> str:
    """Return each changed field with its old and new value, or else what the event says of itself."""
    if not event.changes:
        return in_words(event.detail, partial(told, None))
    model, parts = apps.get_model(event.model), []
    for name, (old, new) in event.changes.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:  # a field of a former version; whether it was encrypted nobody knows any more
            parts.append(f"{name}{_(': ')}{HIDDEN} → {HIDDEN}")
            continue
        parts.append(f"{field.verbose_name}{_(': ')}{told(field, old)} → {told(field, new)}")
    return _("; ").join(parts)


class EventList(List):
    model = Event
    permission = "audit.view_event"
    filter_class = EventFilter
    title = gettext_lazy("Audit trail")
    empty_text = gettext_lazy("Nothing has been recorded for your office yet.")
    columns = (
        (gettext_lazy("Time"), "at"),
        (gettext_lazy("User"), "user.username"),
        (gettext_lazy("Action"), "action"),
        (gettext_lazy("Record"), lambda event: event.get_model_display()),
        (gettext_lazy("Code"), "object_code"),
        (gettext_lazy("Child"), "subject"),
        (gettext_lazy("What changed"), changes),
        (gettext_lazy("Address"), "address"),
    )

    def get_queryset(self):
        return events_for(self.user).select_related("user").order_by("-pk")

    def row(self, obj) -> dict:
        return {"url": "", "cells": [read(obj, accessor) for _heading, accessor in self.columns]}

    def total(self, queryset) -> str:
        return ""  # the trail only grows; counting it would read all of it
