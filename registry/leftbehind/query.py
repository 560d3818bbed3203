"""The rule for many children: one database condition, however many there are."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from registry.codes.grades import years_before
from registry.leftbehind.rule import (
    ANY_ABSENCE,
    FOR_WORK,
    ONE_PARENT,
    PARENTS,
    PUPILS,
    TriState,
    evaluate_rule,
    find_absent,
)
from registry.models import Absence, Definition, Relative


class QueryFacts:
    """Answers the questions of the rule by conditions on a queryset of children."""

    def place(self, definition: Definition) -> TriState:
        first, last = definition.division.span
        return TriState(Q(village__gte=first, village__lte=last), Q(village__lt=first) | Q(village__gt=last))

    def younger(self, years: int, on: date) -> TriState:
        after = years_before(on, years)
        return TriState(Q(birth_date__gt=after, birth_date__lte=on), Q(birth_date__lte=after) | Q(birth_date__gt=on))

    def rural(self) -> TriState:
        return TriState(Q(hukou_rural=True), Q(hukou_rural=False))

    def pupil(self) -> TriState:
        return TriState(Q(schooling__in=PUPILS), ~Q(schooling__in=["", *PUPILS]))

    def away(self, relation: str, definition: Definition, on: date, start: date) -> TriState:
        absences = Absence.objects.filter(child=OuterRef("pk"), parent=relation)
        lasting = absences.filter(Q(returned_on=None) | Q(returned_on__gt=on))
        possible = lasting.filter(Q(left_on=None) | Q(left_on__lte=start))
        if definition.for_work:
            possible = possible.filter(reason__in=FOR_WORK)
        if definition.cross_county:
            possible = possible.filter(Q(cross_county=None) | Q(cross_county=True))
        sure = possible.filter(Q(left_on__lte=start) | Q(left_on=None, known_on__lte=start))
        if definition.cross_county:
            sure = sure.filter(cross_county=True)
        if relation == ONE_PARENT:
            return TriState(Q(Exists(sure)), Q(~Exists(possible)))
        dead = parent_condition(relation, state="deceased")
        known = Q(Exists(absences)) | parent_condition(relation, at_home_on__lte=on)
        return TriState(Q(Exists(sure)) & ~dead, dead | (Q(~Exists(possible)) & known))

    def unable(self, relation: str) -> TriState:
        dead = parent_condition(relation, state="deceased")
        return TriState(dead | parent_condition(relation, able=False), parent_condition(relation, able=True) & ~dead)


def parent_condition(relation: str, **facts) -> Q:
    """Return the condition that the file has this parent with these facts."""
    return Q(Exists(Relative.objects.filter(child=OuterRef("pk"), relation=relation, **facts)))


def whereabouts(relation: str, on: date) -> TriState:
    """Return the conditions that this parent is away on `on`, for whatever reason, and that it is not."""
    return find_absent(QueryFacts(), ANY_ABSENCE, on, on)[PARENTS.index(relation)]


def filter_left_behind(children, definition: Definition, on: date):
    """Return the children who certainly count as left-behind by `definition` on the day `on`."""
    return children.filter(rule_conditions(definition, on).yes)


def filter_undecided(children, definition: Definition, on: date):
    """Return the children of whom a fact that `definition` asks for is not recorded."""
    counts = rule_conditions(definition, on)
    return children.exclude(counts.yes | counts.no)


def rule_conditions(definition: Definition, on: date, *, soon: bool = False) -> TriState:
    """Return the conditions to count and not to count; `soon` as in `evaluate_criteria`."""
    return evaluate_rule(QueryFacts(), definition, on, soon=soon)
