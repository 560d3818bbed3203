"""Possible duplicates: files with the same ID number, or with a similar name, the same birth date and village.

Two files with different ID numbers are more often twins or namesakes than one child: they come last, but are listed.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from registry.access import VIEW_CHILD
from registry.duplicates.names import similar_names
from registry.models import Child, DuplicateSettlement

MERGE_CHILD = "registry.merge_child"
CHUNK = 1000  # values in one query
LISTED_FIELDS = (
    *("code", "name", "birth_date", "village__name", "school__name", "id_number_index", "closed_on", "closing"),
    *("school_class__entry_year", "school_class__number", "school_class__school__name"),
    *("school_class__school__first_grade", "school_class__school__last_grade"),
)
# A merged file still holds data, but the other file stands for the child.
UNMERGED = ~Q(closing=Child.Closing.DUPLICATE)


def for_duplicate_list(children, user=None, permission: str = VIEW_CHILD):
    """Return `children` with what a list of duplicates shows, and `reached`: whether `user` has the permission."""
    files = children.select_related("village", "school", "school_class__school").only(*LISTED_FIELDS)
    if user is None:
        return files
    return files.annotate(reached=Exists(Child.objects.permitted_to(user, permission).filter(pk=OuterRef("pk"))))


def responsible_office(child: Child) -> str:
    """Return whom to ask about a file that one does not see: the school, or else the village."""
    return str(child.school or child.village)


def id_number_hash(number: str) -> str | None:
    return Child._meta.get_field("id_number_index").hash(number)


def have_different_numbers(one, other) -> bool:
    return bool(one.id_number_index and other.id_number_index and one.id_number_index != other.id_number_index)


def find_possible_duplicates(
    *, name: str, birth_date, village, id_number: str = "", exclude=None, user=None
) -> list[Child]:
    """Return the files that may be the described child's, the likeliest first, each with `reached`."""
    condition = Q(village=village, birth_date=birth_date) & UNMERGED if village and birth_date else Q(pk__in=[])
    number = id_number_hash(id_number)
    if number:
        condition |= Q(id_number_index=number)
    files = for_duplicate_list(Child._base_manager.filter(condition).exclude(pk=exclude and exclude.pk), user)
    hits = [
        child
        for child in files
        if number and child.id_number_index == number or name and similar_names(name, child.name)
    ]
    return sorted(hits, key=lambda child: match_rank(child, number, name))


def match_rank(child, number: str | None, name: str) -> tuple:
    """Return the sort key of a match: the same number first, a different one last, then the exact name first."""
    same = bool(number) and child.id_number_index == number
    other = bool(number and child.id_number_index) and not same
    return not same, other, child.name != name, child.pk


def date_text(value) -> str:
    """Return a date, or the text of one in a stored row, as text; "" unless it is a complete date."""
    text = str(value or "")
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else ""


class BriefFile(NamedTuple):
    """The columns of a child that rows are compared with; cheaper than a model instance."""

    pk: int
    name: str
    birth_date: dt.date
    village_id: str
    id_number_index: str | None


class DuplicateFinder:
    """Finds the similar files of many rows of a sheet, in one query a thousand rows.

    A row is a dict with name, birth_date, village (its code) and id_number, each of which may be missing.
    `among` are the children to look at, all if it is None.
    """

    def __init__(self, rows: Iterable[dict], among=None):
        self.by_birth: dict[tuple, dict[int, BriefFile]] = defaultdict(dict)
        self.among = Child._base_manager.all() if among is None else among
        rows = sorted(rows, key=lambda row: row.get("village") or "")  # few villages, so few children, a query
        for start in range(0, len(rows), CHUNK):
            self.load(rows[start : start + CHUNK])

    def load(self, rows: list[dict]) -> None:
        births = {date_text(row.get("birth_date")) for row in rows} - {""}
        villages = {row["village"] for row in rows if row.get("village")}
        children = self.among.filter(UNMERGED, village__in=villages, birth_date__in=births).order_by()
        for file in map(BriefFile._make, children.values_list(*BriefFile._fields).iterator(chunk_size=CHUNK)):
            self.by_birth[file.village_id, date_text(file.birth_date)][file.pk] = file

    def alike(self, values: dict) -> list[BriefFile]:
        """Return the files with a similar name, the same village and birth date, the likeliest first."""
        name = values.get("name") or ""
        born_there = self.by_birth.get((values.get("village"), date_text(values.get("birth_date"))), {})
        hits = [file for file in born_there.values() if name and similar_names(name, file.name)]
        number = id_number_hash(values.get("id_number") or "") if hits else None
        return sorted(hits, key=lambda file: match_rank(file, number, name))


class CandidatePair(NamedTuple):
    """Two files that may be one child's; the user sees the first, but perhaps not the second."""

    first: Child
    second: Child
    settlement: DuplicateSettlement | None = None

    @property
    def twins(self) -> bool:
        return have_different_numbers(self.first, self.second)


def candidate_files(user):
    """Return the open files with the village and birth date of another, where `user` sees at least one of them.

    The table is joined with itself on village and birth date, which one index covers.
    """
    mine = Child.objects.permitted_to(user, MERGE_CHILD).open().order_by()
    same = {"village": OuterRef("village"), "birth_date": OuterRef("birth_date")}
    neighbour = Child._base_manager.filter(closed_on=None, **same).exclude(pk=OuterRef("pk"))
    with_neighbour = Q(Exists(neighbour)) & Q(pk__in=mine.values("pk"))
    of_mine = Exists(mine.filter(**same).exclude(pk=OuterRef("pk")))
    villages = mine.values("village")  # or the database would scan every child
    return Child._base_manager.filter(with_neighbour | of_mine, village__in=villages, closed_on=None)


def candidate_pairs(user, *, settled: bool = False) -> list[CandidatePair]:
    """Return the pairs that may be one child's, undecided or, with `settled`, decided to be two children."""
    pairs = sorted(similar_pairs(candidate_files(user), user), key=pair_rank)
    decided = find_settlements(pairs, settled=settled)
    if settled:
        return [pair._replace(settlement=decided[pair_key(pair)]) for pair in pairs if pair_key(pair) in decided]
    return [pair for pair in pairs if pair_key(pair) not in decided]


def similar_pairs(children, user) -> Iterator[CandidatePair]:
    groups = defaultdict(list)
    for child in for_duplicate_list(children, user, MERGE_CHILD).order_by("pk"):
        groups[child.village_id, child.birth_date].append(child)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if (one.reached or other.reached) and similar_names(one.name, other.name):
                yield CandidatePair(one, other) if one.reached else CandidatePair(other, one)


def pair_rank(pair: CandidatePair) -> tuple:
    return pair.twins, not pair.second.reached, pair.first.village_id, pair.first.birth_date, pair.first.pk


def pair_key(pair: CandidatePair) -> tuple[int, int]:
    return min(pair.first.pk, pair.second.pk), max(pair.first.pk, pair.second.pk)


def find_settlements(pairs: list[CandidatePair], *, settled: bool) -> dict[tuple[int, int], DuplicateSettlement]:
    firsts = {pair_key(pair)[0] for pair in pairs}
    rows = DuplicateSettlement.objects.filter(first__in=firsts) if len(firsts) < CHUNK else DuplicateSettlement.objects
    rows = rows.select_related("by") if settled else rows.only("first_id", "second_id")
    return {(row.first_id, row.second_id): row for row in rows.all()}
