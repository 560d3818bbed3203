"""The progress of a round, computed by the database among the children that the reader sees.

It counts the files that were open today, or on the due day once that has passed, so that the figures of a past round
stay, and so are the lists behind them: `counted_children` is what both count. A child registered after the due day is
not among them; the work page counts it with all who were not surveyed this term (`awaiting_survey`). A child that
several rounds cover is due when the first of them is.
"""

from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.hooks import child_filter
from registry.models import Round, Survey


class RoundProgress(NamedTuple):
    """How many children of a place have been surveyed; `key` is its primary key, None for children without a class."""

    key: object
    total: int
    done: int

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0  # rounded down: 100 means that nobody is left


def counted_children(children, of: Round):
    """Return the children that the round counts, joined with their `survey` of its term, if any."""
    survey = FilteredRelation("surveys", condition=Q(surveys__term=of.term_id))  # at most one, by its constraint
    return children.living_in(of.division).open_on(of.counted_on).annotate(survey=survey)


def progress_by(children, of: Round, by: str) -> list[RoundProgress]:
    """Return the progress of the round by a relation of the child, "village" or "school_class", ordered by key."""
    rows = counted_children(children, of).order_by().values(by)
    rows = rows.annotate(total=Count("pk"), done=Count("survey")).order_by(by)
    return [RoundProgress(row[by], row["total"], row["done"]) for row in rows]


def without_survey(children, of: Round):
    """Return the counted children without a survey, with `due` and `closed` (dates) and `overdue`."""
    today = timezone.localdate()
    rounds = Round.objects.covering(OuterRef("village")).filter(term=of.term_id, starts_on__lte=today)
    children = counted_children(children, of).filter(survey=None)
    children = children.annotate(due=Coalesce(Subquery(rounds.values("due_on")[:1]), Value(of.due_on)))
    late = Q(due__lt=today, due__gte=F("opened_on"), closed_on=None)
    return children.annotate(overdue=Case(When(late, then=Value(True)), default=Value(False)), closed=F("closed_on"))


@child_filter("unsurveyed", _("not surveyed this term"), order=35)
def awaiting_survey(children):
    """Return the open files that a running round covers and that were not surveyed this term."""
    today = timezone.localdate()
    running = Round.objects.running().covering(OuterRef("village"))
    this_term = {"term__starts_on__lte": today, "term__ends_on__gte": today}
    surveys = Survey.objects.filter(child=OuterRef("pk"), **this_term)
    return children.open().filter(Exists(running), ~Exists(surveys))
