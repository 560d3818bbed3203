"""Why a child counts as left-behind or not on a day, and the parents' departures and returns."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.display import display, display_attr
from carebase.views import RecordCreateView, RecordDetailView, RecordFormView, RecordUpdateView
from registry.leftbehind.facts import load_facts
from registry.leftbehind.forms import CorrectionForm, CutOffForm, DepartureForm, ReturnForm
from registry.leftbehind.services import CHANGE_ABSENCE
from registry.leftbehind.verdict import NO, UNKNOWN, YES, reach_verdict
from registry.models import Absence, Child, Definition

ANSWERS = {
    YES: (_("counts as left-behind"), "warn"),
    NO: (_("does not count"), "muted"),
    UNKNOWN: (_("cannot be determined yet"), "danger"),
}
HEADINGS = (
    *(_("Parent"), _("Left on"), _("Place of work"), _("In another county")),
    *(_("Reason"), _("Returned on"), _("Visits home")),
)


def left_behind_url(child: Child) -> str:
    return reverse("child-left-behind", args=[child.code])


class LeftBehindView(RecordDetailView):
    """The verdict by each definition in force where the child lives, and the absences behind it."""

    model = Child
    permission = "registry.view_absence"
    template_name = "registry/left_behind.html"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get_context(self):
        form = CutOffForm(self.request.GET or None, user=self.user)
        on = (form.cleaned_data["on"] if form.is_valid() else None) or timezone.localdate()
        form.initial["on"] = on
        self.facts = load_facts(self.object)
        return super().get_context() | {
            "title": gettext("Left-behind status and reasons"),
            "day": on.isoformat(),
            "form": form,
            "verdicts": [self.verdict(definition, on) for definition in self.definitions(on)],
        }

    def get_heading(self):
        return f"{self.object.name} · {self.object.village}"

    def definitions(self, on):
        in_force = Definition.objects.in_force(on).applying_to(self.object.village_id)
        return in_force.select_related("division")

    def verdict(self, definition: Definition, on) -> dict:
        verdict = reach_verdict(self.facts, definition, on)
        label, kind = ANSWERS[verdict.answer]
        texts = {"name": definition.name, "source": definition.source}
        return texts | {"answer": label, "kind": kind, "reasons": verdict.reasons}

    def get_actions(self):
        if not self.user.has_perm(CHANGE_ABSENCE, self.object):
            return []
        code = [self.object.code]
        return [
            {"label": gettext("Log a departure"), "url": reverse("child-departure", args=code), "primary": True},
            {"label": gettext("Log a return"), "url": reverse("child-return", args=code), "primary": True},
        ]

    def get_related(self):
        absences = sorted(
            (row for parent in self.facts.parents.values() for row in parent.absences), key=lambda row: row.pk
        )
        rows = [self.row(row, number) for number, row in enumerate(absences, 1)]
        rows.sort(key=lambda row: row.pop("since"), reverse=True)
        return [
            {
                "title": gettext("Departures and returns"),
                "columns": [str(heading) for heading in HEADINGS],
                "rows": rows,
                "empty_text": gettext("No absence of a parent is recorded."),
            }
        ]

    def row(self, absence: Absence, number: int) -> dict:
        recorded = gettext("not known (recorded %(day)s)") % {"day": absence.known_on}
        returned = " ".join(part for part in (display(absence.returned_on), absence.return_reason) if part)
        visits = "、".join(display(stay.came_on) for stay in absence.home_stays.all())
        cells = [capfirst(display_attr(absence, "parent")), display(absence.left_on) or recorded, absence.destination]
        cells += [display_attr(absence, "cross_county"), display_attr(absence, "reason"), returned, visits]
        url = f"{reverse('absence-update', args=[self.object.code])}?entry={number}"
        may_change = self.user.has_perm(CHANGE_ABSENCE, self.object)
        return {"url": url if may_change else "", "cells": cells, "since": absence.since}


class AbsenceFormView(RecordFormView):
    """A form about the parents of one child, which leads back to the page of the verdict."""

    model = Absence
    permission = CHANGE_ABSENCE

    @cached_property
    def child(self) -> Child:
        return get_object_or_404(
            Child.objects.permitted_to(self.user, CHANGE_ABSENCE).select_related("village"), code=self.kwargs["code"]
        )

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.child.name} · {self.child.village}"}

    def get_cancel_url(self):
        return left_behind_url(self.child)

    def get_success_url(self, obj):
        return left_behind_url(self.child)


class DepartureCreateView(AbsenceFormView, RecordCreateView):
    form_class = DepartureForm
    title = _("Log a departure")

    def get(self, request, code):
        return super().get(request)

    def post(self, request, code):
        return super().post(request)

    def get_form(self, data=None, files=None, **kwargs):
        return super().get_form(data, files, instance=Absence(child=self.child), **kwargs)

    def get_initial(self):
        return {"left_on": timezone.localdate()}


class ReturnCreateView(AbsenceFormView):
    """A return to stay, or a visit home. Sent twice, the second finds nobody away."""

    form_class = ReturnForm
    title = _("Log a return")

    def get(self, request, code):
        return self.show(self.get_form())

    def post(self, request, code):
        form = self.get_form(request.POST)
        return self.attempt(form, lambda: self.done(form.save())) if form.is_valid() else self.show(form)

    def get_form(self, data=None):
        return self.form_class(data, user=self.user, child=self.child)


class AbsenceUpdateView(AbsenceFormView, RecordUpdateView):
    """The correction of one absence; `?entry=` counts them from the oldest, and the latest is the default."""

    form_class = CorrectionForm
    title = _("Correct an entry")

    def get_object(self):
        absences = self.child.absences.select_related("child__village", "child__school_class__school").order_by("pk")
        absences = list(absences)
        entry = self.request.GET.get("entry", "") or str(len(absences))
        number = int(entry) if entry.isdecimal() and len(entry) < 6 else 0
        if not 1 <= number <= len(absences):
            raise Http404
        return absences[number - 1]

    def conflict(self, data, base):
        """Show the stored values as an error above the typed ones, which the next submission saves."""
        current = self.object = self.get_object()
        data = data.copy()
        data["version"] = current.version
        form = self.get_form(data, instance=self.get_object())
        if form.is_valid() and not form.has_changed():
            return self.done(current)  # both wrote the same
        stored = [(form.fields[name].label, display_attr(current, name)) for name in form.compared_fields()]
        words = "；".join(f"{label} {value}" for label, value in stored if value)
        form.add_error(
            None,
            gettext(
                "Someone else changed this file. Stored now: %(stored)s. Save again to overwrite it with what you see."
            )
            % {"stored": words},
        )
        return self.show(form, status=409)

    def get_context(self, form):
        context = super().get_context(form)
        return context | {"intro": f"{context['intro']} · {capfirst(display_attr(self.object, 'parent'))}"}
