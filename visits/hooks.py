"""The latest contacts of a child, the children without contact, and the follow-ups that are due."""

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.display import display
from carebase.views import record_table
from registry.hooks import child_filter, child_panel, home_figure, home_list, home_task, recorded_twice
from registry.models import Child, Term
from visits.models import Visit
from visits.querysets import without_contact

MAX_VISITS = 5
MAX_DUE = 10  # follow-ups on the home page


@child_panel(order=20, permission="visits.view_visit")
def latest_visits(child, user) -> dict:
    """Return the latest contacts of a visible child in one query; whoever sees the child sees them."""
    visits = Visit.objects.filter(child=child).select_related("by").order_by("-made_on", "-pk")
    visits = visits.only("code", "kind", "counselling", "made_on", "met", "by__name")
    url = f"{reverse('visit-list')}?q={child.code}"
    actions = [{"label": gettext("All visits"), "url": url, "icon": "journal"}]
    if user.has_perm("visits.add_visit", child):
        url = f"{reverse('visit-create')}?child={child.code}"
        actions.insert(0, {"label": gettext("Log a visit"), "url": url, "primary": True, "icon": "plus"})
    return record_table(
        gettext("Visits and talks"),
        [(_("Date"), "made_on"), (_("Kind"), "kind_text"), (_("Person met"), "met"), (_("Logged by"), "by.name")],
        visits[:MAX_VISITS],
        actions=actions,
        empty_text=gettext("No visit is logged yet."),
    )


@child_filter("unvisited", _("without contact this term"), order=40)
def unvisited(children):
    """Return the open files without contact this term, or none between terms."""
    term = Term.objects.current()
    return without_contact(children, term) if term else children.none()


@home_task(order=40, permission="visits.view_visit")
def see_unvisited(office) -> dict | None:
    return office.task_of(
        "unvisited",
        gettext("Children without contact this term"),
        gettext("No visit, talk or call with them has been recorded since the term began."),
    )


@home_figure(order=20, permission="reports.view_term", unless="registry.view_child")
def count_unvisited(office) -> dict:
    return office.figure_of("unvisited")


@home_list(order=20, permission="visits.view_visit", unless="registry.close_child")
def due_follow_ups(office) -> dict:
    """Return the overdue follow-ups; the query starts from the children, because their visits are few."""
    children = Child.objects.visible_to(office.user).open()
    due = Visit.objects.filter(child__in=children.values("pk")).follow_up_overdue()
    due = due.select_related("child").order_by("next_on", "pk")[:MAX_DUE]
    columns = ((_("Child"), "child.name"), (_("Planned for"), "next_on"), (_("Last contact"), "made_on"))
    return record_table(gettext("Follow-ups that are due"), columns, due, empty_text=gettext("No follow-up is due."))


@recorded_twice(permission="visits.view_visit")
def contacts_in_both(left, right, user) -> list[tuple]:
    """Return the contacts of the same kind and day that both files have."""
    days: dict[tuple, tuple[list, list]] = defaultdict(lambda: ([], []))
    visits = Visit.objects.visible_to(user).filter(child__in=(left, right)).select_related("by")
    for visit in visits.order_by("made_on", "pk"):
        days[visit.made_on, visit.kind][visit.child_id == right.pk].append(visit)
    pairs = [pair for both in days.values() for pair in zip(*both, strict=False)]
    return [(describe_both(*pair), *pair) for pair in pairs]


def describe_both(one: Visit, other: Visit) -> str:
    people = dict.fromkeys(visit.by.name for visit in (one, other))
    return f"{display(one.made_on)} · {one.get_kind_display()} · {'、'.join(people)}"
