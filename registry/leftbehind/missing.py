"""For want of which facts a child is undecided by a definition."""

from datetime import date
from functools import reduce
from operator import and_

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from registry.leftbehind.facts import ChildFacts, may_count, surely_counts
from registry.leftbehind.rule import ONE_PARENT, PARENTS, evaluate_criteria, find_absent
from registry.models import Definition


class Fact(TextChoices):
    HUKOU = "hukou", _("rural household registration")
    PUPIL = "pupil", _("schooling status")
    WHERE = "where", _("whether a parent is away or at home")
    WHICH = "which", _("which of the parents is away")
    SINCE = "since", _("since when a parent is away")
    COUNTY = "county", _("whether a parent is in another county")
    ABILITY = "ability", _("whether a parent is able to act as guardian")


def missing_facts(facts: ChildFacts, definition: Definition, on: date) -> list[Fact]:
    """Return the facts that an undecided child lacks on the day `on`, at least one; [] for a decided one."""
    answers = evaluate_criteria(facts, definition, on)
    if reduce(and_, answers.values()).answer is not None:
        return []
    unknown = {name for name, state in answers.items() if state.answer is None}
    own = [fact for fact in (Fact.HUKOU, Fact.PUPIL) if fact in unknown]
    return own + (missing_of_parents(facts, definition, on) if "parents" in unknown else [])


def missing_of_parents(facts: ChildFacts, definition: Definition, on: date) -> list[Fact]:
    start = definition.latest_start(on)
    possible, doubtful = {}, []  # absences that may count; those of whom none surely does
    for relation in (*PARENTS, ONE_PARENT):
        rows = facts.parents[relation].absences
        possible[relation] = [row for row in rows if may_count(row, definition, on, start)]
        if not any(surely_counts(row, definition, on, start) for row in rows):
            doubtful += possible[relation]
    away = dict(zip((*PARENTS, ONE_PARENT), find_absent(facts, definition, on, start), strict=True))
    unsure = [relation for relation in PARENTS if away[relation].answer is None]
    which = bool(possible[ONE_PARENT]) and len(unsure) == 2
    missing = {
        Fact.WHERE: not which and any(not possible[relation] for relation in unsure),
        Fact.WHICH: which,
        Fact.SINCE: any(row.since > start for row in doubtful),
        Fact.COUNTY: definition.cross_county and any(row.cross_county is None for row in doubtful),
        Fact.ABILITY: definition.parents == Definition.Parents.UNABLE
        and any(
            facts.unable(home).answer is None and not away[home].yes and not away[other].no
            for home, other in (PARENTS, PARENTS[::-1])
        ),
    }
    return [fact for fact, lacks in missing.items() if lacks]
