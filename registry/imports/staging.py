"""From a file to a preview: what its rows say is kept, encrypted; no child is registered yet.

`progress(done, total)` is told how far a long step got, in rows; it may raise to stop it, and nothing is kept then.
"""

import hashlib
from collections import Counter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting
from carebase.bulk import insert
from carebase.jobs.tasks import ProgressCallback, no_progress
from registry.imports.classification import classify_rows
from registry.models import Division, ImportBatch, ImportFile, ImportRow
from registry.sheets.layouts import REASONS, layouts_of
from registry.sheets.matching import CHUNK
from registry.sheets.places import PlaceFinder
from registry.sheets.reading import PLACED, Census, NoHeading, Row, no_child, open_census
from registry.sheets.schools import SchoolFinder

Status = ImportRow.Status
UNSAVED = (ImportBatch.Status.READING, ImportBatch.Status.PREVIEW)


def stage(*, name: str, data: bytes, term, by, place: Division | None = None, progress: ProgressCallback = no_progress):
    """Return the batch of a file opened and read at once; raise SheetError and keep nothing where it cannot be read."""
    with transaction.atomic():
        batch = open_batch(name=name, data=data, term=term, by=by, place=place)
        return stage_rows(batch, progress=progress, census=batch.census)


def open_batch(*, name: str, data: bytes, term, by, place: Division | None = None) -> ImportBatch:
    """Keep a file as an import whose rows are not read yet; `understood` of it says whether its heading is known.

    `census` of it is the file as it was opened, None where its heading is not known, for who reads on at once.
    Raises SheetError with a sentence for the user when the file cannot be read as a sheet.
    """
    name = name.encode("utf-8", "replace").decode()  # a terminal hands over names that are no text
    census = glance(name, data, by)
    reported_on, today = census and census.reported_on, timezone.localdate()
    with acting(by), transaction.atomic():
        batch = ImportBatch.objects.create(
            by=by,
            term=term,
            place=place,
            office_id=office_of(by),
            file_name=name[-200:],
            file_hash=hashlib.sha256(data).hexdigest(),
            reported_on=min(reported_on or today, today),
        )
        ImportFile.objects.create(batch=batch, data=data)
    batch.census, batch.understood = census, census is not None and understood(census)
    return batch


def glance(name: str, data: bytes, by) -> Census | None:
    """Return the file as a census, or None where a person can tell its columns."""
    try:
        return open_census(name, data, layouts_of(by))
    except NoHeading as error:
        if not error.tellable:
            raise
        return None


def understood(census: Census) -> bool:
    """Return whether a sheet can be read without asking: names, births or ID numbers, addresses.

    Where no column is an address and one might be, a person is to say so.
    """
    first = census.tables[0]
    placed = bool(first.names & PLACED) or census.remembered or not first.guessed() & PLACED
    return placed and bool(first.names & {"id_number", "birth_date"})


def office_of(user) -> str | None:
    """Return the code of the division that the user is posted to, or where their school stands."""
    reach = next(iter(user.reach), None)
    return reach and (reach.division or reach.school_place or reach.class_place)


def unsaved(batch: ImportBatch) -> ImportBatch:
    """Return the batch locked for the open transaction; raise ValidationError when it is no preview any more."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status not in UNSAVED:
        raise ValidationError(already_over())
    return batch


def already_over() -> str:
    return _("This import was already saved or cancelled.")


def kept_file(batch: ImportBatch) -> bytes:
    """Return the file of a preview; raise ValidationError when it is none any more."""
    kept = ImportFile.objects.filter(batch=batch, batch__status__in=UNSAVED).first()
    if kept is None:
        raise ValidationError(already_over())
    return kept.data


def stage_rows(
    batch: ImportBatch, *, progress: ProgressCallback = no_progress, census: Census | None = None
) -> ImportBatch:
    """Read the kept file, anew where it was read before, and return the batch with its rows as a preview.

    What was decided of possible duplicates stays. Raises SheetError when there is no child in the file, and
    ValidationError when the batch was saved or cancelled.
    """
    # Outside the transaction: where there is one writer at a time, others may save while a sheet is looked through.
    census = census or open_census(batch.file_name, kept_file(batch), layouts_of(batch.by))
    rows = read_rows(batch, census, progress)
    with acting(batch.by), transaction.atomic():
        batch = unsaved(batch)
        decided = {(row.sheet, row.number, row.child_id): row.decision for row in decided_rows(batch)}
        batch.rows.all().delete()
        counts = Counter()
        for staged in classify_rows(batch, rows, label_of_name(census), progress):
            for row in staged:
                row.decision = decided.get((row.sheet, row.number, row.child_id), row.decision)
            insert(staged)
            counts.update(row.status for row in staged)
            counts["remarks"] += sum(row.remarks for row in staged)
        batch.counts = dict(counts) | {"ignored": ignored_of(census)}
        if census.remembered:
            batch.counts["remembered"] = True
        batch.status = ImportBatch.Status.PREVIEW
        batch.save()
    return batch


def ignored_of(census: Census) -> list[str]:
    """Return the labels of the columns that are not read; the reasons that we gave back are not worth telling of."""
    return [label for label in census.ignored if label.partition(" ")[2].strip("“”") not in REASONS]


def decided_rows(batch: ImportBatch):
    decided = batch.rows.filter(status=Status.DUPLICATE).exclude(decision=ImportRow.Decision.OUT)
    return decided.only("sheet", "number", "child", "decision")


def label_of_name(census: Census) -> str:
    return next(column.label for column in census.columns if column.field.name == "name")


def read_rows(batch: ImportBatch, census: Census, progress: ProgressCallback) -> list[Row]:
    villages, total = villages_of(batch.by, batch.place), census.total
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
        raise no_child(batch.file_name, census)
    return rows


def villages_of(user, place: Division | None) -> list[Division]:
    """Return the villages that the user may file children in: their own division's, or around their school."""
    divisions = Division.objects
    divisions = divisions.visible_to(user) if user.role_definition.reaches_school else divisions.governed_by(user)
    if place:
        first, last = place.span
        divisions = divisions.filter(code__gte=first, code__lte=last)
    return list(divisions.villages())


def cancel(*, batch: ImportBatch, by) -> None:
    """Drop a preview; its file and its rows are removed, the line that it was there stays."""
    with acting(by), transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status in UNSAVED:
            batch.status = ImportBatch.Status.CANCELLED
            forget(batch)
            batch.save()


def forget(batch: ImportBatch) -> None:
    """Remove the file and the rows of an import that nobody needs any more."""
    batch.rows.all().delete()
    ImportFile.objects.filter(batch=batch).delete()
