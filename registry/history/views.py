"""The page of a file's history: who changed what from what to what, and a button that puts it back."""

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record_event
from carebase.conflicts import posted_version
from carebase.models import StaleRecord
from carebase.views import OutOfScope, RecordDetailView, UncountedPaginator
from registry.history import revert
from registry.history.revisions import ValueFormatter, file_events, group_revisions, visible_changes
from registry.models import Child, Relative

EVENTS_PER_PAGE = 60  # of the trail on a page; a save has one a row that it touched


class ChildHistoryView(RecordDetailView):
    model = Child
    permission = "registry.change_child"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get(self, request, code):
        with transaction.atomic():
            self.object = self.get_object()
            record_event(Action.VIEW, self.object, detail={"history": True})
            return render(request, "registry/child_history.html", self.get_context())

    def post(self, request, code):
        self.object, number = self.get_object(), request.POST.get("save", "")
        save = revert.find_revision(self.object, int(number)) if number.isdecimal() and len(number) < 18 else None
        if save is None or posted_version(request.POST) != self.object.version:
            messages.error(request, _("The file was changed meanwhile; nothing was put back. Please look again."))
        else:
            self.put_back(save)
        return HttpResponseRedirect(reverse("child-history", args=[code]))

    def put_back(self, save) -> None:
        """Put a save back, or say why not."""
        try:
            with transaction.atomic():
                revert.revert(child=self.object, save=save, by=self.user)
                if not self.get_queryset().filter(pk=self.object.pk).exists():
                    raise OutOfScope
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
        except OutOfScope:
            messages.error(self.request, _("The file would go to another office; nothing was put back."))
        except StaleRecord:
            messages.error(self.request, _("The file was changed meanwhile; nothing was put back. Please look again."))
        else:
            messages.success(self.request, _("It was put back. That is a change of its own, and stands above."))

    def get_context(self) -> dict:
        page = UncountedPaginator(file_events(self.object), EVENTS_PER_PAGE).page(self.request.GET.get("page", 1))
        saves = list(group_revisions(page))
        self.words = ValueFormatter(saves)
        self.relatives = {str(row.pk): str(row) for row in self.object.relatives.all()}
        return {
            "title": _("History of %s") % self.object.code,
            "heading": f"{self.object.name} · {self.object.village}",
            "saves": [self.told(save) for save in saves],
            "version": self.object.version,
            "page_obj": page,
            "query_prefix": "",
        }

    def told(self, save) -> dict:
        """Return who saved when, each change in words, and whether it can be put back."""
        user, lines = save.last.user, [line for event in save.events for line in self.lines(event)]
        begun = any(event.action == Action.CREATE and event.model == Child._meta.label_lower for event in save.events)
        return {
            "number": save.last.pk,
            "at": save.last.at,
            "who": (user.name or user.username) if user else _("the system"),
            "begun": begun,
            "put_back": any("put_back" in event.detail for event in save.events),
            "lines": lines,
            "can": bool(lines) and not begun and all(event.model in revert.RESTORABLE for event in save.events),
        }

    def lines(self, event) -> list[dict]:
        whose = self.whose(event)
        if event.action == Action.CREATE:
            return [{"what": whose, "old": "—", "new": _("entered")}] if whose else []
        return [
            {
                "what": capfirst(" · ".join(filter(None, [whose, str(field.verbose_name)]))),
                "old": self.words.of(field, old),
                "new": _("removed") if event.action == Action.DELETE else self.words.of(field, new),
            }
            for field, old, new in visible_changes(event)
            if field.name != "id"
        ]

    def whose(self, event) -> str:
        """Return which row of the family an event is about; nothing for the child itself."""
        if event.model == Child._meta.label_lower:
            return ""
        model = apps.get_model(event.model)
        if model is Relative and event.object_code in self.relatives:
            return self.relatives[event.object_code]
        return str(model._meta.verbose_name)
