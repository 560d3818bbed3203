"""An import from file to files: staged as a preview, then saved whole or not at all."""

import datetime as dt
import hashlib
from collections import Counter
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.roles import Role
from carebase.audit.context import acting
from carebase.audit.models import Action, record
from carebase.bulk import insert
from registry.files import family_of
from registry.imports.judging import DOUBT
from registry.imports.places import PlaceFinder
from registry.imports.reading import Census, Row, no_child, open_census
from registry.imports.sameness import Children, number_of, person_of, registered
from registry.models import Absence, Child, Division, Guardianship, ImportBatch, ImportRow, Relative
from registry.querysets import scope_of

Status = ImportRow.Status
CHUNK = 1000
OWN = ("name", "sex", "ethnicity", "birth_date", "id_number", "id_reason", "hukou_registered", "hukou_place") + (
    "residence",
    "condition",
    "illness",
    "boards",
    "schooling",
    "income",
    "relief",
)


def stage(*, name: str, data: bytes, term, by, place: Division | None = None) -> ImportBatch:
    """Read a file and keep what it says as a preview; no child is registered yet.

    Raises SheetError with a sentence for the user when the file cannot be read as a census sheet.
    """
    name = name.encode("utf-8", "replace").decode()  # a terminal hands over names that are no text
    census, today = open_census(name, data), timezone.localdate()
    on = min(census.reported_on or today, today)
    villages = villages_of(by, place)
    silent = place or by.role == Role.VILLAGE  # whether rows that name no village can only mean one
    rows = list(census.rows(PlaceFinder(villages, villages[0] if silent and len(villages) == 1 else None), on))
    if not rows:
        raise no_child(name, census)
    statuses = judge_together(rows, census)
    with acting(by), transaction.atomic():
        batch = ImportBatch.objects.create(
            by=by,
            term=term,
            place=place,
            file_name=name[-200:],
            file_hash=hashlib.sha256(data).hexdigest(),
            reported_on=on,
            counts=dict(Counter(statuses)) | {"ignored": census.ignored},
        )
        staged = zip(rows, statuses, strict=True)
        while part := list(islice(staged, CHUNK)):
            insert([row.staged(batch, status) for row, status in part])
    return batch


def villages_of(user, place: Division | None) -> list[Division]:
    """Return the villages that the user may file children in: their own division's, or around their school."""
    divisions = Division.objects.visible_to(user) if user.role == Role.HEAD else Division.objects.governed_by(user)
    if place:
        first, last = place.span
        divisions = divisions.filter(code__gte=first, code__lte=last)
    return list(divisions.villages())


def judge_together(rows: list[Row], census: Census) -> list[str]:
    """Return the status of each row, comparing it with the rows above it and with the registry."""
    label = next(column.label for column in census.columns if column.blank.name == "name")
    known, above, statuses = registered([row.values for row in rows]), Children(), []
    for row in rows:
        if twin := above.find(row.values):
            row.note(label, _("The same child stands in row %(row)d already.") % {"row": twin})
        above.add(number_of(row.values), person_of(row.values), row.number)
        if row.refused:
            statuses.append(Status.REFUSED)
        elif known.find(row.values):
            row.note(label, _("The child is registered already; nothing is changed."), DOUBT)
            statuses.append(Status.KNOWN)
        else:
            statuses.append(Status.DOUBT if row.doubtful else Status.NEW)
    return statuses


def save(*, batch: ImportBatch, by, sound_rows: bool = False) -> int:
    """Register the new children of a preview in one transaction and return how many.

    Raises ValidationError when rows are refused and `sound_rows` does not allow to leave them out, when the preview
    was saved or cancelled meanwhile, or when one of its children was registered by somebody else since.
    """
    try:
        with acting(by), transaction.atomic():
            return save_all(ImportBatch.objects.select_for_update().get(pk=batch.pk), by, sound_rows)
    except IntegrityError as error:  # of two who register a child at one moment the later is told so
        raise ValidationError(meanwhile()) from error


def save_all(batch: ImportBatch, by, sound_rows: bool) -> int:
    if batch.status != ImportBatch.Status.PREVIEW:
        raise ValidationError(_("This import was already saved or cancelled."))
    refused = batch.rows.filter(status=Status.REFUSED).count()
    if refused and not sound_rows:
        raise ValidationError(_("%(count)d rows are refused; nothing was saved.") % {"count": refused})
    made = register(batch, by)
    batch.status = ImportBatch.Status.SAVED
    batch.save()
    detail = {"rows": made, "refused": refused, "sha256": batch.file_hash, "term": batch.term.slug}
    record(Action.IMPORT, batch, detail=detail)
    return made


def meanwhile() -> str:
    return _("Some of these children were registered meanwhile. Please send the file again.")


def cancel(*, batch: ImportBatch, by) -> None:
    """Drop a preview; its rows are removed, the line that it was there stays."""
    with acting(by), transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status == ImportBatch.Status.PREVIEW:
            batch.status = ImportBatch.Status.CANCELLED
            batch.rows.all().delete()
            batch.save()


def register(batch: ImportBatch, by) -> int:
    """Write the children of the sound rows with their families, chunk by chunk; return how many."""
    rows = batch.rows.filter(status__in=[Status.NEW, Status.DOUBT]).order_by("number")
    staged = rows.values_list("values", flat=True).iterator(chunk_size=CHUNK)
    school = next(iter(scope_of(by).schools), None) if by.role == Role.HEAD else None
    made = 0
    while chunk := [thaw(values) for values in islice(staged, CHUNK)]:
        made += register_chunk(batch, chunk, school)
    if Child.objects.visible_to(by).filter(imported_in=batch).count() != made:
        raise ValidationError(_("Some of these children would lie outside your own office; nothing was saved."))
    return made


def register_chunk(batch: ImportBatch, chunk: list[dict], school: int | None) -> int:
    known = registered(chunk, but=batch)
    if any(known.find(values) for values in chunk):
        raise ValidationError(meanwhile())
    children = [child_of(values, batch, school) for values in chunk]
    Child.objects.insert(children)
    relatives: list[Relative] = []
    absences: list[Absence] = []
    guardianships: list[Guardianship] = []
    for child, values in zip(children, chunk, strict=True):
        families = family_of(child, values, on=batch.reported_on)
        for rows_of, made in zip((relatives, absences, guardianships), families, strict=True):
            rows_of += made
    insert(relatives)
    insert(absences)
    insert(guardianships)
    return len(children)


def child_of(values: dict, batch: ImportBatch, school: int | None) -> Child:
    own = {name: values[name] for name in OWN if values.get(name) is not None}
    kind, grade = values.get("disability") or ("", None)
    child = Child(**own, village_id=values["village"], school_id=school, imported_in=batch)
    child.disability, child.disability_grade = kind, grade
    child.derive()
    return child


def thaw(values: dict) -> dict:
    """Return the values of a staged row with its dates as dates again."""
    return {
        name: dt.date.fromisoformat(value) if name.endswith("birth_date") and value else value
        for name, value in values.items()
    }
