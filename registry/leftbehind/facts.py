"""The facts about one child that a definition asks for. Only absences are dated; the rest is as recorded now."""

from dataclasses import dataclass, field
from datetime import date

from registry.codes.grades import years_before
from registry.leftbehind.rule import FOR_WORK, PARENTS, PUPILS, TriState
from registry.models import Absence, Child, Definition, Relative


@dataclass(frozen=True)
class ParentFacts:
    """What is recorded about a parent; `state` is "" without a row, `absences` are the newest first."""

    state: str = ""
    able: bool | None = None
    absences: tuple[Absence, ...] = ()

    @property
    def dead(self) -> bool:
        return self.state == Relative.State.DECEASED

    @property
    def recorded(self) -> bool:
        """Return whether it is known where the parent is: from any absence, or from a name."""
        return bool(self.absences) or self.state in {Relative.State.LIVING, Relative.State.DECEASED}


@dataclass(frozen=True)
class ChildFacts:
    """The recorded facts of one child, which answer the questions of the rule by booleans; parents by relation."""

    birth_date: date
    village: str
    hukou_rural: bool | None = None
    schooling: str = ""
    parents: dict[str, ParentFacts] = field(default_factory=dict)

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

    def away(self, relation: str, definition: Definition, on: date, start: date) -> TriState:
        parent = self.parents[relation]
        sure = any(surely_counts(row, definition, on, start) for row in parent.absences)
        possible = any(may_count(row, definition, on, start) for row in parent.absences)
        return TriState(sure and not parent.dead, parent.dead or (not possible and parent.recorded))

    def unable(self, relation: str) -> TriState:
        parent = self.parents[relation]
        unable = parent.dead or parent.able is False
        return TriState(unable, not unable and parent.able is True)


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
    parents = {}
    for relation in PARENTS:
        row = relatives.get(relation)
        own = tuple(absence for absence in absences if absence.parent == relation)
        parents[relation] = ParentFacts(row.state, row.able, own) if row else ParentFacts(absences=own)
    return ChildFacts(child.birth_date, child.village_id, child.hukou_rural, child.schooling, parents)
