"""Which registered child each row of a sheet is, and so what saving the row would do."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from carebase.jobs.tasks import ProgressCallback
from registry.child_file import ChildFile
from registry.models import ImportBatch, ImportRow
from registry.sheets.comparison import find_changes, find_contradiction, load_child_files, load_office_names
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
from registry.sheets.validation import WARNING

Status = ImportRow.Status


def classify_rows(
    batch: ImportBatch, rows: list[SheetRow], label: str, progress: ProgressCallback
) -> Iterator[list[ImportRow]]:
    """Give the rows as the preview keeps them, some at a time; `label` names the column of the children's names."""
    note_repeated_rows(rows, label)
    sound = [row for row in rows if not row.refused]
    values = [row.values for row in sound]
    known = find_registered(values)
    sure = {id(row): key for row in sound if (key := known.same(row.values))}
    unsure = [row for row in sound if id(row) not in sure]
    maybe = find_possible_files(unsure, set(sure.values()), label)
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        met = [key for row in part if (key := sure.get(id(row)) or maybe.get(id(row)))]
        files = load_child_files(met, batch.by) if met else {}
        offices = load_office_names(set(met) - set(files)) if len(files) < len(set(met)) else {}
        yield [stage_row(batch, row, sure.get(id(row)), maybe.get(id(row)), files, offices, label) for row in part]
        progress(len(rows) + start + len(part), 2 * len(rows))


def find_possible_files(rows: list[SheetRow], taken: set[int], label: str) -> dict[int, int]:
    """Return by id(row) the key of the child that it may be; those `taken` are other rows' for sure."""
    found = {}
    for row, like in zip(rows, find_possible_matches([row.values for row in rows], taken=taken), strict=True):
        if like:
            found[id(row)] = like.pk
        if like and like.twins:
            row.note(label, _("Each has an ID number of its own: perhaps twins or namesakes."), WARNING)
    return found


def note_repeated_rows(rows: list[SheetRow], label: str) -> None:
    """Refuse the rows whose child stands further up in the file, and remark on those whose child perhaps does."""
    above, neighbours = SeenChildren(), SimilarRows()
    for row in rows:
        if twin := above.find(row.values):
            row.note(label, _("The same child stands in row %(row)d already.") % {"row": twin})
        elif twin := neighbours.find(row.values):
            row.note(label, possible_repeat_message(twin), WARNING)
        above.add(id_number_hash(row.values), person_key(row.values), row.number)
        neighbours.add(row.values, row.number)


def possible_repeat_message(number: int) -> str:
    text = _(
        "In row %(row)d stands a child of the same birth date and the same or a similar name. If they are one child, "
        "keep one row."
    )
    return text % {"row": number}


def stage_row(
    batch, row: SheetRow, sure: int | None, maybe: int | None, files: dict, offices: dict, label: str
) -> ImportRow:
    """Return the row, unsaved, with its status and, where it has one, its child's file and what would change there."""
    key = sure or maybe
    if row.refused:
        return row.to_import_row(batch, Status.PROBLEM)
    if not key:
        return row.to_import_row(batch, Status.NEW)
    if key not in files:
        row.note(label, elsewhere_message(offices.get(key, ""), sure=bool(sure)), "error" if sure else WARNING)
        return row.to_import_row(batch, Status.PROBLEM if sure else Status.DUPLICATE)
    return stage_update(files[key], batch, row, label, sure=bool(sure))


def stage_update(file: ChildFile, batch: ImportBatch, row: SheetRow, label: str, *, sure: bool) -> ImportRow:
    changes = find_changes(file, row.values)
    if file.child.closed_on and changes:
        row.note(label, _("The file of this child is closed; bringing it up to date does not open it again."), WARNING)
    known = {"child_id": file.child.pk, "version": file.child.version, "changes": changes}
    if not sure:
        return row.to_import_row(batch, Status.DUPLICATE, **known)
    if problem := find_contradiction(file, changes):
        row.note(label, problem)
        return row.to_import_row(batch, Status.PROBLEM)
    return row.to_import_row(batch, Status.CHANGED if changes else Status.UNCHANGED, **known)


def elsewhere_message(office: str, *, sure: bool) -> str:
    """Return where to ask about a child whose file one may not see; nothing else is said of it."""
    office = office or _("the office above yours")
    if sure:
        text = _("This child is registered elsewhere. Please ask %(office)s about the file.")
    else:
        text = _(
            "A child of this or a similar name and of this date of birth is registered elsewhere. Please ask "
            "%(office)s about it."
        )
    return text % {"office": office}
