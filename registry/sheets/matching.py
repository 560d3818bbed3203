"""Whether two rows, or a row and a registered child, are the same child.

The ID number decides, by its keyed hash. If both have none, name, birth date and village do. If only one has a number,
the numbers differ, or the name is only similar, the match is possible, and a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from registry.duplicates import names
from registry.duplicates.finder import DuplicateFinder
from registry.models import Child

CHUNK = 1000
MAX_SAME_BIRTHDAY = 200  # rows compared per village and birth date; with more, the dates are made up
PersonKey = tuple[str, str, str]


def id_number_hash(values: dict) -> str | None:
    return Child._meta.get_field("id_number_index").hash(values.get("id_number"))


def person_key(values: dict) -> PersonKey | None:
    """Return name, birth date and village, or None if one of them is missing."""
    if values.get("name") and values.get("birth_date") and values.get("village"):
        return values["name"], str(values["birth_date"]), values["village"]
    return None


class SeenChildren:
    """Children seen so far, each with where it was seen (a row number or a key)."""

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

    def find_certain(self, values: dict):
        """Return where the row's child was certainly seen, or None: by its number, or when neither has one."""
        number = id_number_hash(values)
        return self.numbers.get(number) if number else self.unnumbered.get(person_key(values))

    def find_possible(self, values: dict):
        """Return where the row's child was seen, also if only one of the two has a number, or None."""
        number, person = id_number_hash(values), person_key(values)
        if number:
            return self.numbers.get(number) or self.unnumbered.get(person)
        return self.people.get(person)


class SimilarRows:
    """Rows seen so far by village and birth date, to find similar names among them."""

    def __init__(self):
        self.rows: dict[tuple, list[tuple[str, int]]] = defaultdict(list)

    def find(self, values: dict) -> int | None:
        if (person := person_key(values)) is None:
            return None
        earlier = self.rows[person[1:]]
        return next((number for name, number in earlier if names.similar_names(name, person[0])), None)

    def add(self, values: dict, number: int) -> None:
        if (person := person_key(values)) and len(self.rows[person[1:]]) < MAX_SAME_BIRTHDAY:
            self.rows[person[1:]].append((person[0], number))


class PossibleMatch(NamedTuple):
    """A registered child who may be a row's; `twins` if each has an ID number of its own."""

    pk: int
    twins: bool


def find_registered(rows: list[dict], *, excluding=None) -> SeenChildren:
    """Return the registered children that the rows may certainly be, whoever may see them.

    Children registered by the import `excluding` are left out.
    """
    seen, children = SeenChildren(), children_except(excluding)
    for hashes in sorted_chunks(filter(None, map(id_number_hash, rows))):
        for number, pk in children.filter(id_number_index__in=hashes).values_list("id_number_index", "pk"):
            seen.add(number, None, pk)
    for villages in sorted_chunks(row["village"] for row in rows if row.get("village") and not row.get("id_number")):
        for person, pk, _number in iterate_people(children.filter(id_number_index=None, village__in=villages)):
            seen.add(None, person, pk)
    return seen


def find_possible_matches(
    rows: list[dict], *, excluding=None, taken=frozenset(), twins: bool = True
) -> list[PossibleMatch | None]:
    """Return for each row the registered child who may be the same, or None.

    For rows without a certain match: similar name, same birth date and village, another ID number or none. A child with
    another number is no match if it is `taken` (another row's certain match), or without `twins`.
    """
    finder = DuplicateFinder(rows, among=children_except(excluding))

    def possible(row: dict) -> Iterator[PossibleMatch]:
        for child in finder.alike(row):
            match = PossibleMatch(child.pk, twins=bool(row.get("id_number") and child.id_number_index))
            if not match.twins or (twins and child.pk not in taken):
                yield match

    return [next(possible(row), None) for row in rows]


def children_except(batch):
    return Child._base_manager.exclude(imported_in=batch) if batch else Child._base_manager.all()


def iterate_people(children) -> Iterator[tuple[PersonKey, int, str | None]]:
    columns = ("name", "birth_date", "village", "pk", "id_number_index")
    for name, birth_date, village, pk, number in (
        children.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK)
    ):
        yield (name, str(birth_date), village), pk, number


def sorted_chunks(values: Iterable[str]) -> Iterable[list[str]]:
    distinct = sorted(set(values))
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))
