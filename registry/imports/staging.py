"""From a file to a preview: what its rows say is kept, encrypted; no child is registered yet.

`progress(done, total)` is told how far a long step got, in rows; it may raise to stop it, and nothing is kept then.
"""

import hashlib
from collections import Counter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.bulk import bulk_insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from registry.imports.classification import classify_rows
from registry.models import Division, ImportBatch, ImportFile, ImportRow
from registry.sheets.layouts import REASON_HEADINGS, layouts_of_user
from registry.sheets.matching import CHUNK
from registry.sheets.places import PlaceFinder
from registry.sheets.reading import ADDRESS_FIELDS, CensusWorkbook, NoHeading, SheetRow, no_child_error, open_census
from registry.sheets.schools import SchoolFinder

Status = ImportRow.Status
UNSAVED_STATUSES = (ImportBatch.Status.READING, ImportBatch.Status.PREVIEW)


def stage_file(
    *, name: str, data: bytes, term, by, place: Division | None = None, progress: ProgressCallback = no_progress
):
    """Return the batch of a file opened and read at once; raise SheetError and keep nothing where it cannot be read."""
    with transaction.atomic():
        batch = create_batch(name=name, data=data, term=term, by=by, place=place)
        return stage_rows(batch, progress=progress, census=batch.census)


def create_batch(*, name: str, data: bytes, term, by, place: Division | None = None) -> ImportBatch:
    """Keep a file as an import whose rows are not read yet; `understood` of it says whether its heading is known.

    `census` of it is the file as it was opened, None where its heading is not known, for who reads on at once.
    Raises SheetError with a sentence for the user when the file cannot be read as a sheet.
    """
    name = name.encode("utf-8", "replace").decode()  # a terminal hands over names that are no text
    census = open_if_known(name, data, by)
    reported_on, today = census and census.reported_on, timezone.localdate()
    with acting_as(by), transaction.atomic():
        batch = ImportBatch.objects.create(
            by=by,
            term=term,
            place=place,
            office_id=division_of_user(by),
            file_name=name[-200:],
            file_hash=hashlib.sha256(data).hexdigest(),
            reported_on=min(reported_on or today, today),
        )
        ImportFile.objects.create(batch=batch, data=data)
    batch.census, batch.heading_known = census, census is not None and is_understood(census)
    return batch


def open_if_known(name: str, data: bytes, by) -> CensusWorkbook | None:
    """Return the file as a census, or None where a person can tell its columns."""
    try:
        return open_census(name, data, layouts_of_user(by))
    except NoHeading as error:
        if not error.tellable:
            raise
        return None


def is_understood(census: CensusWorkbook) -> bool:
    """Return whether a sheet can be read without asking: names, births or ID numbers, addresses.

    Where no column is an address and one might be, a person is to say so.
    """
    first = census.tables[0]
    placed = bool(first.names & ADDRESS_FIELDS) or census.remembered or not first.guessed() & ADDRESS_FIELDS
    return placed and bool(first.names & {"id_number", "birth_date"})


def division_of_user(user) -> str | None:
    """Return the code of the division that the user is posted to, or where their school stands."""
    reach = next(iter(user.reach), None)
    return reach and (reach.division or reach.school_place or reach.class_place)


def lock_unsaved(batch: ImportBatch) -> ImportBatch:
    """Return the batch locked for the open transaction; raise ValidationError when it is no preview any more."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status not in UNSAVED_STATUSES:
        raise ValidationError(finished_message())
    return batch


def finished_message() -> str:
    return _("This import was already saved or cancelled.")


def stored_file(batch: ImportBatch) -> bytes:
    """Return the file of a preview; raise ValidationError when it is none any more."""
    kept = ImportFile.objects.filter(batch=batch, batch__status__in=UNSAVED_STATUSES).first()
    if kept is None:
        raise ValidationError(finished_message())
    return kept.data


def stage_rows(
    batch: ImportBatch, *, progress: ProgressCallback = no_progress, census: CensusWorkbook | None = None
) -> ImportBatch:
    """Read the kept file, anew where it was read before, and return the batch with its rows as a preview.

    What was decided of possible duplicates stays. Raises SheetError when there is no child in the file, and
    ValidationError when the batch was saved or cancelled.
    """
    # Outside the transaction: where there is one writer at a time, others may save while a sheet is looked through.
    census = census or open_census(batch.file_name, stored_file(batch), layouts_of_user(batch.by))
    rows = read_rows(batch, census, progress)
    with acting_as(batch.by), transaction.atomic():
        batch = lock_unsaved(batch)
        decided = {(row.sheet, row.number, row.child_id): row.decision for row in decided_rows(batch)}
        batch.rows.all().delete()
        counts = Counter()
        for staged in classify_rows(batch, rows, name_column_label(census), progress):
            for row in staged:
                row.decision = decided.get((row.sheet, row.number, row.child_id), row.decision)
            bulk_insert(staged)
            counts.update(row.status for row in staged)
            counts["remarks"] += sum(row.remarks for row in staged)
        batch.counts = dict(counts) | {"ignored": ignored_columns(census)}
        if census.remembered:
            batch.counts["remembered"] = True
        batch.status = ImportBatch.Status.PREVIEW
        batch.save()
    return batch


def ignored_columns(census: CensusWorkbook) -> list[str]:
    """Return the labels of the columns that are not read; the reasons that we gave back are not worth telling of."""
    return [label for label in census.ignored if label.partition(" ")[2].strip("“”") not in REASON_HEADINGS]


def decided_rows(batch: ImportBatch):
    decided = batch.rows.filter(status=Status.DUPLICATE).exclude(decision=ImportRow.Decision.OUT)
    return decided.only("sheet", "number", "child", "decision")


def name_column_label(census: CensusWorkbook) -> str:
    return next(column.label for column in census.columns if column.field.name == "name")


def read_rows(batch: ImportBatch, census: CensusWorkbook, progress: ProgressCallback) -> list[SheetRow]:
    villages, total = importable_villages(batch.by, batch.place), census.total
    # Whether rows that name no village can only mean one.
    unambiguous = batch.place or batch.by.role_definition.keeps_one_place
    default = villages[0] if unambiguous and len(villages) == 1 else None
    finder = PlaceFinder(villages, default, SchoolFinder(batch.by))
    rows = []
    for row in census.rows(finder, batch.reported_on):
        rows.append(row)
        if len(rows) % CHUNK == 0:
            progress(len(rows), 2 * total)
    if not rows:
        raise no_child_error(batch.file_name, census)
    return rows


def importable_villages(user, place: Division | None) -> list[Division]:
    """Return the villages that the user may file children in: their own division's, or around their school."""
    divisions = Division.objects
    divisions = divisions.visible_to(user) if user.role_definition.reaches_school else divisions.governed_by(user)
    if place:
        first, last = place.span
        divisions = divisions.filter(code__gte=first, code__lte=last)
    return list(divisions.villages())


def cancel_batch(*, batch: ImportBatch, by) -> None:
    """Drop a preview; its file and its rows are removed, the line that it was there stays."""
    with acting_as(by), transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status in UNSAVED_STATUSES:
            batch.status = ImportBatch.Status.CANCELLED
            delete_staged_data(batch)
            batch.save()


def delete_staged_data(batch: ImportBatch) -> None:
    """Remove the file and the rows of an import that nobody needs any more."""
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
