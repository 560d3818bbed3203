"""Views of the children: list, file, forms, revealing a masked value, and the menu of census tasks."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.confirmation import use_today
from carebase.accounts.models import Notice
from carebase.accounts.views import ask_before_full_access
from carebase.audit.models import Action, record_event
from carebase.views import PageLink, RecordCreateView, RecordDetailView, RecordListView, RecordUpdateView, ScopedView
from registry import census, display
from registry.child_file import ChildFile
from registry.children.forms import ChildFilter, ChildForm
from registry.duplicates.display import merge_links, with_successor
from registry.hooks import child_panel
from registry.models import Child
from registry.task_menu import tasks_for


class ChildListView(RecordListView):
    model = Child
    filter_class = ChildFilter
    title = _("Children")
    empty_text = _("No child matches.")
    columns = (
        (_("Name"), "name"),
        (_("Sex"), "sex"),
        (_("Age"), "age"),
        (_("Village"), "village"),
        (_("School and class"), "place_in_school"),
        (_("Schooling"), "schooling"),
        (_("Code"), "code"),
    )
    links = (
        PageLink(_("Register a child"), "child-create", "plus", "registry.add_child", primary=True),
        PageLink(_("Import a sheet"), "import-upload", "upload", "registry.import_child"),
        PageLink(_("Place in classes"), "child-enrol", "people", "registry.enrol_child"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list()


class ChildDetailView(RecordDetailView):
    model = Child
    unmasked = ""

    def get_queryset(self):
        children = super().get_queryset().select_related("village", "school", "school_class__school")
        return with_successor(children, self.user)

    def get_context(self):
        self.file, self.panels = (
            ChildFile(self.object),
            child_panel.results_for(self.user, self.object, self.user, about=self.object),
        )
        context = super().get_context()
        context["links"] = [*merge_links(self.object, self.user), *display.child_links(self.object, self.user)]
        context["badges"] = display.badges(self.object, self.file)
        context["photo"] = display.photo_context(self.object, self.user)
        if self.unmasked:  # the address of the revealed value answers only POST
            context["object_url"] = self.object.get_absolute_url()
        if self.may("unmask"):
            context["reveal_url"] = reverse("child-unmask", args=[self.object.code])
        return context

    def get_heading(self):
        return self.object.name

    def get_sections(self):
        may_unmask = self.may("unmask")
        return display.census_sections(self.object, self.file, may_unmask=may_unmask, unmasked=self.unmasked)

    def get_related(self):
        return [*self.panels, display.absence_table(self.file)]

    def get_actions(self):
        """Put the panels' primary actions first, so that a phone need not be scrolled to them."""
        first = [action for panel in self.panels for action in panel.get("actions", ()) if action.get("primary")]
        return [*first, *super().get_actions(), *self.close_or_reopen()]

    def close_or_reopen(self) -> list[dict]:
        if not self.may("close"):
            return []
        page, label = ("child-close", gettext("Close the file"))
        if self.object.closed_on:
            page, label = ("child-reopen", gettext("Reopen the file"))
        return [{"label": label, "url": reverse(page, args=[self.object.code])}]


class ChildUnmaskView(ChildDetailView):
    """Shows one masked value in full, once, and records the access with the name of the field and the purpose."""

    action = "unmask"

    def get(self, request, code):
        raise Http404

    def post(self, request, code):
        field = census.BY_NAME.get(request.POST.get("field", ""))
        if field is None or not field.masked:
            raise Http404
        child = self.get_object()
        return ask_before_full_access(
            request,
            lambda purpose: self.unmask(field.name, purpose),
            title=gettext("Show in full"),
            subject=f"{child.name} · {field.title}",
            hidden={"field": field.name},
            buttons=[{"label": gettext("Show"), "url": request.path}],
            object_url=child.get_absolute_url(),
        )

    @transaction.atomic
    def unmask(self, name: str, purpose: str) -> HttpResponse:
        use_today(self.user, Notice.Kind.VALUES)
        self.object, self.unmasked = self.get_object(), name
        record_event(Action.UNMASK, self.object, detail={"field": name, "purpose": purpose})
        return self.show()


class ChildFormViewMixin:
    """Warns after saving about an ID number that is doubtful but was accepted."""

    def save(self, form):
        child = super().save(form)
        if {"sex", "birth_date", "id_number"} & set(form.changed_data):
            for warning in form.warnings:
                messages.warning(self.request, warning)
            if child.id_confirmed_by_id:
                messages.warning(self.request, gettext("The file differs from the ID number; you confirmed why."))
        return child


class ChildCreateView(ChildFormViewMixin, RecordCreateView):
    model = Child
    form_class = ChildForm
    title = _("Register a child")


class ChildUpdateView(ChildFormViewMixin, RecordUpdateView):
    model = Child
    form_class = ChildForm
    title = _("Edit the file")

    def get_queryset(self):
        return super().get_queryset().select_related("village", "school", "school_class__school")


class CensusTaskMenuView(ScopedView):
    """The menu of the tasks that keep one up-to-date file per child."""

    model = Child
    action = "add"

    def get(self, request):
        context = {"title": gettext("Census work"), "tasks": tasks_for(self.user)}
        return render(request, "registry/census_work.html", context)
