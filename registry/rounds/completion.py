"""How far a round has come: computed by the database, among the children that the reader may know of.

Counted are the children whose files were open on the day of counting: today, or the due day once that has passed. So
the figures of a past round stay. Who was registered after the due day is neither counted nor overdue; the audit trail
tells when that was. A child that several rounds cover is due when the first of them is.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import Case, Count, Exists, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from carebase.audit.models import Action, Event
from registry.models import Round, Survey


class RoundProgress(NamedTuple):
    """How many of the children of a place (its key, None for those of no class) have been surveyed."""

    key: object
    total: int
    done: int

    @property
    def percent(self) -> int:
        """Return the share in whole percent, rounded down: 100 means that nobody is left."""
        return self.done * 100 // self.total if self.total else 0


def registered_after(after) -> Exists:
    """Return whether a child was registered after the day `after` (a date, or an expression on the child)."""
    lines = Event.objects.filter(model="registry.child", object_code=OuterRef("code"), action=Action.CREATE)
    if isinstance(after, dt.date):  # a plain moment, which needs no conversion of each line
        next_day = dt.datetime.combine(after + dt.timedelta(days=1), dt.time.min)
        return Exists(lines.filter(at__gte=timezone.make_aware(next_day)))
    return Exists(lines.filter(at__date__gt=after))


def counted_children(children, of: Round):
    """Return those of `children` whose survey the round counts."""
    day = of.counted_on
    found = children.living_in(of.division).filter(Q(closed_on=None) | Q(closed_on__gt=day))
    return found.filter(~registered_after(day)) if day < timezone.localdate() else found


def progress_by(children, of: Round, by: str) -> list[RoundProgress]:
    """Return the progress of the round by a relation of the child, "village" or "school_class", in order of its key."""
    answer = FilteredRelation("surveys", condition=Q(surveys__term=of.term_id))  # at most one, by its constraint
    rows = counted_children(children, of).annotate(answer=answer).order_by().values(by)
    rows = rows.annotate(total=Count("pk"), done=Count("answer")).order_by(by)
    return [RoundProgress(row[by], row["total"], row["done"]) for row in rows]


def without_survey(children, of: Round):
    """Return the open files without a survey in the round's term, with `due` (a day) and `overdue` (yes or no)."""
    today = timezone.localdate()
    begun = Round.objects.covering(OuterRef("village")).filter(term=of.term_id, starts_on__lte=today)
    answered = Survey.objects.filter(child=OuterRef("pk"), term=of.term_id)
    found = children.open().living_in(of.division).filter(~Exists(answered))
    found = found.annotate(due=Coalesce(Subquery(begun.values("due_on")[:1]), Value(of.due_on)))
    late = Q(due__lt=today) & ~registered_after(OuterRef("due"))
    return found.annotate(overdue=Case(When(late, then=Value(True)), default=Value(False)))


def awaiting_survey(children):
    """Return the open files that a running round covers and that were not surveyed this term."""
    today = timezone.localdate()
    running = Round.objects.running().covering(OuterRef("village"))
    this_term = {"term__starts_on__lte": today, "term__ends_on__gte": today}
    answered = Survey.objects.filter(child=OuterRef("pk"), **this_term)
    return children.open().filter(Exists(running), ~Exists(answered))
