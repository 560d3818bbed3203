"""The events of the audit trail that an auditor sees."""

from django.db.models import Exists, OuterRef, Q

from carebase.audit.models import Event
from registry.access import scope_of, within
from registry.models import Child, Posting

SMALL_OFFICE = 500  # children


def events_for(user):
    """Return the events of `user`'s office: about its children and divisions, or by people posted in it.

    A small office is searched by its codes and people: its events may be so rare that reading back for 25 of them would
    read the whole trail. In a large office they are frequent, and the list of codes would be long.
    """
    spans = scope_of(user).spans
    children = Child._base_manager.filter(within(spans, "village"))
    below = within(spans, "division") | within(spans, "school__division")
    below |= within(spans, "school_class__school__division")
    postings = Posting._base_manager.filter(below)
    of_place = within(spans, "object_code") & Q(model="registry.division")
    if len(children.values_list("pk")[: SMALL_OFFICE + 1]) <= SMALL_OFFICE:
        of_child, by_staff = Q(subject__in=children.values("code")), Q(user__in=postings.values("user"))
    else:
        of_child = ~Q(subject="") & Exists(children.filter(code=OuterRef("subject")))
        by_staff = Exists(postings.filter(user=OuterRef("user")))
    return Event.objects.filter(of_child | by_staff | of_place)
