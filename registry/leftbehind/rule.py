"""The rule: what a definition asks, in three-valued logic.

`facts` answers each question by a `TriState`: of booleans for one child (facts.py), of database conditions for many
(query.py). What is not recorded is unknown, never "no": a parent is at home when a return, a later departure or
somebody's word says so. A child counts when every answer is yes.
"""

from datetime import date
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from registry.codes.relation import Relation
from registry.models import Absence, Child, Definition

PARENTS = (Relation.FATHER, Relation.MOTHER)
ONE_PARENT = Relation.PARENT  # away, which of the two is not said
PUPILS = (Child.Schooling.PRIMARY, Child.Schooling.JUNIOR)  # compulsory education
FOR_WORK = (Absence.Reason.WORK, Absence.Reason.BUSINESS)  # 外出务工经商
ANY_ABSENCE = Definition(for_work=False)  # asks where a parent is, whatever the reason and however long


class TriState(NamedTuple):
    """Yes, no, or unknown when neither holds; both are booleans, or both are Q objects."""

    yes: Any
    no: Any

    def __and__(self, other):
        return TriState(self.yes & other.yes, self.no | other.no)

    def __or__(self, other):
        return TriState(self.yes | other.yes, self.no & other.no)

    @property
    def answer(self) -> bool | None:
        """Return the answer of booleans: True, False, or None if unknown."""
        return True if self.yes else False if self.no else None


def find_absent(facts, definition: Definition, on: date, start: date) -> tuple[TriState, TriState, TriState]:
    """Return whether the father, the mother, and at least one of them is away on `on`, since `start` at the latest.

    Of two parents of whom one is away and it is not said which, it is the one whose partner is not away.
    """
    father, mother = (facts.away(parent, definition, on, start) for parent in PARENTS)
    one = facts.away(ONE_PARENT, definition, on, start)
    return deduce(father, mother, one), deduce(mother, father, one), one | father | mother


def deduce(parent: TriState, other: TriState, one: TriState) -> TriState:
    return TriState(parent.yes | (one.yes & other.no & negate(parent.no)), parent.no)


def negate(condition):
    return not condition if isinstance(condition, bool) else ~condition


def parents_away(facts, definition: Definition, on: date, start: date) -> TriState:
    """Return whether the parents that the definition asks for are away on `on`, each since `start` at the latest."""
    father, mother, one = find_absent(facts, definition, on, start)
    match definition.parents:
        case Definition.Parents.BOTH:
            return father & mother
        case Definition.Parents.ANY:
            return one
    fathers, mothers = (facts.unable(parent) for parent in PARENTS)
    return (father & mother) | (father & mothers) | (mother & fathers) | (one & fathers & mothers)


def evaluate_criteria(facts, definition: Definition, on: date, *, soon: bool = False) -> dict[str, TriState]:
    """Return the answers that `definition` asks for, by name. With `soon`, every current absence is long enough."""
    answers = {}
    if definition.division_id is not None:
        answers["place"] = facts.place(definition)
    if definition.below_age is not None:
        answers["age"] = facts.younger(definition.below_age, on)
    if definition.rural_hukou:
        answers["hukou"] = facts.rural()
    if definition.pupils_only:
        answers["pupil"] = facts.pupil()
    answers["parents"] = parents_away(facts, definition, on, on if soon else definition.latest_start(on))
    return answers


def evaluate_rule(facts, definition: Definition, on: date, *, soon: bool = False) -> TriState:
    return reduce(and_, evaluate_criteria(facts, definition, on, soon=soon).values())
