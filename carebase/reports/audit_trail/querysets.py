"""The events of the audit trail that an auditor sees.

The trail of a place holds whatever touched a child of it: what names the child, what people posted there did, and what
was taken or listed of the place, of its schools and classes, or of a place above, whose range covers it.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast

from carebase.audit.models import Action, Event
from registry.access import Spans, scope_of, within
from registry.models import Child, Comparison, Division, ImportBatch, Posting, School, SchoolClass
from registry.places import ancestors

SMALL_OFFICE = 500  # children


def events_for(user):
    return events_within(scope_of(user).spans)


def events_within(spans: Spans):
    """Return the trail of the divisions in `spans`.

    A small office is searched by its codes and people: its events may be so rare that reading back for 25 of them would
    read the whole trail. In a large office they are frequent, and the list of codes would be long.
    """
    children = Child._base_manager.filter(within(spans, "village"))
    staff = Posting._base_manager.filter(posted_within(spans))
    codes = list(children.values_list("code", flat=True)[: SMALL_OFFICE + 1])
    if len(codes) <= SMALL_OFFICE:
        of_child, by_staff = Q(subject__in=codes), Q(user__in=staff.values("user"))
    else:
        of_child = ~Q(subject="") & Exists(children.filter(code=OuterRef("subject")))
        by_staff = Exists(staff.filter(user=OuterRef("user")))
    return with_names(Event.objects.filter(of_child | by_staff | of_records(spans)), spans)


def posted_within(spans: Spans) -> Q:
    below = within(spans, "division") | within(spans, "school__division")
    return below | within(spans, "school_class__school__division")


def above(spans: Spans) -> list[str]:
    return [code for first, _last in spans for code in ancestors(first)]


def of_records(spans: Spans) -> Q:
    """Return the condition on events about a place, or about a list, sheet or paper that held children of it."""
    around = above(spans)
    covering = within(spans, "object_code") | Q(object_code__in=around, action=Action.EXPORT)
    pupils = Child._base_manager.filter(within(spans, "village"))
    schools = School._base_manager.filter(within(spans, "division") | Q(pk__in=pupils.values("school")))
    taught = within(spans, "school__division") | Q(pk__in=pupils.values("school_class"))
    classes = SchoolClass._base_manager.filter(taught)
    batches = ImportBatch._base_manager.filter(covers(spans, "place") | Q(place=None) & covers(spans, "office"))
    compared = covers(spans, "division") | Q(school__in=schools.values("pk"))
    return (
        of_model(Division) & covering
        | of_model(School) & Q(object_code__in=schools.values("code"))
        | of_model(SchoolClass) & Q(object_code__in=classes.values_list(Cast("pk", CharField())))
        | of_model(ImportBatch) & Q(object_code__in=batches.values("code"))
        | of_model(Comparison) & Q(object_code__in=Comparison._base_manager.filter(compared).values("code"))
    )


def of_model(model) -> Q:
    return Q(model=model._meta.label_lower)


def covers(spans: Spans, field: str) -> Q:
    """Return the condition that the division in `field` lies in `spans`, or its range covers one of them."""
    return within(spans, field) | Q(**{f"{field}__in": above(spans)})


def with_names(events, spans: Spans):
    """Return the events with the names of their child, if it is one of `spans`, and of their division."""
    child = Child._base_manager.filter(within(spans, "village"), code=OuterRef("subject"))
    division = Division._base_manager.filter(code=OuterRef("object_code"))
    names = {"child_name": Subquery(child.values("name")), "division_name": Subquery(division.values("name"))}
    return events.annotate(**names).select_related("user").order_by("-pk")


def events_about(child: Child, spans: Spans, since=None, until=None):
    """Return the events about one child, and the exports that held its file, between two moments if given."""
    period = between(since, until)
    held = list(exports_that_held(child).filter(period).values_list("pk", flat=True))  # so that each part has its index
    return with_names(Event.objects.filter(period, Q(subject=child.code) | Q(pk__in=held)), spans)


def between(since, until) -> Q:
    return (Q(at__gte=since) if since else Q()) & (Q(at__lt=until) if until else Q())


def exports_that_held(child: Child):
    """Return the exports that name the child in their list, or of a place whose range covered its village."""
    exports = Event.objects.filter(action=Action.EXPORT).annotate(text=Cast("detail", TextField()))
    by_range = Q(pk__in=[])
    for stay in stays_of(child):
        by_range |= between(stay.since, stay.until) & Q(object_code__in=[*ancestors(stay.village), stay.village])
    without_list = of_model(Division) & ~Q(detail__has_key="codes")
    return exports.filter(Q(subject=child.code) | Q(text__contains=f'"{child.code}"') | without_list & by_range)


class Stay(NamedTuple):
    """When a child's file was in a village; None is open."""

    since: dt.datetime | None
    until: dt.datetime | None
    village: str


def stays_of(child: Child) -> list[Stay]:
    """Return where the file of a child was, from its registration on, as the trail tells."""
    about = Event.objects.filter(subject=child.code, object_code=child.code, action__in=[Action.CREATE, Action.CHANGE])
    stays, since, village = [], None, child.village_id
    for action, at, changes in about.filter(of_model(Child)).order_by("pk").values_list("action", "at", "changes"):
        if action == Action.CREATE:
            since = at
        elif "village" in changes:
            old, village = changes["village"]
            stays.append(Stay(since, at, old))
            since = at
    return [*stays, Stay(since, None, village)]
