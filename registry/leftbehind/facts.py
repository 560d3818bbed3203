"""The facts about one child that a definition asks for. Where parents are is dated; the rest is as recorded now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from registry.codes.grades import years_before
from registry.codes.relation import Relation
from registry.leftbehind.rule import ANY_ABSENCE, FOR_WORK, ONE_PARENT, PARENTS, PUPILS, TriState, find_absent
from registry.models import Absence, Child, Definition, Relative


@dataclass(frozen=True)
class ParentFacts:
    """What is recorded about a parent; `state` is "" without a row, `absences` are the newest first."""

    state: str = ""
    able: bool | None = None
    absences: tuple[Absence, ...] = ()
    at_home_on: date | None = None

    @property
    def dead(self) -> bool:
        return self.state == Relative.State.DECEASED

    def known(self, on: date) -> bool:
        """Return whether it is known where the parent is when no absence may count: from another one, or from a word.

        A name alone says nothing.
        """
        return bool(self.absences) or (self.at_home_on is not None and self.at_home_on <= on)


@dataclass(frozen=True)
class FamilyFacts:
    """What is recorded about the parents, by relation; under ONE_PARENT, that of one of them, not said which."""

    parents: dict[str, ParentFacts] = field(default_factory=dict)

    def away(self, relation: str, definition: Definition, on: date, start: date) -> TriState:
        parent = self.parents[relation]
        sure = any(surely_counts(row, definition, on, start) for row in parent.absences)
        possible = any(may_count(row, definition, on, start) for row in parent.absences)
        known = relation == ONE_PARENT or parent.known(on)
        return TriState(sure and not parent.dead, parent.dead or (not possible and known))

    def unable(self, relation: str) -> TriState:
        parent = self.parents[relation]
        unable = parent.dead or parent.able is False
        return TriState(unable, not unable and parent.able is True)

    def whereabouts(self, on: date) -> dict[str, bool | None]:
        """Return by relation whether each parent is away on `on`, for whatever reason; None if not known."""
        father, mother, _one = find_absent(self, ANY_ABSENCE, on, on)
        return {Relation.FATHER: father.answer, Relation.MOTHER: mother.answer}


@dataclass(frozen=True, kw_only=True)
class ChildFacts(FamilyFacts):
    """The recorded facts of one child, which answer the questions of the rule by booleans."""

    birth_date: date
    village: str
    hukou_rural: bool | None = None
    schooling: str = ""

    def place(self, definition: Definition) -> TriState:
        here = definition.applies_in(self.village)
        return TriState(here, not here)

    def younger(self, years: int, on: date) -> TriState:
        young = years_before(on, years) < self.birth_date <= on
        return TriState(young, not young)

    def rural(self) -> TriState:
        return TriState(self.hukou_rural is True, self.hukou_rural is False)

    def pupil(self) -> TriState:
        return TriState(self.schooling in PUPILS, self.schooling not in ("", *PUPILS))


def is_ongoing(row: Absence, on: date) -> bool:
    return row.returned_on is None or row.returned_on > on


def may_count(row: Absence, definition: Definition, on: date, start: date) -> bool:
    """Return whether an absence may count; what is not known of it speaks for it."""
    long_enough = row.left_on is None or row.left_on <= start
    far_enough = row.cross_county is not False or not definition.cross_county
    return is_ongoing(row, on) and long_enough and far_enough and (row.reason in FOR_WORK or not definition.for_work)


def surely_counts(row: Absence, definition: Definition, on: date, start: date) -> bool:
    """Return whether an absence counts for sure; without a day of leaving it lasts at least since it was recorded."""
    far_enough = row.cross_county is True or not definition.cross_county
    return may_count(row, definition, on, start) and row.since <= start and far_enough


def load_facts(child: Child) -> ChildFacts:
    """Load the facts of a child in three queries."""
    relatives = {row.relation: row for row in child.relatives.filter(relation__in=PARENTS)}
    absences = list(child.absences.prefetch_related("home_stays").order_by("-pk"))
    return child_facts(child, relatives, absences)


def child_facts(child: Child, relatives: dict[str, Relative], absences: Iterable[Absence]) -> ChildFacts:
    """Return the facts of a child, given the rows of its family."""
    return ChildFacts(
        parents=parent_facts(relatives, absences),
        birth_date=child.birth_date,
        village=child.village_id,
        hukou_rural=child.hukou_rural,
        schooling=child.schooling,
    )


def parent_facts(relatives: dict[str, Relative], absences: Iterable[Absence]) -> dict[str, ParentFacts]:
    """Return the facts about the parents by relation, given the rows of a family."""
    facts = {}
    for relation in (*PARENTS, ONE_PARENT):
        own = tuple(row for row in absences if row.parent == relation)
        row = relatives.get(relation)
        facts[relation] = ParentFacts(row.state, row.able, own, row.at_home_on) if row else ParentFacts(absences=own)
    return facts
