"""Views of the tasks: the list, and the page on which one is reassigned or closed."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import RecordListView, RecordUpdateView
from registry.models import Need
from registry.rounds.forms import NeedFilter, NeedForm


class NeedListView(RecordListView):
    model = Need
    filter_class = NeedFilter
    title = _("Tasks")
    empty_text = _("You have no open tasks. Choose “anyone in my office” to see all tasks.")
    columns = (
        (_("Need"), "what"),
        (_("Child"), "child.name"),
        (_("Village"), "child.village"),
        (_("Domain"), "domain"),
        (_("Person responsible"), lambda need: need_owner(need)),
        (_("Due on"), "due_on"),
        (_("Overdue"), lambda need: gettext("overdue") if need.overdue else ""),
        (_("Done on"), "done_on"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list().with_owner_in_charge()


def need_owner(need: Need) -> str:
    """Return the owner, or that nobody is in charge because the owner no longer sees the child."""
    return need.owner.name if need.in_charge else gettext("nobody (was: %(name)s)") % {"name": need.owner.name}


class NeedUpdateView(RecordUpdateView):
    model = Need
    form_class = NeedForm
    title = _("Task")

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "owner")

    def get_context(self, form):
        child = self.object.child
        intro = f"{self.object.what} · {child.name} · {child.village}"
        return super().get_context(form) | {"intro": intro, "intro_url": child.get_absolute_url()}

    def get_success_url(self, obj):
        return reverse("need-list")

    def get_cancel_url(self):
        return reverse("need-list")
