"""Which open files are proposed for closing, on what ground, and because of which dated fact: one query for all.

A child who only dropped out has not left school but needs care, so that is no ground. A parent's return and leaving
school are grounds only when surely no definition in force holds any more, taking every absence that has begun for long
enough: a parent who left last week will soon count. What is not recorded keeps a file open.
"""

import datetime as dt
from functools import reduce
from operator import and_, or_

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.codes.grades import birthday_in, school_year, years_before
from registry.leftbehind import conditions
from registry.leftbehind.rule import PUPILS
from registry.leftbehind.verdict import name
from registry.models import Absence, CategoryMembership, Child, Decision, Definition

COMPULSORY = 9  # grades
BEYOND = (Child.Schooling.SENIOR, Child.Schooling.VOCATIONAL)
ALWAYS, NEVER = ~Q(pk__in=[]), Q(pk__in=[])
ClosingProposal = Child.Closing


def proposals(user, on: dt.date | None = None):
    """Return the open files that `user` sees and that are proposed, each with `ground` and the days of its fact."""
    on = on or timezone.localdate()
    definitions = in_force(on)
    cheap = grounds(definitions, on)
    moves = migrant(on).filter(child=OuterRef("pk")).order_by("valid_from")
    last_return = returns(on).filter(child=OuterRef("pk")).order_by("-returned_on", "-pk")
    return (
        Child.objects.visible_to(user)
        .open()
        .filter(proposed(cheap, definitions, on))
        .annotate(
            ground=Case(*(When(condition, then=Value(str(ground))) for ground, condition in cheap.items())),
            moved_on=Subquery(moves.values("valid_from")[:1]),
            back_on=Subquery(last_return.values("returned_on")[:1]),
            back_parent=Subquery(last_return.values("parent")[:1]),
        )
    )


def in_force(on: dt.date) -> list[Definition]:
    return list(Definition.objects.in_force(on).select_related("division"))


def grounds(definitions: list[Definition], on: dt.date) -> dict[str, Q]:
    """Return what is asked first for each ground, the weightier first: a file is proposed on the first that it meets.

    For the last two a file must besides be judged by the definitions, which costs more and is asked of few.
    """
    first = {
        ClosingProposal.AGE: too_old(definitions, on),
        ClosingProposal.MOVED: Q(pk__in=migrant(on).values("child")),
        ClosingProposal.LEFT_SCHOOL: has_left_school(on),
        ClosingProposal.PARENT_BACK: Q(pk__in=returns(on).values("child")),
    }
    return {ground: condition & ~kept(ground, on) for ground, condition in first.items()}


def proposed(cheap: dict[str, Q], definitions: list[Definition], on: dt.date) -> Q:
    """Return the condition to be proposed. Who left school is no pupil, whatever a definition of pupils says."""
    general = [definition for definition in definitions if not definition.pupils_only]
    pupils = [definition for definition in definitions if definition.pupils_only]
    returned = cheap[ClosingProposal.PARENT_BACK] & none_holds(pupils, on)
    judged = (cheap[ClosingProposal.LEFT_SCHOOL] | returned) & none_holds(general, on)
    return cheap[ClosingProposal.AGE] | cheap[ClosingProposal.MOVED] | (judged if definitions else NEVER)


def too_old(definitions: list[Definition], on: dt.date) -> Q:
    """Return the condition to be beyond the age of every definition that names one and is in force for the child."""
    limited = [definition for definition in definitions if definition.below_age is not None]
    condition = reduce(or_, (here(definition) for definition in limited), NEVER)
    for definition in limited:
        elsewhere = ~here(definition) if definition.division_id else NEVER
        condition &= Q(birth_date__lte=years_before(on, definition.below_age)) | elsewhere
    return condition


def here(definition: Definition) -> Q:
    if definition.division_id is None:
        return ALWAYS
    first, last = definition.division.span
    return Q(village__gte=first, village__lte=last)


def none_holds(definitions: list[Definition], on: dt.date) -> Q:
    """Return the condition that surely none of them holds, or soon will."""
    return reduce(and_, (conditions(definition, on, soon=True).no for definition in definitions), ALWAYS)


def has_left_school(on: dt.date) -> Q:
    """Return the condition to have gone beyond compulsory school, by what is recorded or by the year of the class."""
    last_entry = F("school_class__school__first_grade") + Value(school_year(on) - COMPULSORY)
    return Q(schooling__in=BEYOND) | Q(schooling__in=PUPILS, school_class__entry_year__lt=last_entry)


def migrant(on: dt.date):
    """Return the memberships of children who live with their parents elsewhere (流动儿童)."""
    memberships = CategoryMembership.objects.filter(category="migrant", valid_from__lte=on)
    return memberships.filter(Q(valid_to=None) | Q(valid_to__gt=on))


def returns(on: dt.date):
    return Absence.objects.filter(returned_on__lte=on)


def kept(ground: str, on: dt.date) -> Q:
    return Q(pk__in=Decision.objects.keeping(on).filter(ground=ground).values("child"))


def day_of(child: Child, definitions: list[Definition], on: dt.date) -> dt.date:
    """Return the day of the fact that a proposed file's ground rests on; `on` where none is recorded."""
    match child.ground:
        case ClosingProposal.AGE:
            return birthday_in(child.birth_date, child.birth_date.year + limit_of(child, definitions))
        case ClosingProposal.MOVED:
            return child.moved_on
        case ClosingProposal.PARENT_BACK:
            return child.back_on
    return finished_on(child) or on


def limit_of(child: Child, definitions: list[Definition]) -> int:
    ages = [each.below_age for each in definitions if each.below_age and each.applies_in(child.village_id)]
    return max(ages)


def finished_on(child: Child) -> dt.date | None:
    """Return the end of the school year in which the child's class finished grade 9; None where it is not known."""
    if child.school_class is None:
        return None
    year = child.school_class.entry_year + COMPULSORY + 1 - child.school_class.school.first_grade
    day = dt.date(year, 8, 31)
    return day if day <= timezone.localdate() else None


def because(child: Child, definitions: list[Definition], on: dt.date) -> str:
    """Return the fact that a proposed file's ground rests on, in words."""
    words = {"day": day_of(child, definitions, on)}
    match child.ground:
        case ClosingProposal.AGE:
            sentence = _("turned %(limit)s on %(day)s") % (words | {"limit": limit_of(child, definitions)})
        case ClosingProposal.MOVED:
            sentence = _("lives elsewhere as a migrant child since %(day)s") % words
        case ClosingProposal.PARENT_BACK:
            words |= {"parent": name(child.back_parent)}
            sentence = _("the %(parent)s came back on %(day)s; no definition holds any more") % words
        case _other if child.schooling in BEYOND:
            sentence = _("has gone on to: %(schooling)s") % {"schooling": child.get_schooling_display()}
        case _other:
            sentence = _("the class finished grade 9 on %(day)s") % words
    return capfirst(sentence)
