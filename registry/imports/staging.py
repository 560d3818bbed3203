"""From a file to a preview: its rows are stored encrypted, and no child is registered yet.

`progress(done, total)` receives the rows done by a long step; it may raise to stop the step, and nothing is saved.
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
    """Create the batch of a file and its preview at once; raise SheetError and store nothing if it cannot be read."""
    with transaction.atomic():
        batch = create_batch(name=name, data=data, term=term, by=by, place=place)
        return stage_rows(batch, progress=progress, census=batch.census)


def create_batch(*, name: str, data: bytes, term, by, place: Division | None = None) -> ImportBatch:
    """Store a file as an import whose rows are not read yet.

    The batch gets two attributes: `heading_known`, and `census`, the opened file or None where the heading is unknown.
    Raises SheetError with a message for the user when the file cannot be read as a sheet.
    """
    name = name.encode("utf-8", "replace").decode()  # names from a terminal may hold surrogates
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
    """Return the opened file, or None where the user has to say what the columns are."""
    try:
        return open_census(name, data, layouts_of_user(by))
    except NoHeading as error:
        if not error.tellable:
            raise
        return None


def is_understood(census: CensusWorkbook) -> bool:
    """Return whether a sheet can be read without asking: it has dates of birth or ID numbers, and addresses.

    Where no column is an address but one might be, the user decides.
    """
    first = census.tables[0]
    has_address = bool(first.names & ADDRESS_FIELDS) or census.remembered or not first.guessed_fields() & ADDRESS_FIELDS
    return has_address and bool(first.names & {"id_number", "birth_date"})


def division_of_user(user) -> str | None:
    """Return the code of the division of the user's first posting, or of their school."""
    posting = next(iter(user.reach), None)
    return posting and (posting.division or posting.school_place or posting.class_place)


def lock_unsaved(batch: ImportBatch) -> ImportBatch:
    """Return the batch, locked for the open transaction; raise ValidationError when it was saved or cancelled."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status not in UNSAVED_STATUSES:
        raise ValidationError(finished_message())
    return batch


def finished_message() -> str:
    return _("This import was already saved or cancelled.")


def stored_file(batch: ImportBatch) -> bytes:
    """Return the file of a preview; raise ValidationError when it was saved or cancelled."""
    file = ImportFile.objects.filter(batch=batch, batch__status__in=UNSAVED_STATUSES).first()
    if file is None:
        raise ValidationError(finished_message())
    return file.data


def stage_rows(
    batch: ImportBatch, *, progress: ProgressCallback = no_progress, census: CensusWorkbook | None = None
) -> ImportBatch:
    """Read the stored file, again if it was read before, and return the batch with its rows as a preview.

    Decisions on possible duplicates are kept. Raises SheetError when the file holds no child, and ValidationError when
    the batch was saved or cancelled.
    """
    # Outside the transaction: SQLite has one writer at a time, and others may save while the sheet is read.
    census = census or open_census(batch.file_name, stored_file(batch), layouts_of_user(batch.by))
    rows = read_rows(batch, census, progress)
    labels = {column.field.name: column.label for column in reversed(census.tables[0].columns)}
    with acting_as(batch.by), transaction.atomic():
        batch = lock_unsaved(batch)
        decisions = {(row.sheet, row.number, row.child_id): row.decision for row in decided_rows(batch)}
        batch.rows.all().delete()
        counts = Counter()
        for chunk in classify_rows(batch, rows, labels, progress):
            for row in chunk:
                row.decision = decisions.get((row.sheet, row.number, row.child_id), row.decision)
            bulk_insert(chunk)
            counts.update(row.status for row in chunk)
            counts["remarks"] += sum(row.remarks for row in chunk)
        batch.counts = dict(counts) | {"ignored": ignored_columns(census)}
        if census.remembered:
            batch.counts["remembered"] = True
        if any(table.is_rural for table in census.tables):
            batch.counts["rural"] = True
        batch.status = ImportBatch.Status.PREVIEW
        batch.save()
    return batch


def ignored_columns(census: CensusWorkbook) -> list[str]:
    """Return the labels of the columns that are not read, without the reasons that we added ourselves."""
    return [label for label in census.ignored if label.partition(" ")[2].strip("“”") not in REASON_HEADINGS]


def decided_rows(batch: ImportBatch):
    rows = batch.rows.filter(status=Status.DUPLICATE).exclude(decision=ImportRow.Decision.OUT)
    return rows.only("sheet", "number", "child", "decision")


def read_rows(batch: ImportBatch, census: CensusWorkbook, progress: ProgressCallback) -> list[SheetRow]:
    villages, total = importable_villages(batch.by, batch.place), census.total
    # The village of rows that name none, if it can only be one.
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
    """Return the villages that the user may file children in: of their division, or around their school."""
    divisions = Division.objects
    divisions = divisions.visible_to(user) if user.role_definition.reaches_school else divisions.governed_by(user)
    if place:
        first, last = place.span
        divisions = divisions.filter(code__gte=first, code__lte=last)
    return list(divisions.villages())


def cancel_batch(*, batch: ImportBatch, by) -> None:
    """Cancel a preview and delete its file and rows; the batch itself stays as a record."""
    with acting_as(by), transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status in UNSAVED_STATUSES:
            batch.status = ImportBatch.Status.CANCELLED
            delete_staged_data(batch)
            batch.save()


def delete_staged_data(batch: ImportBatch) -> None:
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
