"""Who may do which job, and what becomes of it: every change of a job's state is one conditional statement."""

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
    """The job belongs to another process by now, which took this one for dead; nothing of this run may stay."""


def claim() -> Job | None:
    """Take the job that has waited longest, or None; of several processes one gets it, by the version of its row."""
    requeue_dead()
    for job in Job.objects.filter(state=State.WAITING).select_related("by").order_by("pk")[:10]:
        job.state, job.attempts, job.started_at = State.RUNNING, job.attempts + 1, timezone.now()
        with suppress(StaleRecord):
            job.save()
            return job
    return None


def record_result(job: Job, state: str, message: str = "") -> None:
    """Write what became of the run; raise Lost when the job was given to another meanwhile."""
    with transaction.atomic():
        own = Job.objects.select_for_update().filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts).first()
        if own is None:
            raise LeaseLost(job.code)
        change_state(own, state, message)


def cancel_waiting(job: Job) -> bool:
    """Cancel a job that nobody has taken yet; return whether it was so."""
    with transaction.atomic():
        own = Job.objects.select_for_update().filter(pk=job.pk, state=State.WAITING).first()
        if own:
            change_state(own, State.CANCELLED)
    return bool(own)


def change_state(job: Job, state: str, message: str = "") -> None:
    """Write the new state; what will never be done is tidied up in the same transaction."""
    job.state, job.message = state, message
    job.ended_at = None if job.open else timezone.now()
    job.save()
    if state in ABANDONED_STATES and job.kind in TASKS:
        with acting_as(job.by, address=job.address):
            TASKS[job.kind].given_up(job)


def finish(job: Job, state: str, message: str = "") -> None:
    """Write what became of a run that left nothing behind, unless it is another's by now."""
    with suppress(LeaseLost):
        record_result(job, state, message)


def requeue(job: Job) -> None:
    """Let a job whose run broke off be done again, but not for ever, and not when nobody wants it any more."""
    if progress.cancel_requested(job.code):
        finish(job, State.CANCELLED)
    elif job.attempts < MAX_ATTEMPTS:
        finish(job, State.WAITING)
    else:
        with translation.override(job.language):
            finish(job, State.FAILED, too_many_attempts_message())


def too_many_attempts_message() -> str:
    return _(
        "The work was broken off %(count)d times and has left nothing behind. Please start it once more; if it "
        "happens again, tell whoever looks after this machine."
    ) % {"count": MAX_ATTEMPTS}


def requeue_dead() -> None:
    """Give back what a process had taken that gives no signs any more."""
    for job in Job.objects.filter(state=State.RUNNING):
        if is_dead(job):
            requeue(job)


def is_dead(job: Job) -> bool:
    return job.state == State.RUNNING and (
        progress.seconds_since_heartbeat(job.code, job.started_at.timestamp()) > settings.JOBS_LOST_AFTER
    )
