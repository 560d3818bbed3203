"""A child's whole file: the rows of the family, read into the values of census fields and written back.

`values` are dictionaries by the names of census fields, as a form or a sheet holds them.
"""

from datetime import date
from functools import cached_property

from django.utils import timezone

from registry.cell_readers import DECEASED, UNKNOWN
from registry.census import GUARDIAN_COLUMNS, PARENTS, PERSONS, columns_of
from registry.codes.relation import Relation
from registry.leftbehind.facts import FamilyFacts, parent_facts
from registry.leftbehind.rule import ONE_PARENT, TriState
from registry.models import Absence, Child, Guardianship, Relative

RELATIVE_FIELDS = tuple(dict.fromkeys(name for name in columns_of(Relative).values() if name != "name"))


def relative_name(relative: Relative | None) -> str:
    """Return the name, or as on paper "—" for a relative who has died and "不详" for an unknown one."""
    if relative is None or relative.state == Relative.State.LIVING:
        return relative.name if relative else ""
    return relative.name or (DECEASED if relative.state == Relative.State.DECEASED else UNKNOWN)


class ChildFile:
    """The rows of a child's family: relatives by relation, current absences by parent, the current guardianship."""

    def __init__(self, child: Child):
        self.child, self.day = child, timezone.localdate()
        saved = child.pk is not None
        self.relatives = {row.relation: row for row in child.relatives.all()} if saved else {}
        self.history = list(child.absences.all()) if saved else []
        self.absences = {row.parent: row for row in self.history if row.returned_on is None}
        guardianships = child.guardianships.all() if saved else ()
        self.guardianship = next((row for row in guardianships if row.ends_on is None), None)

    def values(self) -> dict:
        values = {}
        for person, relation in PERSONS.items():
            relative = self.relatives.get(relation)
            values[f"{person}_name"] = relative_name(relative)
            for attribute in RELATIVE_FIELDS:
                values[f"{person}_{attribute}"] = getattr(relative, attribute, None)
        for person in PARENTS:
            absence = self.absences.get(PERSONS[person])
            values[f"{person}_away"] = self.away(person)
            values[f"{person}_left_on"] = absence.left_on if absence else None
            values[f"{person}_cross_county"] = absence.cross_county if absence else None
        for name, attribute in GUARDIAN_COLUMNS.items():
            values[name] = getattr(self.guardianship, attribute, None)
        unnamed = self.absences.get(ONE_PARENT)
        values["one_parent_away"] = unnamed.known_on if unnamed else None
        values["guardian_since"] = self.guardianship.starts_on if self.guardianship else None
        values["both_away"] = self.both_away
        values["one_away"], values["unable_parent"] = self.one_away()
        return values

    @cached_property
    def facts(self) -> FamilyFacts:
        return FamilyFacts(parent_facts(self.relatives, self.history))

    @cached_property
    def whereabouts(self) -> dict[str, bool | None]:
        return self.facts.whereabouts(self.day)

    def away(self, person: str) -> bool | None:
        """Return whether a parent is away; None when it is not known."""
        return self.whereabouts[PERSONS[person]]

    @property
    def both_away(self) -> bool | None:
        """Return field 32; where field 33 is yes, one of them stayed."""
        both = self.is_away(Relation.FATHER) & self.is_away(Relation.MOTHER)
        return False if self.one_away()[0] else both.answer

    def is_away(self, relation: str) -> TriState:
        answer = self.whereabouts[relation]
        return TriState(answer is True, answer is False)

    def one_away(self) -> tuple[bool | None, str]:
        """Return fields 33 and 34: whether one parent is away while the other cannot be guardian, and who that is."""
        fathers, mothers = self.left_unable(Relation.FATHER), self.left_unable(Relation.MOTHER)
        mother_alone, father_alone = self.is_away(Relation.FATHER) & mothers, self.is_away(Relation.MOTHER) & fathers
        who = "mother" if mother_alone.yes else "father" if father_alone.yes else ""
        return (mother_alone | father_alone).answer, who

    def left_unable(self, relation: str) -> TriState:
        """Return whether a parent has stayed and cannot be guardian; an unable parent stays unless recorded as away."""
        unable, away = self.facts.unable(relation), self.is_away(relation)
        dead = self.facts.parents[relation].dead
        return TriState(unable.yes and not (dead or away.yes), unable.no or dead or away.yes)

    def write(self, values: dict, *, on: date) -> None:
        """Save what differs, in the transaction of the file; `on` is the day from which new facts are known."""
        values = values | {
            f"{person}_at_home_on": known_at_home(
                self.away(person), values.get(f"{person}_away"), self.facts.parents[PERSONS[person]].at_home_on, on
            )
            for person in PARENTS
        }
        for person in PARENTS:  # before the relatives, whose stored place of work is compared
            self.write_absence(PERSONS[person], person, values, on)
        self.write_unnamed_absence(values, on)
        for person, relation in PERSONS.items():
            self.write_relative(relation, self.values_of(person, values))
        self.write_guardianship(values, on)

    @staticmethod
    def values_of(person: str, values: dict) -> dict:
        return {name: values.get(f"{person}_{name}") for name in ("name", *RELATIVE_FIELDS)}

    def write_relative(self, relation: str, values: dict) -> None:
        row, new = self.relatives.get(relation), build_relative(self.child, relation, values)
        if new is None:
            if row:
                row.delete()
            return
        if row and (values["name"] or "") == relative_name(row):
            new.state, new.name = row.state, row.name  # the name alone does not change the state
        save_changes(row, new, ("state", "name", *RELATIVE_FIELDS))

    def write_absence(self, relation: str, person: str, values: dict, on: date) -> None:
        row, new = self.absences.get(relation), build_absence(self.child, relation, person, values, on)
        if new:
            row = row or self.absences.pop(ONE_PARENT, None)  # now it is said who that was
            relative = self.relatives.get(relation)
            if row and new.destination == (relative.work_place if relative else ""):
                new.destination = row.destination  # not changed here; it may differ from the place of work
            if row and f"{person}_cross_county" not in values:
                new.cross_county = row.cross_county
            save_changes(row, new, ("parent", "left_on", "destination", "cross_county"))
        elif row and values.get(f"{person}_away") is False:
            row.returned_on = max(on, row.left_on or on)
            row.save()

    def write_unnamed_absence(self, values: dict, on: date) -> None:
        """Record that one parent is away, which is not said, or its end when neither is."""
        row = self.absences.get(ONE_PARENT)
        said = [values.get(f"{person}_away") for person in PARENTS]
        if row and said == [False, False] != [self.away(person) for person in PARENTS]:
            row.returned_on = max(on, row.left_on or on)
            row.save()
        elif row is None and (new := build_unnamed_absence(self.child, values)):
            new.save()

    def write_guardianship(self, values: dict, on: date) -> None:
        row, new = self.guardianship, build_guardianship(self.child, values, on)
        if row and row.alone:
            self.write_alone(row, new, on)
            return
        if row and new and new.name != row.name and hasattr(row, "entrustment"):
            self.replace(row, new, on)  # the agreement was made with the former guardian
            return
        if row and new and not values.get("guardian_since"):
            new.starts_on = row.starts_on  # an empty date starts nothing new
        if row and new and new.starts_on > row.starts_on:
            row.ends_on = new.starts_on
            row.save()
            row = None
        if new:
            save_changes(row, new, ("starts_on", *GUARDIAN_COLUMNS.values()))
        elif row:
            row.ends_on = max(on, row.starts_on)
            row.save()

    @staticmethod
    def replace(row: Guardianship, new: Guardianship, on: date) -> None:
        """End `row` and start `new` on the day that `new` gives, or else on `on`."""
        row.ends_on = new.starts_on = new.starts_on if new.starts_on > row.starts_on else max(on, row.starts_on)
        row.save()
        new.save()

    @classmethod
    def write_alone(cls, row: Guardianship, new: Guardianship | None, on: date) -> None:
        """End a guardianship by nobody only when a guardian is named, not when the fields are empty."""
        if new and new.name:
            cls.replace(row, new, on)
        elif new and new.assessment == Guardianship.Assessment.POOR:
            save_changes(row, new, ("assessment",))


