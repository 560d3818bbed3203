"""Setting a list beside the registry: in both, different, only here, only there."""

import hashlib
from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.models import Action, record_event
from carebase.bulk import bulk_insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from carebase.sheets.reader import SheetError
from registry.census import FIELDS
from registry.models import Child, Comparison, ComparisonRow, Division, School
from registry.sheets.comparison import EMPTY_VALUES, as_stored, find_changes, load_child_files, load_office_names
from registry.sheets.layouts import layouts_of_user
from registry.sheets.matching import CHUNK, find_possible_matches, find_registered
from registry.sheets.places import PlaceFinder
from registry.sheets.reading import SheetRow, open_census
from registry.sheets.schools import SchoolFinder

Status = ComparisonRow.Status
# Addresses are written in as many ways as there are offices.
COMPARED_FIELDS = frozenset(field.name for field in FIELDS if field.compared)


def compare_list(
    *, name: str, data: bytes, kind: str, place: Division | School, by, progress: ProgressCallback = no_progress
):
    """Return the comparison of a file with the registry's children of a school or division, as of today.

    Raises SheetError with a sentence for the user when the file cannot be read, or names no child.
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
    """Return the rows that name a child; a row that could not be imported is compared all the same."""
    census, today = open_census(name, data, layouts_of_user(by)), timezone.localdate()
    finder = PlaceFinder(list(Division.objects.visible_to(by).villages()), None, SchoolFinder(by))
    # Table by table: unlike an import, a roll need not say where the children live.
    return [row for table in census.tables for row in table.rows(finder, today) if row.values.get("name")]


def store_rows(comparison: Comparison, rows: list[SheetRow], by, progress: ProgressCallback) -> Counter:
    """Keep each row with its result and return how many there are of each."""
    ours = expected_children(comparison, by)
    counts, met, keys = Counter(), set(), match_rows([row.values for row in rows], ours)
    for start in range(0, len(rows), CHUNK):
        part = list(zip(rows, keys, strict=True))[start : start + CHUNK]
        wanted = [key for _row, key in part if key]
        files, offices = load_child_files(wanted, by), load_office_names(wanted)
        made = [compare_row(comparison, row, files.get(key), offices.get(key, "")) for row, key in part]
        bulk_insert(made)
        met |= set(files)
        counts.update(row.status for row in made)
        progress(start + len(part), len(rows))
    missing = [
        ComparisonRow(comparison=comparison, status=Status.HERE, child_id=key)
        for key in sorted(set(ours.values_list("pk", flat=True)) - met)
    ]
    bulk_insert(missing)
    counts[Status.HERE] += len(missing)
    return counts


def match_rows(rows: list[dict], ours) -> list[int | None]:
    """Return the key of each row's child: by its number, else by likeness, else as the only one of name and birth here.

    The last is for lists that give neither numbers nor addresses, as some rolls do.
    """
    known = find_registered(rows)
    sure = [known.same(row) for row in rows]
    likely = find_possible_matches(rows, taken=set(sure))
    here: dict[tuple, list[int]] = {}
    for pk, name, born in ours.values_list("pk", "name", "birth_date"):
        here.setdefault((name, born), []).append(pk)
    keys = [key or (maybe and maybe.pk) for key, maybe in zip(sure, likely, strict=True)]
    taken = set(keys)
    for place, row in enumerate(rows):
        alone = here.get((row["name"], row.get("birth_date")), [])
        if not keys[place] and not row.get("id_number") and len(alone) == 1 and alone[0] not in taken:
            keys[place] = alone[0]
    return keys


def expected_children(comparison: Comparison, by):
    """Return the open files that the list should name."""
    children = Child.objects.visible_to(by).open()
    if comparison.school_id:
        return children.filter(school=comparison.school_id)
    return children.living_in(comparison.division)


def compare_row(comparison: Comparison, row: SheetRow, file, office: str) -> ComparisonRow:
    """Return the row, unsaved, beside the file of its child if the user may see one."""
    kept = {name: value for name, value in row.values.items() if name in COMPARED_FIELDS}
    made = ComparisonRow(comparison=comparison, number=row.number, values=kept)
    if file is None:
        made.status = Status.THERE
        if office:
            made.note = _("This child is registered elsewhere. Please ask %(office)s about the file.") % {
                "office": office
            }
        return made
    made.child = file.child
    made.differences = as_stored([change for change in find_changes(file, row.values) if is_contradiction(change)])
    if file.child.closed_on:
        made.note = _("The file is closed: %(reason)s.") % {"reason": file.child.get_closing_display()}
    made.status = Status.DIFFERENT if made.differences or made.note else Status.BOTH
    return made


def is_contradiction(change: list) -> bool:
    """Return whether the list says another thing than the registry; a blank that is not filled says nothing yet."""
    name, here, _there = change
    return name in COMPARED_FIELDS and (name == "id_number" or here not in EMPTY_VALUES)
