"""The list of comparisons, the rows of one, and settling a row."""

from django.contrib import messages
from django.db.models import Case, Exists, OuterRef, Q, When
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Action, record_event
from carebase.sheets.guard import SheetError
from carebase.views import PageLink, RecordFormView, RecordListView, RecordUpdateView, detail_items
from registry.imports.wording import PLACE_MODELS, field_label, load_place_names, value_text
from registry.models import Child, Comparison, ComparisonRow
from registry.verification import services
from registry.verification.forms import CompareForm, ComparisonFilter, ComparisonRowFilter, ComparisonRowForm

Status = ComparisonRow.Status
STATUS_KINDS = {Status.BOTH: "ok", Status.DIFFERENT: "warn", Status.HERE: "danger", Status.THERE: "danger"}


def describe_value(name: str, value) -> str:
    """Return a value of the registry or of a list in words, masked if it is restricted."""
    names = load_place_names({name: {value or None}}) if name in PLACE_MODELS else {}
    return value_text(name, value, names) or "—"


class ComparisonListView(RecordListView):
    model = Comparison
    filter_class = ComparisonFilter
    title = _("Verification")
    empty_text = _("No list was compared yet.")
    columns = (
        (_("List"), "kind"),
        (_("School or division"), "place"),
        (_("Time"), "at"),
        (_("File"), "file_name"),
        (_("In both, different"), lambda row: row.counts.get(Status.DIFFERENT, 0)),
        (_("Only in the registry"), lambda row: row.counts.get(Status.HERE, 0)),
        (_("Only in the list"), lambda row: row.counts.get(Status.THERE, 0)),
    )
    links = (PageLink(_("Compare a list"), "comparison-create", "upload", primary=True),)

    def get_queryset(self):
        return super().get_queryset().select_related("school", "division")


class ComparisonCreateView(RecordFormView):
    model = Comparison
    action = "add"
    form_class = CompareForm
    title = _("Compare a list with the registry")

    def get(self, request):
        return self.show(self.get_form())

    def post(self, request):
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        return self.attempt(form, lambda: self.compare(form))

    def compare(self, form):
        file, kind, place = (form.cleaned_data[name] for name in ("file", "kind", "place"))
        try:
            comparison = services.compare_list(name=file.name, data=file.read(), kind=kind, place=place, by=self.user)
        except SheetError as error:
            form.add_error("file", str(error))
            return self.show(form)
        return HttpResponseRedirect(comparison.get_absolute_url())

    def get_context(self, form):
        return super().get_context(form) | {"submit_label": gettext("Compare")}

    def get_cancel_url(self):
        return reverse("comparison-list")


class ComparisonDetailView(RecordListView):
    """The rows of one comparison, unsettled ones first."""

    model = ComparisonRow
    permission = "registry.view_comparison"
    template_name = "registry/comparison_detail.html"
    filter_class = ComparisonRowFilter
    empty_text = _("There is nothing here.")
    columns = (
        (_("Child"), lambda row: child_name(row)),
        (_("Result"), "status"),
        (_("What differs"), lambda row: "、".join(field_label(name) for name, *_rest in row.differences if row.known)),
        (_("Remark"), "note"),
        (_("Row of the list"), "number"),
        (_("Resolved as"), "outcome"),
    )

    def get(self, request, code):
        self.comparison = Comparison.objects.visible_to(self.user).filter(code=code).first()
        if self.comparison is None:
            raise Http404
        record_event(Action.VIEW, self.comparison)
        return super().get(request)

    def get_queryset(self):
        settled = Case(When(Q(outcome="") & ~Q(status=Status.BOTH), then=0), default=1)
        visible = Exists(Child.objects.permitted_to(self.user, self.get_permission()).filter(pk=OuterRef("child")))
        rows = self.comparison.rows.select_related("child").annotate(
            known=Case(When(child=None, then=True), default=visible)
        )
        return rows.order_by(settled, "pk")

    def row(self, obj):
        return super().row(obj) | ({} if obj.known else {"url": ""})

    def get_context(self):
        counts, active = self.comparison.counts, self.request.GET.get("status", "")
        tiles = [
            {
                "label": status.label,
                "value": counts.get(status, 0),
                "kind": STATUS_KINDS[status],
                "url": f"?status={status}",
                "active": active == status,
            }
            for status in Status
        ]
        title = f"{self.comparison.get_kind_display()} · {self.comparison.place}"
        return super().get_context() | {"title": title, "subtitle": self.comparison.file_name, "tiles": tiles}


def child_name(row: ComparisonRow) -> str:
    """Return the child's name; for one outside the reader's scope, only the name in the list."""
    if row.child_id and row.known:
        return row.child.name
    return row.values.get("name") or gettext("a child of another office")


class ComparisonRowUpdateView(RecordUpdateView):
    model = ComparisonRow
    permission = "registry.change_comparison"
    form_class = ComparisonRowForm
    template_name = "registry/comparison_row.html"
    title = _("Resolve a difference")

    def get_queryset(self):
        return super().get_queryset().select_related("comparison", "child")

    def get_context(self, form):
        row = self.object
        differences = [
            {"what": field_label(name), "old": describe_value(name, registered), "new": describe_value(name, listed)}
            for name, registered, listed in row.differences
        ]
        list_values = [
            {"label": field_label(name), "value": describe_value(name, value)} for name, value in row.values.items()
        ]
        facts = detail_items(row, (_("Result"), "status"), (_("Remark"), "note"), (_("Row of the list"), "number"))
        return super().get_context(form) | {
            "heading": row.child.name if row.child_id else row.values.get("name", ""),
            "child": row.child,
            "sections": [{"title": gettext("What was found"), "items": facts}],
            "differences": differences,
            "listed": [] if row.child_id else list_values,
        }

    def get_cancel_url(self):
        return self.object.comparison.get_absolute_url()

    def get_success_url(self, obj):
        return obj.comparison.get_absolute_url()

    def done(self, obj):
        messages.success(self.request, gettext("Resolved."))
        return HttpResponseRedirect(self.get_success_url(obj))
