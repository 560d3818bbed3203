"""The rule: what a definition asks, in three-valued logic.

`facts` answers each question by a `TriState`: of booleans for one child (facts.py), of database conditions for many
(query.py). What is not recorded is unknown, never "no". A child counts when every answer is yes.
"""

from datetime import date
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from registry.codes.relation import Relation
from registry.models import Absence, Child, Definition

PARENTS = (Relation.FATHER, Relation.MOTHER)
PUPILS = (Child.Schooling.PRIMARY, Child.Schooling.JUNIOR)  # compulsory education
FOR_WORK = (Absence.Reason.WORK, Absence.Reason.BUSINESS)  # 外出务工经商


class TriState(NamedTuple):
    """Yes, no, or unknown when neither holds; both are booleans, or both are Q objects."""

    yes: Any
    no: Any

    def __and__(self, other):
        return TriState(self.yes & other.yes, self.no | other.no)

    def __or__(self, other):
        return TriState(self.yes | other.yes, self.no & other.no)


def parents_away(facts, definition: Definition, on: date, start: date) -> TriState:
    """Return whether the parents that the definition asks for are away on `on`, each since `start` at the latest."""
    father, mother = (facts.away(parent, definition, on, start) for parent in PARENTS)
    match definition.parents:
        case Definition.Parents.BOTH:
            return father & mother
        case Definition.Parents.ANY:
            return father | mother
    fathers, mothers = (facts.unable(parent) for parent in PARENTS)
    return (father & mother) | (father & mothers) | (mother & fathers)


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
