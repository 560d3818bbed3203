"""What the visits add to the page of a child: the latest contacts, and the way to log one."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import table
from registry.panels import panel
from visits.models import Visit

LATEST = 5


@panel(20)
def latest_visits(child, user) -> dict | None:
    """Return the latest contacts with a visible child, one query: they follow the child."""
    if not user.has_perm("visits.view_visit"):
        return None
    visits = Visit.objects.filter(child=child).select_related("by").order_by("-made_on", "-pk")
    visits = visits.only("code", "kind", "made_on", "met", "by__name")
    url = f"{reverse('visit-list')}?q={child.code}"
    actions = [{"label": gettext("All visits"), "url": url, "icon": "journal"}]
    if user.has_perm("visits.add_visit"):
        url = f"{reverse('visit-create')}?child={child.code}"
        actions.insert(0, {"label": gettext("Log a visit"), "url": url, "primary": True, "icon": "plus"})
    return table(
        gettext("Visits and talks"),
        [(_("Date"), "made_on"), (_("Kind"), "kind"), (_("Who was met"), "met"), (_("Made by"), "by.name")],
        visits[:LATEST],
        actions=actions,
        empty_text=gettext("No visit is logged yet."),
    )
