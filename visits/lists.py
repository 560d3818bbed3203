"""What visits add to the list of children: those whom nobody has met or reached this term."""

from django.utils.translation import gettext_lazy as _

from registry.lists import LISTS, ListChoice
from registry.models import Term
from visits.querysets import overdue


def unvisited(children):
    """Return the open files without any visit or talk in the present term; nobody while there is no term."""
    term = Term.objects.current()
    return overdue(children, term) if term else children.none()


LISTS["unvisited"] = ListChoice(_("without contact this term"), unvisited)
