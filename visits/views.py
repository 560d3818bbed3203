"""Views of the contacts: list, forms, detail, and the children without contact this term."""

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.grants import reading_refusal
from carebase.views import PageLink, RecordDetailView, RecordListView, RecordUpdateView, detail_items
from registry.child_records.views import ChildRecordCreateView
from registry.models import Child, Term
from visits.forms import VisitFilter, form_of
from visits.models import Visit
from visits.querysets import without_contact


class VisitListView(RecordListView):
    model = Visit
    filter_class = VisitFilter
    title = _("Visits and talks")
    empty_text = _("No visit is logged yet.")
    columns = (
        (_("Child"), "child.name"),
        (_("Village"), "child.village"),
        (_("Kind"), "kind_text"),
        (_("Date"), "made_on"),
        (_("Logged by"), "by.name"),
    )
    links = (
        PageLink(_("Log a visit"), "visit-create", "plus", "visits.add_visit", primary=True),
        PageLink(_("Without contact this term"), "visit-overdue", "clock"),
    )

    def get_queryset(self):
        return Visit.objects.latest_of(self.user)


class OverdueListView(RecordListView):
    """The open files without contact this term; the link of each logs one."""

    model = Visit
    title = _("Without contact this term")
    empty_text = _("Every child has had contact this term.")
    columns = (
        (_("Child"), "name"),
        (_("Village"), "village"),
        (_("School and class"), "place_in_school"),
        (_("Last contact"), "last_on"),
    )
    links = (PageLink(_("All visits"), "visit-list", "journal"),)

    def get_queryset(self):
        self.term = Term.objects.current()
        children = Child.objects.visible_to(self.user)
        if self.term is None:
            return children.none()
        last = Visit.objects.filter(child=OuterRef("pk")).order_by("-made_on").values("made_on")[:1]
        return without_contact(children, self.term).for_list().annotate(last_on=Subquery(last))

    def get_context(self):
        context = super().get_context()
        if self.term is None:
            return context | {"empty_text": gettext("No term has begun yet. The system administrator adds terms.")}
        return context | {"subtitle": str(self.term)}

    def row(self, obj):
        row = super().row(obj)
        if self.may("add"):
            row["url"] = f"{reverse('visit-create')}?child={obj.code}"
        return row


class VisitCreateView(ChildRecordCreateView):
    model = Visit
    title = _("Log a visit or a talk")

    @property
    def form_class(self):
        return form_of(None, self.user)

    def get_initial(self):
        kind = self.request.GET.get("kind")
        return super().get_initial() | {"kind": kind if kind in Visit.Kind.values else Visit.Kind.HOME_VISIT}

    def save(self, form):
        form.instance.by = self.user
        return super().save(form)


class VisitDetailView(RecordDetailView):
    model = Visit

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "by")

    def get_heading(self):
        return f"{self.object.child.name} · {self.object.kind_text}"

    def get_sections(self):
        """Return the facts and the findings; of another's counselling only that it took place."""
        about = detail_items(
            self.object,
            (_("Child"), "child.name"),
            (_("Village"), "child.village"),
            (_("Kind"), "kind_text"),
            (_("Date"), "made_on"),
            (_("Time"), lambda visit: visit.starts_at and visit.starts_at.strftime("%H:%M")),
            (_("Minutes"), "minutes"),
            (_("Planned"), "planned"),
            (_("Logged by"), "by.name"),
            (_("Next contact on"), "next_on"),
        )
        return [{"title": gettext("The visit"), "items": about}, {"title": gettext("Findings")} | self.findings()]

    def findings(self) -> dict:
        words = self.object.words_for(self.user)
        if words is None:
            others = gettext("Only the counsellors whom the child is referred to read this.")
            return {"note": reading_refusal(self.user) or others, "items": []}
        pairs = ((_("Person met"), "met"), (_("Observations"), "observed"), (_("Conversation"), "said"))
        return {"items": detail_items(words, *pairs, (_("Advice and follow-up"), "advice"))}

    def get_actions(self):
        actions = super().get_actions() if self.object.may_be_changed_by(self.user) else []
        url = self.object.child.get_absolute_url()
        return [*actions, {"label": gettext("The child's file"), "url": url, "icon": "person"}]


class VisitUpdateView(RecordUpdateView):
    model = Visit
    title = _("Correct a visit")

    @property
    def form_class(self):
        return form_of(self.object, self.user)

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "by")

    def get_object(self):
        visit = super().get_object()
        if not visit.may_be_changed_by(self.user):
            raise PermissionDenied
        return visit

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.object.child.name} · {self.object.child.village}"}
