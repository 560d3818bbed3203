"""The list of files proposed for closing, and the pages of the decisions."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Action, record_event
from carebase.display import display_attr
from carebase.views import RecordFormView, RecordListView, record_table
from registry.closing.forms import CloseForm, KeepForm, ReopenForm
from registry.closing.proposals import definitions_in_force, describe_ground, find_proposals, ground_date
from registry.closing.services import closing_obstacles
from registry.models import Child

CLOSE_CHILD = "registry.close_child"


class ClosingListView(RecordListView):
    model = Child
    permission = CLOSE_CHILD
    title = _("Files to close")
    empty_text = _("No file is proposed for closing.")

    @property
    def columns(self):
        return (
            (_("Name"), "name"),
            (_("Ground"), lambda child: str(Child.Closing(child.ground).label)),
            (_("Basis"), lambda child: describe_ground(child, self.definitions, timezone.localdate())),
            (_("Age"), "age"),
            (_("Village"), "village"),
            (_("School and class"), "place_in_school"),
        )

    @cached_property
    def definitions(self):
        return definitions_in_force(timezone.localdate())

    def get_queryset(self):
        return find_proposals(self.user).for_list()

    def row(self, obj):
        return super().row(obj) | {"url": reverse("child-close", args=[obj.code])}


class ClosingDecisionView(RecordFormView):
    """A decision about one file; `of_closed` says whether it is about closed files or open ones."""

    model = Child
    permission = CLOSE_CHILD
    of_closed = False
    wrong_state = _("This file is already closed.")
    template_name = "registry/closing_form.html"

    def get(self, request, code):
        with transaction.atomic():
            self.object = self.get_object()
            record_event(Action.VIEW, self.object, detail={"form": True})
        return self.redirect_if_decided() or self.show(self.get_form())

    def post(self, request, code):
        self.object = self.get_object()
        form = self.get_form(request.POST)
        if response := self.redirect_if_decided():
            return response
        return self.attempt(form, lambda: self.done(self.save(form))) if form.is_valid() else self.show(form)

    def redirect_if_decided(self):
        """Redirect to the file if somebody else decided meanwhile, or the form was sent twice."""
        if bool(self.object.closed_on) == self.of_closed:
            return None
        messages.info(self.request, self.wrong_state)
        return HttpResponseRedirect(self.object.get_absolute_url())

    def get_queryset(self):
        return super().get_queryset().select_related("village", "school", "school_class__school")

    def get_form(self, data=None):
        return self.form_class(data, user=self.user, child=self.object, initial=self.get_initial())

    @cached_property
    def proposal(self) -> Child | None:
        """Return the child as a proposal, or None if its file is not proposed for closing."""
        proposals = find_proposals(self.user).filter(pk=self.object.pk)
        return proposals.select_related("school_class__school").first()

    def get_initial(self) -> dict:
        return {"ground": self.proposal.ground} if self.proposal else {}

    def get_context(self, form):
        child = self.object
        return super().get_context(form) | {
            "intro": f"{child.name} · {child.village}",
            "because": self.describe_proposal() if not self.of_closed else "",
            "obstacles": closing_obstacles(child) if not self.of_closed else [],
            "decisions": self.decision_table(),
        }

    def describe_proposal(self) -> str:
        today = timezone.localdate()
        return describe_ground(self.proposal, definitions_in_force(today), today) if self.proposal else ""

    def decision_table(self) -> dict:
        columns = [
            *[(_("Decision"), "kind"), (_("Ground"), "ground"), (_("Date"), "on"), (_("Until"), "until")],
            *[(_("Reason"), "reason"), (_("Decided by"), "by.name")],
        ]
        table = record_table(gettext("Earlier decisions"), columns, [], empty_text=gettext("No decisions yet."))
        for decision in self.object.decisions.select_related("by"):
            cells = [display_attr(decision, accessor) for _heading, accessor in columns]
            table["rows"].append({"url": "", "cells": cells})
        return table

    def get_cancel_url(self):
        return self.object.get_absolute_url()


class ChildCloseView(ClosingDecisionView):
    form_class = CloseForm
    title = _("Close the file")

    def get_initial(self):
        today = timezone.localdate()
        day = ground_date(self.proposal, definitions_in_force(today), today) if self.proposal else today
        return super().get_initial() | {"on": day}

    def get_context(self, form):
        keep_url = reverse("child-keep", args=[self.object.code])
        return super().get_context(form) | {"submit_label": gettext("Close the file"), "keep_url": keep_url}

    def get_success_url(self, obj):
        return reverse("closing-list") if self.proposal else obj.get_absolute_url()


class ChildKeepView(ClosingDecisionView):
    form_class = KeepForm
    title = _("Keep the file open")

    def get_success_url(self, obj):
        return reverse("closing-list")


class ChildReopenView(ClosingDecisionView):
    of_closed = True
    wrong_state = _("This file is already open.")
    form_class = ReopenForm
    title = _("Reopen the file")

    def get_initial(self):
        return {}
