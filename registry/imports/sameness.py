"""Whether two rows of sheets, or a row and a file, are the same child.

The ID number decides, by its keyed hash. Where one of the two has no number, name, birth date and village do.
"""

from collections.abc import Iterable
from typing import Any

from registry.models import Child

CHUNK = 1000
Person = tuple[str, str, str]


def number_of(values: dict) -> str | None:
    """Return the keyed hash of the child's ID number."""
    return Child._meta.get_field("id_number_index").hash(values.get("id_number"))


def person_of(values: dict) -> Person | None:
    """Return name, birth date and village, or None while one of them is missing."""
    if values.get("name") and values.get("birth_date") and values.get("village"):
        return values["name"], str(values["birth_date"]), values["village"]
    return None


class Children:
    """Children met so far, each with where it was met; asked whether a further row is one of them."""

    def __init__(self):
        self.numbers: dict[str, Any] = {}
        self.people: dict[Person, Any] = {}
        self.unnumbered: dict[Person, Any] = {}

    def add(self, number: str | None, person: Person | None, where) -> None:
        if number:
            self.numbers.setdefault(number, where)
        elif person:
            self.unnumbered.setdefault(person, where)
        if person:
            self.people.setdefault(person, where)

    def find(self, values: dict):
        """Return where the child of a row was met, or None."""
        number, person = number_of(values), person_of(values)
        if number:
            return self.numbers.get(number) or self.unnumbered.get(person)
        return self.people.get(person)


def registered(rows: list[dict], *, but=None) -> Children:
    """Return the children in the registry that the rows may be, whether their importer may see them or not.

    Those that the import `but` has registered itself are left out.
    """
    met, children = Children(), Child._base_manager.exclude(imported_in=but) if but else Child._base_manager.all()
    for hashes in chunks(filter(None, map(number_of, rows))):
        for number in children.filter(id_number_index__in=hashes).values_list("id_number_index", flat=True):
            met.add(number, None, True)
    for villages in chunks(row["village"] for row in rows if row.get("village")):
        add_people(met, children.filter(id_number_index=None, village__in=villages))
    for villages in chunks(row["village"] for row in rows if row.get("village") and not row.get("id_number")):
        add_people(met, children.filter(village__in=villages))
    return met


def add_people(met: Children, children) -> None:
    for number, name, born, village in children.values_list("id_number_index", "name", "birth_date", "village"):
        met.add(number, (name, str(born), village), True)


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    different = sorted(set(values))
    return (different[start : start + CHUNK] for start in range(0, len(different), CHUNK))
