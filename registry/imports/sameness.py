"""Whether two rows of sheets, or a row and a file, are the same child.

The ID number decides, by its keyed hash. Where both have none, name, birth date and village do; where only one has a
number, or both have another, the same name, birth date and village only make it possible, and a person decides.
"""

from collections.abc import Iterable, Iterator
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

    def same(self, values: dict):
        """Return where the child of a row was surely met, or None: by its number, or else both are without one."""
        number = number_of(values)
        return self.numbers.get(number) if number else self.unnumbered.get(person_of(values))

    def find(self, values: dict):
        """Return where the child of a row was met, be it without the number that one of the two gives, or None."""
        number, person = number_of(values), person_of(values)
        if number:
            return self.numbers.get(number) or self.unnumbered.get(person)
        return self.people.get(person)


def registered(rows: list[dict], *, but=None) -> Children:
    """Return the children in the registry that the rows may surely be, whether their importer may see them or not.

    Those that the import `but` has registered itself are left out.
    """
    met, children = Children(), others(but)
    for hashes in chunks(filter(None, map(number_of, rows))):
        for number, pk in children.filter(id_number_index__in=hashes).values_list("id_number_index", "pk"):
            met.add(number, None, pk)
    for villages in chunks(row["village"] for row in rows if row.get("village") and not row.get("id_number")):
        for person, pk, _number in people(children.filter(id_number_index=None, village__in=villages)):
            met.add(None, person, pk)
    return met


def near(rows: list[dict], *, but=None) -> list[int | None]:
    """Return for each row the key of a registered child who may be the same, though no number says so, or None.

    It is for rows whose child `registered` does not know: same name, birth date and village, another number or none.
    """
    wanted, found = {person for row in rows if (person := person_of(row))}, {}
    for villages in chunks(village for _name, _born, village in wanted):
        for person, pk, number in people(others(but).filter(village__in=villages)):
            if person in wanted and (number is None or person not in found):
                found[person] = pk
    return [found.get(person_of(row)) for row in rows]


def others(but):
    return Child._base_manager.exclude(imported_in=but) if but else Child._base_manager.all()


def people(children) -> Iterator[tuple[Person, int, str | None]]:
    columns = ("name", "birth_date", "village", "pk", "id_number_index")
    for name, born, village, pk, number in children.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK):
        yield (name, str(born), village), pk, number


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    different = sorted(set(values))
    return (different[start : start + CHUNK] for start in range(0, len(different), CHUNK))
