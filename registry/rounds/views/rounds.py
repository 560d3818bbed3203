"""Views of the rounds: list, form, progress, and the children without a survey."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import PageLink, RecordCreateView, RecordDetailView, RecordListView, RecordUpdateView, detail_items
from registry.models import Child, Division, Round, SchoolClass
from registry.rounds.completion import RoundProgress, counted_children, progress_by, without_survey
from registry.rounds.forms import RoundForm, WithoutSurveyFilter


class RoundListView(RecordListView):
    model = Round
    title = _("Census rounds")
    empty_text = _("No census round was opened yet. The coordinator of the township or county opens one each term.")
    columns = (
        (_("Division"), "division"),
        (_("Term"), "term"),
        (_("Begins on"), "starts_on"),
        (_("Due on"), "due_on"),
        (_("Opened by"), "by.name"),
    )
    links = (PageLink(_("Open a census round"), "round-create", "plus", "registry.add_round", primary=True),)

    def get_queryset(self):
        return super().get_queryset().for_list()


class RoundCreateView(RecordCreateView):
    model = Round
    form_class = RoundForm
    title = _("Open a census round")

    def save(self, form):
        form.instance.by = self.user
        return super().save(form)


class RoundUpdateView(RecordUpdateView):
    model = Round
    form_class = RoundForm
    title = _("Change the dates of a round")

    def get_queryset(self):
        return self.model.objects.governed_by(self.user).select_related("term", "division")

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.object.division} · {self.object.term}"}


class RoundDetailView(RecordDetailView):
    model = Round

    def get_queryset(self):
        return super().get_queryset().select_related("term", "division", "by")

    def get_context(self):
        children = Child.objects.permitted_to(self.user, self.get_permission())
        self.villages = progress_by(children, self.object, "village")
        self.classes = progress_by(children, self.object, "school_class")
        return super().get_context()

    def get_heading(self):
        return gettext("Census round: %(division)s") % {"division": self.object.division}

    def get_sections(self):
        whole = RoundProgress(None, sum(row.total for row in self.villages), sum(row.done for row in self.villages))
        about = detail_items(
            self.object,
            (_("Term"), "term"),
            (_("Begins on"), "starts_on"),
            (_("Due on"), "due_on"),
            (_("Opened by"), "by.name"),
            (_("Children"), lambda _round: str(whole.total)),
            (_("Surveyed"), lambda _round: f"{whole.done} ({whole.percent}%)"),
            (_("Without a survey"), lambda _round: str(whole.total - whole.done)),
        )
        note = gettext("Counts the open files you can see, as of %(day)s.")
        note %= {"day": self.object.counted_on}
        return [{"title": gettext("The round"), "note": note, "items": about}]

    def get_related(self):
        names = dict(
            Division.objects.villages().filter(pk__in=[row.key for row in self.villages]).values_list("pk", "name")
        )
        by_key = SchoolClass.objects.for_choice().in_bulk([row.key for row in self.classes if row.key])
        villages = [(names[row.key], f"village={row.key}", row) for row in self.villages]
        classes = [(by_key[row.key].choice_label, f"school_class={row.key}", row) for row in self.classes if row.key]
        classes += [(gettext("without a class"), "show=no_class", row) for row in self.classes if not row.key]
        return [
            self.progress(gettext("By village"), gettext("Village"), villages),
            self.progress(gettext("By class"), gettext("Class"), classes),
        ]

    def progress(self, title: str, heading: str, rows: list[tuple[str, str, RoundProgress]]) -> dict:
        """Return a table of places; each leads to its children without a survey."""
        url = reverse("round-open", args=[self.object.code])
        columns = [heading, gettext("Children"), gettext("Surveyed"), gettext("Percent"), gettext("Without a survey")]
        cells = [
            {
                "url": f"{url}?{query}",
                "count": row.total - row.done,
                "cells": [label, str(row.total), str(row.done), f"{row.percent}%", str(row.total - row.done)],
            }
            for label, query, row in rows
        ]
        return {"title": title, "columns": columns, "rows": cells, "empty_text": gettext("None of your children.")}

    def get_actions(self):
        url = reverse("round-open", args=[self.object.code])
        actions = [{"label": gettext("Children without a survey"), "url": url, "primary": True, "icon": "people"}]
        if self.may("change") and Round.objects.governed_by(self.user).contains(self.object):
            actions += super().get_actions()
        return actions


class RoundOpenListView(RecordListView):
    model = Child
    permission = "registry.view_round"
    title = _("Children without a survey")
    empty_text = _("All your children were surveyed in this round.")
    columns = (
        (_("Name"), "name"),
        (_("Village"), "village"),
        (_("School and class"), "place_in_school"),
        (_("Due on"), "due"),
        (_("Overdue"), lambda child: overdue_text(child)),
    )

    def get(self, request, code):
        self.round = self.get_round()
        children = counted_children(Child.objects.permitted_to(self.user, self.get_permission()), self.round)
        villages = Division.objects.villages().filter(pk__in=children.values("village"))
        classes = SchoolClass.objects.for_choice().filter(pk__in=children.values("school_class"))
        self.filter_class = partial(WithoutSurveyFilter, villages=villages, classes=classes)
        return super().get(request)

    def get_round(self) -> Round:
        view = RoundDetailView()
        view.setup(self.request, **self.kwargs)
        return view.get_object()

    def get_queryset(self):
        return without_survey(super().get_queryset(), self.round).for_list()

    def get_context(self):
        facts = {"division": self.round.division, "term": self.round.term, "day": self.round.counted_on}
        return super().get_context() | {"subtitle": gettext("%(division)s · %(term)s, as of %(day)s") % facts}

    def row(self, obj):
        return super().row(obj) | {"url": reverse("child-survey", args=[obj.code])}

    def get_actions(self):
        url = self.round.get_absolute_url()
        return [{"label": gettext("Progress"), "url": url, "icon": "report"}]


def overdue_text(child: Child) -> str:
    if child.closed:
        return gettext("file closed")
    return gettext("overdue") if child.overdue else ""