def save_changes(row, new, fields: tuple[str, ...]) -> None:
    """Create `new`, or save what differs to the existing row."""
    if row is None:
        new.save()
    elif any(getattr(row, field) != getattr(new, field) for field in fields):
        for field in fields:
            setattr(row, field, getattr(new, field))
        row.save()


def build_relative(child: Child, relation: str, values: dict) -> Relative | None:
    """Return the unsaved row of a relative, or None when all values are empty."""
    if not any(value not in (None, "") for value in values.values()):
        return None
    name = values["name"] or ""
    state = {DECEASED: Relative.State.DECEASED, UNKNOWN: Relative.State.UNKNOWN, "": Relative.State.UNKNOWN}
    return Relative(
        child=child,
        relation=relation,
        state=state.get(name, Relative.State.LIVING),
        name="" if name in state else name,
        **{name: values[name] for name in RELATIVE_FIELDS if values[name] is not None},
    )


def build_absence(child: Child, relation: str, person: str, values: dict, on: date) -> Absence | None:
    if not values.get(f"{person}_away"):
        return None
    return Absence(
        child=child,
        parent=relation,
        left_on=values.get(f"{person}_left_on"),
        known_on=on,
        destination=values.get(f"{person}_work_place") or "",
        cross_county=values.get(f"{person}_cross_county"),
    )


def build_unnamed_absence(child: Child, values: dict) -> Absence | None:
    known_on, named = values.get("one_parent_away"), any(values.get(f"{person}_away") for person in PARENTS)
    return Absence(child=child, parent=ONE_PARENT, known_on=known_on) if known_on and not named else None


def known_at_home(away: bool | None, said: bool | None, known_on: date | None, on: date) -> date | None:
    """Return the day from which a parent is known to be at home, if the file says `away` and now somebody `said`."""
    if said is None:
        return None
    return on if said is False and away is not False else known_on


def build_guardianship(child: Child, values: dict, on: date) -> Guardianship | None:
    """Return the unsaved current guardianship, or None when all values are empty."""
    columns = {attribute: values.get(name) for name, attribute in GUARDIAN_COLUMNS.items()}
    if all(value in (None, "") for value in columns.values()):
        return None
    known = {attribute: value for attribute, value in columns.items() if value is not None}
    return Guardianship(child=child, starts_on=values.get("guardian_since") or on, **known)


def build_family(child: Child, values: dict, *, on: date) -> tuple[list[Relative], list[Absence], list[Guardianship]]:
    """Return the unsaved rows of a new file's family, for bulk inserts."""
    values = values | {
        f"{person}_at_home_on": known_at_home(None, values.get(f"{person}_away"), None, on) for person in PARENTS
    }
    relatives = [
        build_relative(child, relation, ChildFile.values_of(person, values)) for person, relation in PERSONS.items()
    ]
    absences = [build_absence(child, PERSONS[person], person, values, on) for person in PARENTS]
    absences.append(build_unnamed_absence(child, values))
    return (
        [row for row in relatives if row],
        [row for row in absences if row],
        [row for row in [build_guardianship(child, values, on)] if row],
    )
