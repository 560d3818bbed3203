"""What pairing adds to the page of a child: who accompanies it, who did, and the way to choose a carer."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import table
from pairing.models import Pairing
from registry.panels import panel

LATEST = 5


@panel(10)
def carers(child, user) -> dict | None:
    """Return the present and the latest carers of a visible child, one query: they follow the child."""
    if not user.has_perm("pairing.view_pairing"):
        return None
    pairings = Pairing.objects.filter(child=child).select_related("carer")
    pairings = pairings.only("code", "started_on", "ended_on", "carer__name")
    latest = list(pairings.order_by(F("ended_on").desc(nulls_first=True), "-started_on")[:LATEST])
    accompanied = any(pairing.ended_on is None for pairing in latest)
    actions = []
    if user.has_perm("pairing.add_pairing") and not accompanied and not child.closed_on:
        url = f"{reverse('pairing-create')}?child={child.code}"
        actions.append({"label": gettext("Choose a carer"), "url": url, "icon": "link"})
    return table(
        gettext("Carer"),
        [(_("Carer"), "carer.name"), (_("From"), "started_on"), (_("Until"), "ended_on")],
        latest,
        actions=actions,
        empty_text=gettext("Nobody accompanies this child yet."),
    )
