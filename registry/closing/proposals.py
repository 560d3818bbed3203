"""Proposals for closing: which open files, on what ground, and because of which dated fact, in one query.

Dropping out is no ground: such a child needs care. A parent's return and leaving school are grounds only when certainly
no definition in force holds any more. For this, every current absence counts as long enough, because a parent who left
last week will soon count. Facts that are not recorded keep a file open.
"""

import datetime as dt
from functools import reduce
from operator import and_, or_

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.closing.services import CLOSE_CHILD
from registry.codes.grades import birthday_in, school_year, years_before
from registry.leftbehind.query import rule_conditions
from registry.leftbehind.rule import PUPILS
from registry.leftbehind.verdict import parent_name
from registry.models import Absence, CategoryMembership, Child, Decision, Definition

COMPULSORY_GRADES = 9
BEYOND_COMPULSORY = (Child.Schooling.SENIOR, Child.Schooling.VOCATIONAL)
ALWAYS, NEVER = ~Q(pk__in=[]), Q(pk__in=[])
ClosingGround = Child.Closing


def find_proposals(user, on: dt.date | None = None):
    """Return the proposed files that `user` sees, each with `ground` and the dates that it may rest on."""
    on = on or timezone.localdate()
    definitions = definitions_in_force(on)
    conditions = ground_conditions(definitions, on)
    moves = migrant_memberships(on).filter(child=OuterRef("pk")).order_by("valid_from")
    last_return = past_returns(on).filter(child=OuterRef("pk")).order_by("-returned_on", "-pk")
    return (
        Child.objects.permitted_to(user, CLOSE_CHILD)
        .open()
        .filter(proposal_condition(conditions, definitions, on))
        .annotate(
            ground=Case(*(When(condition, then=Value(str(ground))) for ground, condition in conditions.items())),
            moved_on=Subquery(moves.values("valid_from")[:1]),
            back_on=Subquery(last_return.values("returned_on")[:1]),
            back_parent=Subquery(last_return.values("parent")[:1]),
        )
    )


def definitions_in_force(on: dt.date) -> list[Definition]:
    return list(Definition.objects.in_force(on).select_related("division"))


def ground_conditions(definitions: list[Definition], on: dt.date) -> dict[str, Q]:
    """Return a cheap condition for each ground by precedence: a file is proposed on the first that it meets.

    The last two grounds need the definitions too, an expensive condition that `proposal_condition` adds for few files.
    """
    kept_open = Decision.objects.keeping_open(on)
    conditions = {
        ClosingGround.AGE: beyond_age_limits(definitions, on),
        ClosingGround.MOVED: Q(pk__in=migrant_memberships(on).values("child")),
        ClosingGround.LEFT_SCHOOL: has_left_school(on),
        ClosingGround.PARENT_BACK: Q(pk__in=past_returns(on).values("child")),
    }
    return {
        ground: condition & ~Q(pk__in=kept_open.filter(ground=ground).values("child"))
        for ground, condition in conditions.items()
    }


def proposal_condition(conditions: dict[str, Q], definitions: list[Definition], on: dt.date) -> Q:
    """Return the whole condition; definitions for pupils are not asked of children who left school."""
    general = [definition for definition in definitions if not definition.pupils_only]
    pupils = [definition for definition in definitions if definition.pupils_only]
    returned = conditions[ClosingGround.PARENT_BACK] & no_definition_holds(pupils, on)
    by_definitions = (conditions[ClosingGround.LEFT_SCHOOL] | returned) & no_definition_holds(general, on)
    certain = conditions[ClosingGround.AGE] | conditions[ClosingGround.MOVED]
    return certain | by_definitions if definitions else certain


def beyond_age_limits(definitions: list[Definition], on: dt.date) -> Q:
    """Return the condition to be above the age limit of every definition that applies to the child and has one."""
    limited = [definition for definition in definitions if definition.below_age is not None]
    condition = reduce(or_, (applies_here(definition) for definition in limited), NEVER)
    for definition in limited:
        elsewhere = ~applies_here(definition) if definition.division_id else NEVER
        condition &= Q(birth_date__lte=years_before(on, definition.below_age)) | elsewhere
    return condition


def applies_here(definition: Definition) -> Q:
    if definition.division_id is None:
        return ALWAYS
    first, last = definition.division.span
    return Q(village__gte=first, village__lte=last)


def no_definition_holds(definitions: list[Definition], on: dt.date) -> Q:
    """Return the condition that certainly none of the definitions holds, or soon will."""
    return reduce(and_, (rule_conditions(definition, on, soon=True).no for definition in definitions), ALWAYS)


def has_left_school(on: dt.date) -> Q:
    """Return the condition to be beyond compulsory school, by the recorded schooling or the year of the class."""
    last_entry = F("school_class__school__first_grade") + Value(school_year(on) - COMPULSORY_GRADES)
    return Q(schooling__in=BEYOND_COMPULSORY) | Q(schooling__in=PUPILS, school_class__entry_year__lt=last_entry)


def migrant_memberships(on: dt.date):
    """Return the current memberships of migrant children (流动儿童), who live with their parents elsewhere."""
    memberships = CategoryMembership.objects.filter(category="migrant", valid_from__lte=on)
    return memberships.filter(Q(valid_to=None) | Q(valid_to__gt=on))


def past_returns(on: dt.date):
    return Absence.objects.filter(returned_on__lte=on)


def ground_date(child: Child, definitions: list[Definition], on: dt.date) -> dt.date:
    """Return the date of the fact behind the ground of a proposed file, or `on` where none is recorded."""
    match child.ground:
        case ClosingGround.AGE:
            return birthday_in(child.birth_date, child.birth_date.year + age_limit(child, definitions))
        case ClosingGround.MOVED:
            return child.moved_on
        case ClosingGround.PARENT_BACK:
            return child.back_on
    return class_finished_on(child) or on


def age_limit(child: Child, definitions: list[Definition]) -> int:
    ages = [each.below_age for each in definitions if each.below_age and each.applies_in(child.village_id)]
    return max(ages)


def class_finished_on(child: Child) -> dt.date | None:
    """Return the end of the school year in which the child's class finished grade 9; None if not known or not yet."""
    if child.school_class is None:
        return None
    year = child.school_class.entry_year + COMPULSORY_GRADES + 1 - child.school_class.school.first_grade
    day = dt.date(year, 8, 31)
    return day if day <= timezone.localdate() else None


def describe_ground(child: Child, definitions: list[Definition], on: dt.date) -> str:
    """Return the fact behind the ground of a proposed file as a sentence."""
    words = {"day": ground_date(child, definitions, on)}
    match child.ground:
        case ClosingGround.AGE:
            sentence = _("turned %(limit)s on %(day)s") % (words | {"limit": age_limit(child, definitions)})
        case ClosingGround.MOVED:
            sentence = _("lives elsewhere as a migrant child since %(day)s") % words
        case ClosingGround.PARENT_BACK:
            words |= {"parent": parent_name(child.back_parent)}
            sentence = _("the %(parent)s came back on %(day)s; no definition applies any longer") % words
        case _other if child.schooling in BEYOND_COMPULSORY:
            sentence = _("has moved up to: %(schooling)s") % {"schooling": child.get_schooling_display()}
        case _other:
            sentence = _("the class finished grade 9 on %(day)s") % words
    return capfirst(sentence)
