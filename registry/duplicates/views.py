"""The list of likenesses, two files side by side, and what a merging did, with its undoing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Action, record_event
from carebase.display import display, display_attr
from carebase.views import MAX_COUNT, RecordDetailView, RecordListView, ScopedView
from registry.duplicates import finder, merging
from registry.duplicates.display import count_by_model, stayed_table
from registry.duplicates.file_comparison import FileComparison
from registry.duplicates.forms import SIDES, DuplicateFilter, MergeForm, NotDuplicatesForm
from registry.models import Child, DuplicateSettlement, Merge


class DuplicateListView(RecordListView):
    """Pairs of files that may be one child's, those settled as two children, and the files that were merged."""

    model = Child
    permission = "registry.merge_child"
    filter_class = DuplicateFilter
    title = _("Perhaps registered twice")
    empty_text = _("No two files look like one child's.")
    pair_columns = (
        (_("Name"), "first.name"),
        (_("The other file"), lambda pair: describe_other_file(pair)),
        (_("Date of birth"), "first.birth_date"),
        (_("Village"), "first.village"),
        (_("Remarks"), lambda pair: pair_remark(pair)),
    )
    merge_columns = (
        (_("File that stays"), "kept.name"),
        (_("Closed file"), "gone.code"),
        (_("Village"), "kept.village"),
        (_("Merged by"), "by.name"),
        (_("Time"), "at"),
        (_("Undone at"), "undone_at"),
    )

    def get_queryset(self):
        self.which = self.request.GET.get("show", "")
        if self.which == "merged":
            self.columns = self.merge_columns
            return Merge.objects.visible_to(self.user).for_list()
        self.columns = self.pair_columns
        return finder.candidate_pairs(self.user, settled=self.which == "settled")

    def total(self, found):
        if self.which == "merged":
            return super().total(found)
        return gettext("more than %d") % MAX_COUNT if len(found) > MAX_COUNT else str(len(found))

    def row(self, obj):
        if isinstance(obj, Merge):
            return super().row(obj)
        url = reverse("duplicate-merge", args=[obj.first.code, obj.second.code])
        cells = [display_attr(obj, accessor) for _heading, accessor in self.columns]
        return {"url": url if obj.second.reached else obj.first.get_absolute_url(), "cells": cells}


def describe_other_file(pair: finder.CandidatePair) -> str:
    """Return who the second file is; of one that is not seen only whom to ask."""
    if pair.second.reached:
        return " · ".join(filter(None, (pair.second.name, pair.second.place_in_school)))
    return gettext("one exists elsewhere; ask %(office)s") % {"office": finder.responsible_office(pair.second)}


def pair_remark(pair: finder.CandidatePair) -> str:
    if pair.settlement:
        settled = pair.settlement
        return gettext("%(reason)s (%(who)s, %(day)s)") % {
            "reason": settled.reason,
            "who": settled.by.name,
            "day": display(settled.at),
        }
    if pair.twins:
        return gettext("Each has an ID number of its own: perhaps twins or namesakes.")
    return gettext("the same name") if pair.first.name == pair.second.name else gettext("a similar name")


