"""Registering what a preview holds: all in one transaction, or nothing."""

import datetime as dt
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from carebase.accounts.roles import Role
from carebase.audit.context import acting
from carebase.audit.models import Action, record
from carebase.bulk import insert
from registry.files import family_of
from registry.imports.sameness import registered
from registry.imports.staging import CHUNK, Progress, silent, unsaved
from registry.models import Absence, Child, Guardianship, ImportBatch, ImportFile, ImportRow, Relative
from registry.querysets import scope_of

Status = ImportRow.Status
OWN = ("name", "sex", "ethnicity", "birth_date", "id_number", "id_reason", "hukou_registered", "hukou_place") + (
    "residence",
    "condition",
    "illness",
    "boards",
    "schooling",
    "income",
    "relief",
)


def save(*, batch: ImportBatch, by, sound_rows: bool = False, progress: Progress = silent) -> int:
    """Register the new children of a preview in one transaction and return how many.

    Raises ValidationError when rows are refused and `sound_rows` does not allow to leave them out, when the preview
    was saved or cancelled meanwhile, or when one of its children was registered by somebody else since.
    """
    try:
        with acting(by), transaction.atomic():
            return save_all(unsaved(batch), by, sound_rows, progress)
    except IntegrityError as error:  # of two who register a child at one moment the later is told so
        raise ValidationError(meanwhile()) from error


def save_all(batch: ImportBatch, by, sound_rows: bool, progress: Progress) -> int:
    if batch.status != ImportBatch.Status.PREVIEW:
        raise ValidationError(_("The file is still being read."))
    refused = batch.rows.filter(status=Status.REFUSED).count()
    if refused and not sound_rows:
        raise ValidationError(_("%(count)d rows are refused; nothing was saved.") % {"count": refused})
    made = register(batch, by, progress)
    batch.status = ImportBatch.Status.SAVED
    batch.save()
    if not refused:  # the refused rows are given back in the file that was sent
        ImportFile.objects.filter(batch=batch).delete()
    detail = {"rows": made, "refused": refused, "sha256": batch.file_hash, "term": batch.term.slug}
    record(Action.IMPORT, batch, detail=detail)
    return made


def meanwhile() -> str:
    return _("Some of these children were registered meanwhile. Please send the file again.")


def register(batch: ImportBatch, by, progress: Progress) -> int:
    """Write the children of the sound rows with their families, chunk by chunk; return how many."""
    rows = batch.rows.filter(status__in=[Status.NEW, Status.DOUBT]).order_by("pk")
    staged = rows.values_list("values", flat=True).iterator(chunk_size=CHUNK)
    total = rows.count()
    school = next(iter(scope_of(by).schools), None) if by.role == Role.HEAD else None
    made = 0
    while chunk := [thaw(values) for values in islice(staged, CHUNK)]:
        made += register_chunk(batch, chunk, school)
        progress(made, total)
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
