"""Whether two rows of sheets, or a row and a file, are the same child.

The ID number decides, by its keyed hash. Where both have none, name, birth date and village do; where only one has a
number, or both have another, or the name is only near the same, it is possible, and a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from registry.duplicates import names
from registry.duplicates.finder import DuplicateFinder
from registry.models import Child

CHUNK = 1000
MAX_SAME_BIRTHDAY = 200  # born in one village on one day; where a sheet has more, its dates are made up
PersonKey = tuple[str, str, str]


def id_number_hash(values: dict) -> str | None:
    """Return the keyed hash of the child's ID number."""
    return Child._meta.get_field("id_number_index").hash(values.get("id_number"))


def person_key(values: dict) -> PersonKey | None:
    """Return name, birth date and village, or None while one of them is missing."""
    if values.get("name") and values.get("birth_date") and values.get("village"):
        return values["name"], str(values["birth_date"]), values["village"]
    return None


class SeenChildren:
    """Children met so far, each with where it was met; asked whether a further row is one of them."""

    def __init__(self):
        self.numbers: dict[str, Any] = {}
        self.people: dict[PersonKey, Any] = {}
        self.unnumbered: dict[PersonKey, Any] = {}

    def add(self, number: str | None, person: PersonKey | None, where) -> None:
        if number:
            self.numbers.setdefault(number, where)
        elif person:
            self.unnumbered.setdefault(person, where)
        if person:
            self.people.setdefault(person, where)

    def same(self, values: dict):
        """Return where the child of a row was surely met, or None: by its number, or else both are without one."""
        number = id_number_hash(values)
        return self.numbers.get(number) if number else self.unnumbered.get(person_key(values))

    def find(self, values: dict):
        """Return where the child of a row was met, be it without the number that one of the two gives, or None."""
        number, person = id_number_hash(values), person_key(values)
        if number:
            return self.numbers.get(number) or self.unnumbered.get(person)
        return self.people.get(person)


class SimilarRows:
    """Rows met so far by village and birth date; asked whether one of them has near the name of a further row."""

    def __init__(self):
        self.rows: dict[tuple, list[tuple[str, int]]] = defaultdict(list)

    def find(self, values: dict) -> int | None:
        """Return the number of the row that may be the same child's, or None."""
        if (person := person_key(values)) is None:
            return None
        above = self.rows[person[1:]]
        return next((number for name, number in above if names.similar_names(name, person[0])), None)

    def add(self, values: dict, number: int) -> None:
        if (person := person_key(values)) and len(self.rows[person[1:]]) < MAX_SAME_BIRTHDAY:
            self.rows[person[1:]].append((person[0], number))


class PossibleMatch(NamedTuple):
    """A registered child who may be a row's; `twins` where each has an ID number of its own."""

    pk: int
    twins: bool


def find_registered(rows: list[dict], *, but=None) -> SeenChildren:
    """Return the children in the registry that the rows may surely be, whether their importer may see them or not.

    Those that the import `but` has registered itself are left out.
    """
    met, children = SeenChildren(), children_except(but)
    for hashes in sorted_chunks(filter(None, map(id_number_hash, rows))):
        for number, pk in children.filter(id_number_index__in=hashes).values_list("id_number_index", "pk"):
            met.add(number, None, pk)
    for villages in sorted_chunks(row["village"] for row in rows if row.get("village") and not row.get("id_number")):
        for person, pk, _number in iterate_people(children.filter(id_number_index=None, village__in=villages)):
            met.add(None, person, pk)
    return met


def find_possible_matches(
    rows: list[dict], *, but=None, taken=frozenset(), twins: bool = True
) -> list[PossibleMatch | None]:
    """Return for each row the registered child who may be the same, though no number says so, or None.

    It is for rows whose child `registered` does not know: near the same name, the birth date and village, another
    number or none. A file of another number is no likeness where it is `taken`, that is another row's for sure, or
    without `twins`.
    """
    finder = DuplicateFinder(rows, among=children_except(but))

    def possible(row: dict) -> Iterator[PossibleMatch]:
        for file in finder.alike(row):
            found = PossibleMatch(file.pk, twins=bool(row.get("id_number") and file.id_number_index))
            if not found.twins or (twins and file.pk not in taken):
                yield found

    return [next(possible(row), None) for row in rows]


def children_except(but):
    return Child._base_manager.exclude(imported_in=but) if but else Child._base_manager.all()


def iterate_people(children) -> Iterator[tuple[PersonKey, int, str | None]]:
    columns = ("name", "birth_date", "village", "pk", "id_number_index")
    for name, born, village, pk, number in children.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK):
        yield (name, str(born), village), pk, number


def sorted_chunks(values: Iterable[str]) -> Iterable[list[str]]:
    different = sorted(set(values))
    return (different[start : start + CHUNK] for start in range(0, len(different), CHUNK))
