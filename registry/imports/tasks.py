"""The background tasks of an import: reading the file, saving the children, undoing."""

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.jobs.models import Job
from carebase.jobs.services import enqueue
from carebase.jobs.tasks import task
from carebase.sheets.guard import SheetError
from registry.imports import staging, undo, writer
from registry.models import ImportBatch

READ, SAVE, UNDO = "import-read", "import-save", "import-undo"


def start_reading(batch: ImportBatch, *, by) -> Job:
    """Start the first reading; if it fails, the user goes back to the upload page."""
    return enqueue(READ, by=by, subject=batch.code, url=batch.get_absolute_url(), back=reverse("import-upload"))


def start_rereading(batch: ImportBatch, *, by) -> Job:
    """Start reading the stored file again; if it fails, the import stays as it is and its columns can be corrected."""
    return enqueue(READ, by=by, subject=batch.code, url=batch.get_absolute_url(), keep=True)


def start_undo(batch: ImportBatch, *, by) -> Job:
    return enqueue(UNDO, by=by, subject=batch.code, url=batch.get_absolute_url())


def start_saving(batch: ImportBatch, *, by, valid_rows: bool) -> Job:
    return enqueue(SAVE, by=by, subject=batch.code, url=batch.get_absolute_url(), valid_rows=valid_rows)


def batch_of_job(job: Job) -> ImportBatch:
    return ImportBatch.objects.get(code=job.subject)


def cancel_unread_batch(job: Job) -> None:
    """Cancel an import that will never be read, as there is no preview to look at."""
    batch = batch_of_job(job)
    if batch.status == ImportBatch.Status.READING and not job.options.get("keep"):
        staging.cancel_batch(batch=batch, by=job.by)


# Not one transaction: reading takes much longer than writing the rows, and others want to save meanwhile.
@task(READ, _("Reading the file"), atomic=False, on_abandon=cancel_unread_batch)
def read_rows(job: Job, progress) -> None:
    try:
        staging.stage_rows(batch_of_job(job), progress=progress)
    except SheetError as error:
        raise ValidationError(str(error)) from error


@task(SAVE, _("Saving the children"))
def save_rows(job: Job, progress) -> None:
    valid_rows = job.options.get(
        "valid_rows", job.options.get("sound_rows")
    )  # the name in jobs queued before the upgrade
    writer.save_batch(batch=batch_of_job(job), by=job.by, valid_rows=valid_rows, progress=progress)


@task(UNDO, _("Undoing the import"))
def undo_import(job: Job, progress) -> None:
    undo.undo_batch(batch=batch_of_job(job), by=job.by, progress=progress)
