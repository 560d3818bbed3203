"""A child's whole file: the rows of the family, read into the values of census fields and written back.

`values` are dictionaries by the names of census fields, as a form or a sheet holds them.
"""

from datetime import date

from registry.cell_readers import DECEASED, UNKNOWN
from registry.census import GUARDIAN_COLUMNS, PARENTS, PERSONS, columns_of
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
        self.child = child
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
        values["guardian_since"] = self.guardianship.starts_on if self.guardianship else None
        values["both_away"] = self.both_away
        values["one_away"], values["unable_parent"] = self.one_away()
        return values

    def away(self, person: str) -> bool | None:
        """Return whether a parent is away; None when no absence was ever recorded."""
        relation = PERSONS[person]
        if relation in self.absences:
            return True
        return False if any(row.parent == relation for row in self.history) else None

    @property
    def both_away(self) -> bool:
        return all(self.away(parent) for parent in PARENTS)

    def one_away(self) -> tuple[bool, str]:
        """Return fields 33 and 34: whether one parent is away while the other cannot be guardian, and who that is."""
        for away, other in (PARENTS, PARENTS[::-1]):
            at_home = self.relatives.get(PERSONS[other])
            if self.away(away) and not self.away(other) and at_home and at_home.able is False:
                return True, other
        return False, ""

    def write(self, values: dict, *, on: date) -> None:
        """Save what differs, in the transaction of the file; `on` is the day from which new facts are known."""
        for person in PARENTS:  # before the relatives, whose stored place of work is compared
            self.write_absence(PERSONS[person], person, values, on)
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
            relative = self.relatives.get(relation)
            if row and new.destination == (relative.work_place if relative else ""):
                new.destination = row.destination  # not changed here; it may differ from the place of work
            if row and f"{person}_cross_county" not in values:
                new.cross_county = row.cross_county
            save_changes(row, new, ("left_on", "destination", "cross_county"))
        elif row and values.get(f"{person}_away") is False:
            row.returned_on = max(on, row.left_on or on)
            row.save()

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


def build_guardianship(child: Child, values: dict, on: date) -> Guardianship | None:
    """Return the unsaved current guardianship, or None when all values are empty."""
    columns = {attribute: values.get(name) for name, attribute in GUARDIAN_COLUMNS.items()}
    if all(value in (None, "") for value in columns.values()):
        return None
    known = {attribute: value for attribute, value in columns.items() if value is not None}
    return Guardianship(child=child, starts_on=values.get("guardian_since") or on, **known)


def build_family(child: Child, values: dict, *, on: date) -> tuple[list[Relative], list[Absence], list[Guardianship]]:
    """Return the unsaved rows of a new file's family, for bulk inserts."""
    relatives = [
        build_relative(child, relation, ChildFile.values_of(person, values)) for person, relation in PERSONS.items()
    ]
    absences = [build_absence(child, PERSONS[person], person, values, on) for person in PARENTS]
    return (
        [row for row in relatives if row],
        [row for row in absences if row],
        [row for row in [build_guardianship(child, values, on)] if row],
    )