class DuplicateMergeView(ScopedView):
    """Two files blank by blank: merge them, or say that they are not the same child's."""

    model = Child
    permission = "registry.merge_child"
    template_name = "registry/duplicate_merge.html"

    def get_queryset(self):
        return super().get_queryset().select_related("village", "school", "school_class__school")

    def find(self) -> None:
        """Set `left` and `right`, the two files of the address; only both together are shown."""
        codes = (self.kwargs["first"], self.kwargs["second"])
        found = {child.code: child for child in self.get_queryset().filter(code__in=codes)}
        if len(found) < 2:
            raise Http404
        self.left, self.right = (found[code] for code in codes)

    def get(self, request, first, second):
        with transaction.atomic():
            self.find()
            for child in (self.left, self.right):
                record_event(Action.VIEW, child, detail={"form": True})
        return self.show(MergeForm(comparison=FileComparison(self.left, self.right)), NotDuplicatesForm())

    def post(self, request, first, second):
        self.find()
        comparison = FileComparison(self.left, self.right)
        if request.POST.get("act") == "settle":
            form, settle = MergeForm(comparison=comparison), NotDuplicatesForm(request.POST)
            return self.attempt(settle, lambda: self.settle(settle)) or self.show(form, settle)
        form = MergeForm(request.POST, comparison=comparison)
        if answer := self.attempt(form, lambda: self.merge(form)):
            return answer
        self.find()  # anew, as the files are now
        form.show_as_now(FileComparison(self.left, self.right))
        return self.show(form, NotDuplicatesForm())

    def attempt(self, form, act):
        """Return what `act` answers, or None with the reason in the form."""
        if not form.is_valid():
            return None
        try:
            return act()
        except ValidationError as error:
            form.add_error(None, error.messages)
        except IntegrityError:
            form.add_error(None, gettext("Somebody saved the same at this moment. Please look again before you save."))
        return None

    def merge(self, form):
        kept, gone = form.both()
        made = merging.merge_files(kept=kept, gone=gone, choices=form.choices(), by=self.user)
        messages.success(self.request, gettext("The two files are one now."))
        return HttpResponseRedirect(made.get_absolute_url())

    def settle(self, form):
        reason = form.cleaned_data["reason"]
        merging.mark_as_different(one=self.left, other=self.right, reason=reason, by=self.user)
        messages.success(self.request, gettext("Settled: these are two children."))
        return HttpResponseRedirect(reverse("duplicate-list"))

    def show(self, form, settle):
        rows = [row._asdict() | {"choice": self.chosen(form, row)} for row in form.compared]
        context = {
            "title": gettext("Two files side by side"),
            "form": form,
            "settle_form": settle,
            "files": [self.file(side, form) for side in SIDES],
            "differing": [row for row in rows if row["choice"]],
            "agreed": self.agreed(form, rows),
            "merged": Child.Closing.DUPLICATE in (self.left.closing, self.right.closing),
            "twins": finder.have_different_numbers(self.left, self.right),
            "settlement": self.settlement(),
        }
        return render(self.request, self.template_name, context)

    @staticmethod
    def agreed(form, rows: list[dict]) -> list[dict]:
        """Return the sections of what there is nothing to choose in: of one file's family alone, and of both alike."""
        sides = {"left": gettext("First file"), "right": gettext("Second file")}
        single = [
            {"label": f"{label} ({sides[side]})", "value": words} for side, label, words in form.comparison.single()
        ]
        same = [{"label": row["label"], "value": row["left"]} for row in rows if not row["choice"] and row["left"]]
        sections = [
            {"title": gettext("Only in one of the files"), "items": single},
            {"title": gettext("The same in both files"), "items": same},
        ]
        return [section for section in sections if section["items"]]

    @staticmethod
    def chosen(form, row) -> str:
        given = form.data.get(f"take-{row.name}") if form.is_bound else None
        return given if row.choice and given in SIDES else row.choice

    def file(self, side: str, form) -> dict:
        """Return what the head of one side shows; the older file stays, unless it alone is closed."""
        child = getattr(self, side)
        stays = min((self.left, self.right), key=lambda file: (bool(file.closed_on), file.pk))
        given = form.data.get("stays") if form.is_bound else None
        return {
            "side": side,
            "child": child,
            "closed": child.get_closing_display(),
            "stays": given == side if given in SIDES else child == stays,
        }

    def settlement(self):
        keys = sorted((self.left.pk, self.right.pk))
        settled = DuplicateSettlement.objects.select_related("by")
        return settled.filter(first=keys[0], second=keys[1]).first()


class MergeDetailView(RecordDetailView):
    """What a merging did: where the file went, what moved, what stayed; and the button that undoes it."""

    model = Merge
    permission = "registry.merge_child"
    template_name = "registry/merge_detail.html"

    def get_queryset(self):
        return super().get_queryset().select_related("kept__village", "gone__village", "by", "undone_by")

    def post(self, request, code):
        self.object = get_object_or_404(self.get_queryset(), code=code)
        try:
            merging.undo_merge(merge=self.object, by=self.user)
            messages.success(request, gettext("The merging is undone: both files are as they were."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.object.get_absolute_url())

    def show(self):
        merging.record_event_for(Action.VIEW, self.object, self.object.gone)  # the page names both children
        return super().show()

    def get_heading(self):
        return self.object.kept.name

    def get_context(self):
        return super().get_context() | {
            "object_url": self.object.get_absolute_url(),
            "links": [
                {"label": gettext("The file that stays"), "url": self.object.kept.get_absolute_url()},
                {"label": gettext("The closed file"), "url": self.object.gone.get_absolute_url()},
            ],
            "undone": bool(self.object.undone_at),
        }

    def get_sections(self):
        facts = [
            (_("File that stays"), f"{self.object.kept.name} · {self.object.kept.village} · {self.object.kept.code}"),
            (_("Closed file"), f"{self.object.gone.name} · {self.object.gone.village} · {self.object.gone.code}"),
            (_("Merged by"), self.object.by.name),
            (_("Time"), display(self.object.at)),
            (_("Moved"), count_by_model(self.object.moved)),
        ]
        if self.object.undone_at:
            facts.append((_("Undone"), f"{self.object.undone_by.name} · {display(self.object.undone_at)}"))
        entries = [{"label": str(label), "value": value} for label, value in facts]
        return [{"title": gettext("Merging"), "items": entries}]

    def get_related(self):
        return [stayed_table(self.object.stayed)]

    def get_actions(self):
        return []
