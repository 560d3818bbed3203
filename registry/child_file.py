"""A child's whole file: the family behind the fields of registry.census, read from its rows and written back.

`values` map the names of registry.census fields to what a form or a sheet holds.
"""

from datetime import date

from registry.cell_readers import DECEASED, UNKNOWN
from registry.census import GUARDIAN_COLUMNS, PARENTS, PERSONS, columns_of
from registry.models import Absence, Child, Guardianship, Relative

RELATIVE_FIELDS = tuple(dict.fromkeys(name for name in columns_of(Relative).values() if name != "name"))


def relative_name(relative: Relative | None) -> str:
    """Return the name as the paper has it: "—" for a relative who has died, "不详" for one unknown."""
    if relative is None or relative.state == Relative.State.LIVING:
        return relative.name if relative else ""
    return relative.name or (DECEASED if relative.state == Relative.State.DECEASED else UNKNOWN)


class ChildFile:
    """The rows of one child's family: relatives by relation, present absences by parent, the present guardianship."""

    def __init__(self, child: Child):
        self.child = child
        saved = child.pk is not None
        self.relatives = {row.relation: row for row in child.relatives.all()} if saved else {}
        self.history = list(child.absences.all()) if saved else []
        self.absences = {row.parent: row for row in self.history if row.returned_on is None}
        guardianships = child.guardianships.all() if saved else ()
        self.guardianship = next((row for row in guardianships if row.ends_on is None), None)

    def values(self) -> dict:
        """Return what the fields of the family hold."""
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
        values["guardian_since"] = self.guardianship.starts_on if self.guardianship else None
        values["both_away"] = self.both_away
        values["one_away"], values["unable_parent"] = self.one_away()
        return values

    def away(self, person: str) -> bool | None:
        """Return whether a parent is away; None when nothing was ever recorded of it."""
        relation = PERSONS[person]
        if relation in self.absences:
            return True
        return False if any(row.parent == relation for row in self.history) else None

    @property
    def both_away(self) -> bool:
        return all(self.away(parent) for parent in PARENTS)

    def one_away(self) -> tuple[bool, str]:
        """Return blanks 33 and 34: whether one is away while the other cannot be guardian, and who that other is."""
        for away, other in (PARENTS, PARENTS[::-1]):
            at_home = self.relatives.get(PERSONS[other])
            if self.away(away) and not self.away(other) and at_home and at_home.able is False:
                return True, other
        return False, ""

    def write(self, values: dict, *, on: date) -> None:
        """Save what differs; `on` is the day from which new facts are known. Call it in the transaction of the file."""
        for person in PARENTS:  # before the relatives, whose stored place of work it compares
            self.write_absence(PERSONS[person], person, values, on)
        for person, relation in PERSONS.items():
            self.write_relative(relation, self.values_of(person, values))
        self.write_guardianship(values, on)

    @staticmethod
    def values_of(person: str, values: dict) -> dict:
        return {name: values.get(f"{person}_{name}") for name in ("name", *RELATIVE_FIELDS)}

    def write_relative(self, relation: str, given: dict) -> None:
        row, made = self.relatives.get(relation), build_relative(self.child, relation, given)
        if made is None:
            if row:
                row.delete()
            return
        if row and (given["name"] or "") == relative_name(row):
            made.state, made.name = row.state, row.name  # a name alone does not bring the dead to life
        save_changes(row, made, ("state", "name", *RELATIVE_FIELDS))

    def write_absence(self, relation: str, person: str, values: dict, on: date) -> None:
        row, made = self.absences.get(relation), build_absence(self.child, relation, person, values, on)
        if made:
            relative = self.relatives.get(relation)
            if row and made.destination == (relative.work_place if relative else ""):
                made.destination = row.destination  # untouched here; it may be told apart from the place of work
            if row and f"{person}_cross_county" not in values:
                made.cross_county = row.cross_county
            save_changes(row, made, ("left_on", "destination", "cross_county"))
        elif row and values.get(f"{person}_away") is False:
            row.returned_on = max(on, row.left_on or on)
            row.save()

    def write_guardianship(self, values: dict, on: date) -> None:
        row, made = self.guardianship, build_guardianship(self.child, values, on)
        if row and row.alone:
            self.write_alone(row, made, on)
            return
        if row and made and made.name != row.name and hasattr(row, "entrustment"):
            self.replace(row, made, on)  # the agreement was made with somebody else
            return
        if row and made and not values.get("guardian_since"):
            made.starts_on = row.starts_on  # an emptied date begins nothing
        if row and made and made.starts_on > row.starts_on:
            row.ends_on = made.starts_on
            row.save()
            row = None
        if made:
            save_changes(row, made, ("starts_on", *GUARDIAN_COLUMNS.values()))
        elif row:
            row.ends_on = max(on, row.starts_on)
            row.save()

    @staticmethod
    def replace(row: Guardianship, made: Guardianship, on: date) -> None:
        """Let `made` begin and `row` end: on the day that was given for it, or else on `on`."""
        row.ends_on = made.starts_on = made.starts_on if made.starts_on > row.starts_on else max(on, row.starts_on)
        row.save()
        made.save()

    @classmethod
    def write_alone(cls, row: Guardianship, made: Guardianship | None, on: date) -> None:
        """End that nobody looks after the child only when somebody is named: an empty blank settles nothing."""
        if made and made.name:
            cls.replace(row, made, on)
        elif made and made.assessment == Guardianship.Assessment.POOR:
            save_changes(row, made, ("assessment",))


def save_changes(row, made, fields: tuple[str, ...]) -> None:
    """Save `made`, or, where the row exists already, what differs in it."""
    if row is None:
        made.save()
    elif any(getattr(row, field) != getattr(made, field) for field in fields):
        for field in fields:
            setattr(row, field, getattr(made, field))
        row.save()


def build_relative(child: Child, relation: str, given: dict) -> Relative | None:
    """Return the unsaved row of a relative, or None when nothing of them was filled."""
    if not any(value not in (None, "") for value in given.values()):
        return None
    written = given["name"] or ""
    state = {DECEASED: Relative.State.DECEASED, UNKNOWN: Relative.State.UNKNOWN, "": Relative.State.UNKNOWN}
    return Relative(
        child=child,
        relation=relation,
        state=state.get(written, Relative.State.LIVING),
        name="" if written in state else written,
        **{name: given[name] for name in RELATIVE_FIELDS if given[name] is not None},
    )


def build_absence(child: Child, relation: str, person: str, values: dict, on: date) -> Absence | None:
    """Return the unsaved absence of a parent who is away, or None."""
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


def build_guardianship(child: Child, values: dict, on: date) -> Guardianship | None:
    """Return the unsaved present guardianship, or None when nothing of it was filled."""
    given = {attribute: values.get(name) for name, attribute in GUARDIAN_COLUMNS.items()}
    if all(value in (None, "") for value in given.values()):
        return None
    known = {attribute: value for attribute, value in given.items() if value is not None}
    return Guardianship(child=child, starts_on=values.get("guardian_since") or on, **known)


def build_family(child: Child, values: dict, *, on: date) -> tuple[list[Relative], list[Absence], list[Guardianship]]:
    """Return the unsaved rows of a new file's family, for writing many files at once."""
    relatives = [
        build_relative(child, relation, ChildFile.values_of(person, values)) for person, relation in PERSONS.items()
    ]
    absences = [build_absence(child, PERSONS[person], person, values, on) for person in PARENTS]
    return (
        [row for row in relatives if row],
        [row for row in absences if row],
        [row for row in [build_guardianship(child, values, on)] if row],
    )
