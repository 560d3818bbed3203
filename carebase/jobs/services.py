"""Enqueue, find, cancel and await background jobs."""

import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as, current_actor
from carebase.jobs import progress, queue, worker
from carebase.jobs.models import OPEN_STATES, Job


def enqueue(kind: str, *, by, url: str, back: str = "", subject: str = "", **options) -> Job:
    """Enqueue a job, to start after the open transaction; further arguments become `job.options`.

    It leads to `url` when it is done, else to `back`. A `subject` has one open job, which is returned however often
    somebody clicks; ValidationError when it is another user's.
    """
    job = Job(kind=kind, by=by, url=url, back=back or url, subject=subject, options=options)
    job.address, job.language = current_actor().address, get_language() or settings.LANGUAGE_CODE
    try:
        with acting_as(by), transaction.atomic():
            job.save()
    except IntegrityError:
        return get_open_job(subject, by)
    if settings.JOBS == worker.INLINE:
        worker.run_inline(job)
    else:
        transaction.on_commit(worker.wake_worker)
    return job


def get_open_job(subject: str, by) -> Job:
    job = find_open_job(subject, by)
    if job is None:
        raise ValidationError(_("Someone is working on this at the moment. Please try again in a minute."))
    return job


def find_open_job(subject: str, by) -> Job | None:
    return Job.objects.visible_to(by).filter(subject=subject, state__in=OPEN_STATES).first()


def cancel(job: Job, *, by) -> None:
    """Cancel a waiting job and ask a running one to end; one that has ended stays as it is."""
    with acting_as(by):
        if not queue.cancel_waiting(job) and job.open:
            progress.request_cancel(job.code)


def wait_for(job: Job, seconds: float = 2.0) -> Job:
    """Return the job once it has ended, or after `seconds`: short work then needs no progress page."""
    until, pause = time.monotonic() + seconds, 0.02
    while job.open and time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
        job.refresh_from_db()
    return job
