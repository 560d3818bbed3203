"""State changes of jobs. Each is one conditional statement, so that of several processes only one succeeds."""

from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.jobs import progress
from carebase.jobs.models import Job
from carebase.jobs.tasks import TASKS
from carebase.models import StaleRecord

MAX_ATTEMPTS = 3
State = Job.State
ABANDONED_STATES = {State.FAILED, State.CANCELLED}


class LeaseLost(Exception):
    """Another process, which took this one for dead, has the job by now; nothing of this run may be kept."""


def claim() -> Job | None:
    """Take the job that has waited longest, if any; the version of its row lets only one process have it."""
    requeue_dead()
    for job in Job.objects.filter(state=State.WAITING).select_related("by").order_by("pk")[:10]:
        job.state, job.attempts, job.started_at = State.RUNNING, job.attempts + 1, timezone.now()
        with suppress(StaleRecord):
            job.save()
            return job
    return None


def record_result(job: Job, state: str, message: str = "") -> None:
    """Save the result of a run; raise LeaseLost when another process has the job by now."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts).first()
        if locked is None:
            raise LeaseLost(job.code)
        change_state(locked, state, message)


def cancel_waiting(job: Job) -> bool:
    """Cancel a job that no process has taken yet; return whether it was."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, state=State.WAITING).first()
        if locked:
            change_state(locked, State.CANCELLED)
    return bool(locked)


def change_state(job: Job, state: str, message: str = "") -> None:
    """Save the new state, and clean up after an abandoned job in the same transaction."""
    job.state, job.message = state, message
    job.ended_at = None if job.open else timezone.now()
    job.save()
    if state in ABANDONED_STATES and job.kind in TASKS:
        with acting_as(job.by, address=job.address):
            TASKS[job.kind].on_abandon(job)


def finish(job: Job, state: str, message: str = "") -> None:
    """Save the result of a run that wrote nothing, unless another process has the job by now."""
    with suppress(LeaseLost):
        record_result(job, state, message)


def requeue(job: Job) -> None:
    """Let an interrupted job run again, up to MAX_ATTEMPTS and unless it was cancelled."""
    if progress.cancel_requested(job.code):
        finish(job, State.CANCELLED)
    elif job.attempts < MAX_ATTEMPTS:
        finish(job, State.WAITING)
    else:
        with translation.override(job.language):
            finish(job, State.FAILED, too_many_attempts_message())


def too_many_attempts_message() -> str:
    return _(
        "The work was interrupted %(count)d times and left nothing behind. Please start it again; if it "
        "happens once more, tell the person who looks after this machine."
    ) % {"count": MAX_ATTEMPTS}


def requeue_dead() -> None:
    for job in Job.objects.filter(state=State.RUNNING):
        if is_dead(job):
            requeue(job)


def is_dead(job: Job) -> bool:
    return job.state == State.RUNNING and (
        progress.seconds_since_heartbeat(job.code, job.started_at.timestamp()) > settings.JOBS_LOST_AFTER
    )
