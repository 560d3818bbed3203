"""Which registered child each row of a sheet is, and what saving the row would do."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from carebase.jobs.tasks import ProgressCallback
from registry.census import BY_NAME
from registry.child_file import ChildFile
from registry.duplicates.names import similar_names
from registry.models import ImportBatch, ImportRow
from registry.sheets.comparison import (
    CHILD_COLUMNS,
    find_changes,
    find_contradiction,
    load_child_files,
    load_office_names,
)
from registry.sheets.matching import (
    CHUNK,
    SeenChildren,
    SimilarRows,
    find_possible_matches,
    find_registered,
    id_number_hash,
    person_key,
)
from registry.sheets.reading import SheetRow
from registry.sheets.validation import ERROR, WARNING
from registry.transfers.placement import PLACES, moved_places

Status = ImportRow.Status


def classify_rows(
    batch: ImportBatch, rows: list[SheetRow], labels: dict[str, str], progress: ProgressCallback
) -> Iterator[list[ImportRow]]:
    """Yield the rows of the preview in chunks; `labels` are those of the columns, by field."""
    note_repeated_rows(rows, labels)
    valid = [row for row in rows if not row.refused]
    values = [row.values for row in valid]
    registered = find_registered(values)
    certain = {id(row): key for row in valid if (key := registered.find_certain(row.values))}
    open_rows = [row for row in valid if id(row) not in certain]
    possible = find_possible_files(open_rows, set(certain.values()), labels["name"])
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        keys = [key for row in chunk if (key := certain.get(id(row)) or possible.get(id(row)))]
        files = load_child_files(keys, batch.by) if keys else {}
        offices = load_office_names(set(keys) - set(files)) if len(files) < len(set(keys)) else {}
        yield [
            stage_row(batch, row, certain.get(id(row)), possible.get(id(row)), files, offices, labels) for row in chunk
        ]
        progress(len(rows) + start + len(chunk), 2 * len(rows))


def find_possible_files(rows: list[SheetRow], taken: set[int], label: str) -> dict[int, int]:
    """Return the key of the child that each row may be, by id(row); `taken` are certain matches of other rows."""
    found = {}
    for row, match in zip(rows, find_possible_matches([row.values for row in rows], taken=taken), strict=True):
        if match:
            found[id(row)] = match.pk
        if match and match.twins:
            row.note(label, _("Each has its own ID number: they may be twins, or share a name."), WARNING)
    return found


def note_repeated_rows(rows: list[SheetRow], labels: dict[str, str]) -> None:
    """Refuse rows whose child has an earlier row in the file, and add a remark where that is only possible."""
    seen, similar = SeenChildren(), SimilarRows()
    for row in rows:
        if earlier := seen.find_possible(row.values):
            note_repeated_row(row, earlier, labels)
        elif earlier := similar.find(row.values):
            text = _(
                "Row %(row)d has a child with the same birth date and the same or a similar name. If they "
                "are one child, keep one row."
            )
            row.note(labels["name"], text % {"row": earlier}, WARNING)
        seen.add(id_number_hash(row.values), person_key(row.values), row)
        similar.add(row.values, row.number)


def note_repeated_row(row: SheetRow, earlier: SheetRow, labels: dict[str, str]) -> None:
    if is_other_child(row.values["name"], earlier.values["name"]):
        text = _("Two children have this number: the other is in row %(row)d. Correct the number of one of them.")
        row.note(labels["id_number"], text % {"row": earlier.number})
    else:
        row.note(labels["name"], _("The same child is already in row %(row)d.") % {"row": earlier.number})


def is_other_child(name: str, other: str) -> bool:
    """Return whether two children with one number must be different ones; similar names may be misspelt."""
    return bool(name and other) and not similar_names(name, other)


def stage_row(
    batch, row: SheetRow, certain: int | None, possible: int | None, files: dict, offices: dict, labels: dict[str, str]
) -> ImportRow:
    """Return the unsaved preview row with its status and, for a registered child, its file and the changes."""
    key = certain or possible
    if row.refused:
        return row.to_import_row(batch, Status.PROBLEM)
    if not key:
        return row.to_import_row(batch, Status.NEW)
    if key not in files:
        text = elsewhere_message(offices.get(key, ""), certain=bool(certain))
        row.note(labels["name"], text, ERROR if certain else WARNING)
        return row.to_import_row(batch, Status.PROBLEM if certain else Status.DUPLICATE)
    return stage_update(files[key], batch, row, labels, certain=bool(certain))


def stage_update(
    file: ChildFile, batch: ImportBatch, row: SheetRow, labels: dict[str, str], *, certain: bool
) -> ImportRow:
    changes, moved = find_permitted_changes(file, row.values, batch.by)
    if moved:
        row.note(labels["name"], not_moved_message(moved), WARNING)
    if file.child.closed_on and changes:
        row.note(labels["name"], _("The file of this child is closed; updating it does not reopen it."), WARNING)
    fields = {"child_id": file.child.pk, "version": file.child.version, "changes": changes}
    if not certain:
        return row.to_import_row(batch, Status.DUPLICATE, **fields)
    if is_other_child(row.values["name"], file.child.name):
        text = _(
            "This number is registered for another child, %(name)s. Correct the number; if it is the same child, "
            "correct the name in the file first."
        )
        row.note(labels["id_number"], text % {"name": file.child.name})
        return row.to_import_row(batch, Status.PROBLEM)
    if problem := find_contradiction(file, changes):
        row.note(labels["name"], problem)
        return row.to_import_row(batch, Status.PROBLEM)
    return row.to_import_row(batch, Status.CHANGED if changes else Status.UNCHANGED, **fields)


def find_permitted_changes(file: ChildFile, values: dict, by) -> tuple[list, list[str]]:
    """Return the changes that the sheet may make, and the places to which only a transfer would move the child."""
    changes = find_changes(file, values)
    after = {CHILD_COLUMNS[name]: value for name, _old, value in changes if name in PLACES}
    moved = moved_places(file.child, after, by)
    left_out = {*moved, "school_class"} if "school" in moved else set(moved)
    return [change for change in changes if change[0] not in left_out], moved


def not_moved_message(moved: list[str]) -> str:
    """Return that the sheet names another place than the file, and the way to move the child."""
    names = "、".join(str(BY_NAME[name].title) for name in moved)
    text = _(
        "The sheet differs in %(what)s, which the file keeps. Only a transfer moves a child; offer one on its page."
    )
    return text % {"what": names}


def elsewhere_message(office: str, *, certain: bool) -> str:
    """Return whom to ask about a child outside the importer's scope; it says nothing else about the child."""
    office = office or _("the office above yours")
    if certain:
        text = _("This child is registered elsewhere. Please ask %(office)s about the file.")
    else:
        text = _(
            "A child with this date of birth and the same or a similar name is registered elsewhere. "
            "Please ask %(office)s."
        )
    return text % {"office": office}
