"""The views of the audit trail, within the auditor's office: the list, the list as a file, and the seal."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.audit.models import Action, Event, record_event
from carebase.audit.services import last_seal
from carebase.display import display_attr
from carebase.reports.audit_trail.display import describe_changes
from carebase.reports.audit_trail.forms import SEEN, EventFilter
from carebase.reports.audit_trail.querysets import events_for
from carebase.search import SUGGEST
from carebase.sheets.export import csv_rows, xlsx_bytes
from carebase.views import RecordListView, ScopedView

MAX_LINES = 20_000  # of a file
LAST_MONTH = timedelta(days=31)
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def beside(name: str | None, code: str) -> str:
    return f"{name} · {code}" if name and code else code


class EventListView(RecordListView):
    model = Event
    permission = "audit.view_event"
    filter_class = EventFilter
    title = gettext_lazy("Audit trail")
    empty_text = gettext_lazy("Nothing has been recorded for your area yet.")
    columns = (
        (gettext_lazy("Time"), "at"),
        (gettext_lazy("Person"), lambda event: beside(event.user.name, event.user.username) if event.user else ""),
        (gettext_lazy("Action"), "action"),
        (gettext_lazy("Record"), lambda event: event.get_model_display()),
        (gettext_lazy("Code"), lambda event: beside(event.division_name, event.object_code)),
        (gettext_lazy("Child"), lambda event: beside(event.child_name, event.subject)),
        (gettext_lazy("What changed"), describe_changes),
        (gettext_lazy("Address"), "address"),
    )

    def get_queryset(self):
        return events_for(self.user)

    def get_context(self) -> dict:
        context = super().get_context()
        form = context["filter_form"]
        if form.is_valid() and (child := form.cleaned_data["child"]):
            if SUGGEST not in self.request.GET:
                record_event(Action.VIEW, child, detail={"trail": True})
            context["subtitle"] = child.choice_label
            context["actions"] = [self.last_month_link(child), *context["actions"]]
        return context

    def last_month_link(self, child) -> dict:
        since = timezone.localdate() - LAST_MONTH
        query = f"?child={child.code}&action={SEEN}&since={since}"
        return {"label": _("Who saw it in the last month"), "url": reverse("event-list") + query, "icon": "eye"}

    def get_actions(self) -> list[dict]:
        query = self.request.GET.urlencode()
        files = (("csv", _("Download CSV")), ("xlsx", _("Download workbook")))
        return [
            {"label": label, "url": f"{reverse(f'event-{format}')}?{query}", "icon": "download"}
            for format, label in files
        ]

    def row(self, obj) -> dict:
        return {"url": "", "cells": self.cells(obj)}

    def cells(self, event: Event) -> list[str]:
        return [display_attr(event, accessor) for _heading, accessor in self.columns]

    def total(self, queryset) -> str:
        return ""  # counting would read the whole trail


class EventFileView(EventListView):
    """The filtered list as a file, whose taking is recorded."""

    def get(self, request, format):
        form = self.filter_class(request.GET, user=self.user)
        if not form.is_valid():
            return super().get(request)
        events = list(form.narrow(self.get_queryset())[: MAX_LINES + 1])
        if len(events) > MAX_LINES:
            words = _("These are more than %d lines. Choose a shorter time, then download again.")
            messages.error(request, words % MAX_LINES)
            return HttpResponseRedirect(f"{reverse('event-list')}?{request.GET.urlencode()}")
        with transaction.atomic():
            detail = {"report": "trail", "format": format, "lines": len(events), "filter": form.chosen()}
            record_event(Action.EXPORT, form.cleaned_data["child"], detail=detail)
        return self.file_response(format, [self.headings(), *map(self.cells, events)])

    def headings(self) -> list[str]:
        return [str(heading) for heading, _accessor in self.columns]

    def file_response(self, format: str, table: list[list[str]]) -> HttpResponse:
        content = b"".join(csv_rows(table)) if format == "csv" else xlsx_bytes(str(self.title), table)
        response = HttpResponse(content, content_type=CONTENT_TYPES[format])
        response["Content-Disposition"] = f'attachment; filename="carebase-audit-{timezone.localdate()}.{format}"'
        return response


class SealFileView(ScopedView):
    """The last seal of the trail as a file, to be kept outside of this machine."""

    permission = "reports.view_term"

    def get(self, request):
        seal = last_seal()
        if seal is None:
            raise Http404
        with transaction.atomic():
            record_event(Action.EXPORT, seal)
        response = HttpResponse(seal.note, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="carebase-seal-{seal.size}.txt"'
        return response
