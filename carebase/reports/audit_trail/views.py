"""The view of the audit trail, within the auditor's office."""

from django.utils.translation import gettext_lazy

from carebase.audit.models import Event
from carebase.display import display_attr
from carebase.reports.audit_trail.display import describe_changes
from carebase.reports.audit_trail.forms import EventFilter
from carebase.reports.audit_trail.querysets import events_for
from carebase.views import RecordListView


class EventListView(RecordListView):
    model = Event
    permission = "audit.view_event"
    filter_class = EventFilter
    title = gettext_lazy("Audit trail")
    empty_text = gettext_lazy("Nothing has been recorded for your area yet.")
    columns = (
        (gettext_lazy("Time"), "at"),
        (gettext_lazy("User"), "user.username"),
        (gettext_lazy("Action"), "action"),
        (gettext_lazy("Record"), lambda event: event.get_model_display()),
        (gettext_lazy("Code"), "object_code"),
        (gettext_lazy("Child"), "subject"),
        (gettext_lazy("What changed"), describe_changes),
        (gettext_lazy("Address"), "address"),
    )

    def get_queryset(self):
        return events_for(self.user).select_related("user").order_by("-pk")

    def row(self, obj) -> dict:
        return {"url": "", "cells": [display_attr(obj, accessor) for _heading, accessor in self.columns]}

    def total(self, queryset) -> str:
        return ""  # counting would read the whole trail
