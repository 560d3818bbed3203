"""Comparing a list with the registry: in both, different, only in the registry, only in the list."""

import hashlib
from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, record_event
from carebase.bulk import bulk_insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from carebase.sheets.guard import SheetError
from registry.census import FIELDS
from registry.imports.classification import elsewhere_message
from registry.models import Child, Comparison, ComparisonRow, Division, School
from registry.sheets.comparison import EMPTY_VALUES, as_stored, find_changes, load_child_files, load_office_names
from registry.sheets.layouts import layouts_of_user
from registry.sheets.matching import CHUNK, find_possible_matches, find_registered
from registry.sheets.places import PlaceFinder
from registry.sheets.reading import SheetRow, open_census
from registry.sheets.schools import SchoolFinder

Status = ComparisonRow.Status
# Not the addresses, which every office writes in its own way.
ADD_COMPARISON = "registry.add_comparison"
COMPARED_FIELDS = frozenset(field.name for field in FIELDS if field.compared)


def compare_list(
    *, name: str, data: bytes, kind: str, place: Division | School, by, progress: ProgressCallback = no_progress
):
    """Return the comparison of a file with the registered children of a school or division, as of today.

    Raises SheetError with a message for the user when the file cannot be read, or names no child.
    """
    rows = read_list(name, data, place, by)
    if not rows:
        raise SheetError(_("“%(file)s” names no child below its heading.") % {"file": name})
    with acting_as(by), transaction.atomic():
        side = "school" if isinstance(place, School) else "division"
        comparison = Comparison(kind=kind, by=by, file_name=name[-200:], **{side: place})
        comparison.file_hash = hashlib.sha256(data).hexdigest()
        comparison.save()
        comparison.counts = dict(store_rows(comparison, rows, by, progress))
        comparison.save()
        record_event(Action.IMPORT, comparison, detail={"sha256": comparison.file_hash})
    return comparison


def read_list(name: str, data: bytes, place: Division | School, by) -> list[SheetRow]:
    """Return the rows that name a child, including those that an import would refuse."""
    census, today = open_census(name, data, layouts_of_user(by)), timezone.localdate()
    finder = PlaceFinder(list(Division.objects.visible_to(by).villages()), None, SchoolFinder(by))
    # Table by table, because unlike an import, a roll need not say where the children live.
    return [row for table in census.tables for row in table.rows(finder, today) if row.values.get("name")]


def store_rows(comparison: Comparison, rows: list[SheetRow], by, progress: ProgressCallback) -> Counter:
    """Store each row with its result and return the count of each result."""
    expected = expected_children(comparison, by)
    counts, seen, keys = Counter(), set(), match_rows([row.values for row in rows], expected)
    for start in range(0, len(rows), CHUNK):
        chunk = list(zip(rows, keys, strict=True))[start : start + CHUNK]
        wanted = [key for _row, key in chunk if key]
        files, offices = load_child_files(wanted, by, ADD_COMPARISON), load_office_names(wanted)
        compared = [compare_row(comparison, row, files.get(key), offices.get(key, "")) for row, key in chunk]
        bulk_insert(compared)
        seen |= set(files)
        counts.update(row.status for row in compared)
        progress(start + len(chunk), len(rows))
    missing = [
        ComparisonRow(comparison=comparison, status=Status.HERE, child_id=key)
        for key in sorted(set(expected.values_list("pk", flat=True)) - seen)
    ]
    bulk_insert(missing)
    counts[Status.HERE] += len(missing)
    return counts


def match_rows(rows: list[dict], expected) -> list[int | None]:
    """Return the key of each row's child, or None.

    By number, else by similarity, else as the only child of this name and birth date in the place: some rolls give
    neither numbers nor addresses.
    """
    registered = find_registered(rows)
    certain = [registered.find_certain(row) for row in rows]
    possible = find_possible_matches(rows, taken=set(certain))
    by_name: dict[tuple, list[int]] = {}
    for pk, name, birth_date in expected.values_list("pk", "name", "birth_date"):
        by_name.setdefault((name, birth_date), []).append(pk)
    keys = [key or (match and match.pk) for key, match in zip(certain, possible, strict=True)]
    taken = set(keys)
    for index, row in enumerate(rows):
        namesakes = by_name.get((row["name"], row.get("birth_date")), [])
        if not keys[index] and not row.get("id_number") and len(namesakes) == 1 and namesakes[0] not in taken:
            keys[index] = namesakes[0]
    return keys


def expected_children(comparison: Comparison, by):
    children = Child.objects.permitted_to(by, ADD_COMPARISON).open()
    if comparison.school_id:
        return children.filter(school=comparison.school_id)
    return children.living_in(comparison.division)


def compare_row(comparison: Comparison, row: SheetRow, file, office: str) -> ComparisonRow:
    """Return the unsaved row, compared with its child's file if the user may see one."""
    values = {name: value for name, value in row.values.items() if name in COMPARED_FIELDS}
    result = ComparisonRow(comparison=comparison, number=row.number, values=values)
    if file is None:
        result.status = Status.THERE
        if office:
            result.note = elsewhere_message(office, certain=True)
        return result
    result.child = file.child
    result.differences = as_stored([change for change in find_changes(file, row.values) if is_contradiction(change)])
    if file.child.closed_on:
        result.note = _("The file is closed: %(reason)s.") % {"reason": file.child.get_closing_display()}
    result.status = Status.DIFFERENT if result.differences or result.note else Status.BOTH
    return result


def is_contradiction(change: list) -> bool:
    """Return whether list and registry differ; except for the ID number, a blank in the registry does not."""
    name, registered, _listed = change
    return name in COMPARED_FIELDS and (name == "id_number" or registered not in EMPTY_VALUES)
