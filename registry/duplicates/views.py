"""The list of possible duplicates, the comparison of two files, and the page of a merge."""

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
from carebase.views import RecordDetailView, RecordListView, ScopedView, count_text
from registry.duplicates import finder, services
from registry.duplicates.display import count_by_model, stayed_table
from registry.duplicates.file_comparison import FileComparison
from registry.duplicates.forms import SIDES, DuplicateFilter, MergeForm, NotDuplicatesForm
from registry.models import Child, DuplicateSettlement, Merge


class DuplicateListView(RecordListView):
    """Pairs of possible duplicates, pairs decided to be two children, or merged files."""

    model = Child
    permission = "registry.merge_child"
    filter_class = DuplicateFilter
    title = _("Possible duplicates")
    empty_text = _("There are no possible duplicates.")
    pair_columns = (
        (_("Name"), "first.name"),
        (_("The other file"), lambda pair: describe_other_file(pair)),
        (_("Date of birth"), "first.birth_date"),
        (_("Village"), "first.village"),
        (_("Remarks"), lambda pair: pair_remark(pair)),
    )
    merge_columns = (
        (_("Kept file"), "kept.name"),
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
            return Merge.objects.permitted_to(self.user, finder.MERGE_CHILD).for_list()
        self.columns = self.pair_columns
        return finder.candidate_pairs(self.user, settled=self.which == "settled")

    def total(self, found):
        if self.which == "merged":
            return super().total(found)
        return count_text(len(found))

    def row(self, obj):
        if isinstance(obj, Merge):
            return super().row(obj)
        url = reverse("duplicate-merge", args=[obj.first.code, obj.second.code])
        cells = [display_attr(obj, accessor) for _heading, accessor in self.columns]
        return {"url": url if obj.second.reached else obj.first.get_absolute_url(), "cells": cells}


def describe_other_file(pair: finder.CandidatePair) -> str:
    """Return name and place of the second file; outside the user's scope, only whom to ask."""
    if pair.second.reached:
        return " · ".join(filter(None, (pair.second.name, pair.second.place_in_school)))
    return gettext("registered elsewhere; ask %(office)s") % {"office": finder.responsible_office(pair.second)}


def pair_remark(pair: finder.CandidatePair) -> str:
    if decision := pair.settlement:
        words = {"reason": decision.reason, "who": decision.by.name, "day": display(decision.at)}
        return gettext("%(reason)s (%(who)s, %(day)s)") % words
    if pair.twins:
        return gettext("Each has its own ID number: they may be twins, or share a name.")
    return gettext("the same name") if pair.first.name == pair.second.name else gettext("a similar name")


class DuplicateMergeView(ScopedView):
    """Two files compared field by field, with a form to merge them and one to keep them as two children."""

    model = Child
    permission = "registry.merge_child"
    template_name = "registry/duplicate_merge.html"

    def get_queryset(self):
        return super().get_queryset().select_related("village", "school", "school_class__school")

    def load_files(self) -> None:
        """Set `left` and `right`, in the order of the address; 404 unless the user sees both."""
        codes = (self.kwargs["first"], self.kwargs["second"])
        children = {child.code: child for child in self.get_queryset().filter(code__in=codes)}
        if len(children) < 2:
            raise Http404
        self.left, self.right = (children[code] for code in codes)

    def get(self, request, first, second):
        with transaction.atomic():
            self.load_files()
            for child in (self.left, self.right):
                record_event(Action.VIEW, child, detail={"form": True})
        comparison = FileComparison(self.left, self.right)
        return self.show(MergeForm(comparison=comparison, user=self.user), NotDuplicatesForm())

    def post(self, request, first, second):
        self.load_files()
        comparison = FileComparison(self.left, self.right)
        if request.POST.get("act") == "settle":
            settle_form = NotDuplicatesForm(request.POST)
            merge_form = MergeForm(comparison=comparison, user=self.user)
            return self.attempt(settle_form, self.settle) or self.show(merge_form, settle_form)
        form = MergeForm(request.POST, comparison=comparison, user=self.user)
        if response := self.attempt(form, self.merge):
            return response
        self.load_files()  # again: they may have been changed since
        form.set_comparison(FileComparison(self.left, self.right))
        return self.show(form, NotDuplicatesForm())

    def attempt(self, form, act):
        """Return the response of `act(form)`, or None with the reason among the form's errors."""
        if not form.is_valid():
            return None
        try:
            return act(form)
        except ValidationError as error:
            form.add_error(None, error.messages)
        except IntegrityError:
            form.add_error(None, gettext("Someone saved the same data at this moment. Please check before you save."))
        return None

    def merge(self, form):
        kept, gone = form.both_files()
        merge = services.merge_files(kept=kept, gone=gone, choices=form.choices(), once=form.rows_left(), by=self.user)
        messages.success(self.request, gettext("The two files were merged."))
        return HttpResponseRedirect(merge.get_absolute_url())

    def settle(self, form):
        reason = form.cleaned_data["reason"]
        services.mark_as_different(one=self.left, other=self.right, reason=reason, by=self.user)
        messages.success(self.request, gettext("Confirmed: these are two children."))
        return HttpResponseRedirect(reverse("duplicate-list"))

    def show(self, form, settle_form):
        rows = [row._asdict() | {"choice": self.chosen_side(form, row)} for row in form.compared]
        context = {
            "title": gettext("Two files side by side"),
            "form": form,
            "settle_form": settle_form,
            "files": [self.file_context(side, form) for side in SIDES],
            "differing": [row for row in rows if row["choice"]],
            "agreed": self.agreed_sections(form, rows),
            "merged": Child.Closing.DUPLICATE in (self.left.closing, self.right.closing),
            "twins": finder.have_different_numbers(self.left, self.right),
            "settlement": self.find_settlement(),
        }
        return render(self.request, self.template_name, context)

    @staticmethod
    def agreed_sections(form, rows: list[dict]) -> list[dict]:
        """Return the sections without a choice: family rows of one file only, and equal values."""
        sides = {"left": gettext("First file"), "right": gettext("Second file")}
        single = [
            {"label": f"{label} ({sides[side]})", "value": text}
            for side, label, text in form.comparison.unshared_rows()
        ]
        same = [{"label": row["label"], "value": row["left"]} for row in rows if not row["choice"] and row["left"]]
        sections = [
            {"title": gettext("Only in one of the files"), "items": single},
            {"title": gettext("The same in both files"), "items": same},
        ]
        return [section for section in sections if section["items"]]

    @staticmethod
    def chosen_side(form, row) -> str:
        posted = form.data.get(f"take-{row.name}")
        return posted if row.choice and posted in SIDES else row.choice

    def file_context(self, side: str, form) -> dict:
        """Return the head of one side; the older file is preselected to stay, unless it alone is closed."""
        child = getattr(self, side)
        stays = min((self.left, self.right), key=lambda file: (bool(file.closed_on), file.pk))
        posted = form.data.get("stays")
        return {
            "side": side,
            "child": child,
            "closed": child.get_closing_display(),
            "stays": posted == side if posted in SIDES else child == stays,
        }

    def find_settlement(self):
        first, second = sorted((self.left.pk, self.right.pk))
        return DuplicateSettlement.objects.select_related("by").filter(first=first, second=second).first()


class MergeDetailView(RecordDetailView):
    """What a merge moved and what stayed, and the button that undoes it."""

    model = Merge
    permission = "registry.merge_child"
    template_name = "registry/merge_detail.html"

    def get_queryset(self):
        return super().get_queryset().select_related("kept__village", "gone__village", "by", "undone_by")

    def post(self, request, code):
        self.object = get_object_or_404(self.get_queryset(), code=code)
        try:
            services.undo_merge(merge=self.object, by=self.user)
            messages.success(request, gettext("The merge was undone: both files are as they were."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.object.get_absolute_url())

    def show(self):
        services.record_event_for(Action.VIEW, self.object, self.object.gone)  # the page names both children
        return super().show()

    def get_heading(self):
        return self.object.kept.name

    def get_context(self):
        return super().get_context() | {
            "object_url": self.object.get_absolute_url(),
            "links": [
                {"label": gettext("File to keep"), "url": self.object.kept.get_absolute_url()},
                {"label": gettext("The closed file"), "url": self.object.gone.get_absolute_url()},
            ],
            "undone": bool(self.object.undone_at),
        }

    def get_sections(self):
        facts = [
            (_("Kept file"), f"{self.object.kept.name} · {self.object.kept.village} · {self.object.kept.code}"),
            (_("Closed file"), f"{self.object.gone.name} · {self.object.gone.village} · {self.object.gone.code}"),
            (_("Merged by"), self.object.by.name),
            (_("Time"), display(self.object.at)),
            (_("Moved"), count_by_model(self.object.moved)),
        ]
        if self.object.undone_at:
            facts.append((_("Undone"), f"{self.object.undone_by.name} · {display(self.object.undone_at)}"))
        entries = [{"label": str(label), "value": value} for label, value in facts]
        return [{"title": gettext("Merge"), "items": entries}]

    def get_related(self):
        return [stayed_table(self.object.stayed)]

    def get_actions(self):
        return []
