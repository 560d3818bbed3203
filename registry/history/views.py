"""The change history of a file: who changed what, and buttons that revert a revision or show it in full."""

from functools import partial

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.accounts.confirmation import use_today
from carebase.accounts.models import Notice
from carebase.accounts.views import ask_before_full_access
from carebase.audit.models import Action, record_event
from carebase.conflicts import posted_version
from carebase.fields import EncryptedField
from carebase.models import StaleRecord
from carebase.views import RecordDetailView, UncountedPaginator
from registry.history import revert
from registry.history.revisions import ValueFormatter, file_events, group_revisions, visible_changes
from registry.models import Child, Relative

EVENTS_PER_PAGE = 60  # a revision has one for each row that it touched


class ChildHistoryView(RecordDetailView):
    model = Child
    permission = "registry.change_child"
    shown = None  # the number of the revision that is shown in full

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get(self, request, code):
        with transaction.atomic():
            self.object = self.get_object()
            record_event(Action.VIEW, self.object, detail={"history": True})
            return render(request, "registry/child_history.html", self.get_context())

    def post(self, request, code):
        self.object = self.get_object()
        if "show" in request.POST:
            return self.ask(request.POST["show"])
        self.revert(self.find_revision(request.POST.get("save", "")))
        return HttpResponseRedirect(reverse("child-history", args=[code]))

    def find_revision(self, number: str):
        return revert.find_revision(self.object, int(number)) if number.isdecimal() and len(number) < 18 else None

    def ask(self, number: str) -> HttpResponse:
        if not self.may("unmask"):
            raise PermissionDenied
        revision = self.find_revision(number)
        if revision is None:
            raise Http404
        return ask_before_full_access(
            self.request,
            partial(self.show_in_full, revision.last.pk),
            title=_("Show in full"),
            subject=" · ".join([self.object.name, _("Change history")]),
            hidden={"show": number},
            buttons=[{"label": _("Show"), "url": self.request.get_full_path()}],
            object_url=self.request.get_full_path(),
        )

    @transaction.atomic
    def show_in_full(self, number: int, purpose: str) -> HttpResponse:
        self.shown = number
        context = self.get_context()
        lines = [line for save in context["saves"] if save["number"] == number for line in save["lines"]]
        fields = [line["masked"] for line in lines if line["masked"]]
        if not fields:
            raise Http404
        use_today(self.user, Notice.Kind.VALUES, len(fields))
        for field in fields:
            record_event(Action.UNMASK, self.object, detail={"history": True, "field": field, "purpose": purpose})
        return render(self.request, "registry/child_history.html", context)

    def revert(self, revision) -> None:
        try:
            with transaction.atomic():
                if revision is None or posted_version(self.request.POST) != self.object.version:
                    raise StaleRecord(self.object.code)
                revert.revert(child=self.object, revision=revision, by=self.user)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
        except StaleRecord:
            messages.error(self.request, _("The file has just been changed; nothing was reverted. Please check it."))
        else:
            messages.success(self.request, _("Reverted. This is recorded as a new change, at the top of the list."))

    def get_context(self) -> dict:
        page = UncountedPaginator(file_events(self.object), EVENTS_PER_PAGE).page(self.request.GET.get("page", 1))
        revisions = list(group_revisions(page))
        self.formatter = ValueFormatter(revisions)
        self.relatives = {str(row.pk): str(row) for row in self.object.relatives.all()}
        return {
            "title": _("History of %s") % self.object.code,
            "heading": f"{self.object.name} · {self.object.village}",
            "saves": [self.revision_context(revision) for revision in revisions],
            "version": self.object.version,
            "page_obj": page,
            "query_prefix": "",
        }

    def revision_context(self, revision) -> dict:
        """Return who saved when, each change in words, and whether the revision can be reverted."""
        last, events = revision.last, revision.events
        full, user = last.pk == self.shown, last.user
        lines = [line for event in events for line in self.event_lines(event, full)]
        begun = any(event.action == Action.CREATE and event.model == Child._meta.label_lower for event in events)
        return {
            "number": last.pk,
            "at": last.at,
            "who": (user.name or user.username) if user else _("the system"),
            "begun": begun,
            "put_back": any("put_back" in event.detail for event in events),
            "lines": lines,
            "masked": not full and self.may("unmask") and any(line["masked"] for line in lines),
            "can": bool(lines) and not begun and all(event.model in revert.RESTORABLE for event in events),
        }

    def event_lines(self, event, full: bool) -> list[dict]:
        owner = self.owner_name(event)
        if event.action == Action.CREATE:
            return [{"what": owner, "old": "—", "new": _("entered"), "masked": ""}] if owner else []
        return [
            {
                "what": capfirst(" · ".join(filter(None, [owner, str(field.verbose_name)]))),
                "old": self.formatter.format(field, old, full),
                "new": _("removed") if event.action == Action.DELETE else self.formatter.format(field, new, full),
                "masked": str(field) if isinstance(field, EncryptedField) else "",
            }
            for field, old, new in visible_changes(event)
            if field.name != "id"
        ]

    def owner_name(self, event) -> str:
        """Return the family row that an event is about, or "" for the child itself."""
        if event.model == Child._meta.label_lower:
            return ""
        model = apps.get_model(event.model)
        if model is Relative and event.object_code in self.relatives:
            return self.relatives[event.object_code]
        return str(model._meta.verbose_name)
