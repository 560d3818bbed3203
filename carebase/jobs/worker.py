"""Runs queued jobs: in a thread of the web process, in the command `work`, or inline within the request."""

import atexit
import logging
import threading
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signals import request_started
from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from carebase.audit.services import seal_if_due
from carebase.jobs import queue
from carebase.jobs.models import Job
from carebase.jobs.progress import ProgressReporter, remove_files
from carebase.jobs.tasks import TASKS, Cancelled, Stopped

State = Job.State
EMBEDDED, PROCESS, INLINE = "embedded", "process", "inline"
POLL_SECONDS = 15  # a web process finds within these what a dead process has left
STOP_TIMEOUT = 5  # seconds that an ending process waits for its job to roll back
logger = logging.getLogger(__name__)


def run(job: Job, progress: ProgressReporter) -> None:
    """Run a claimed job as the user who started it and in their language; save its result, whatever happens."""
    with acting_as(job.by, address=job.address), translation.override(job.language):
        try:
            run_task(job, progress)
        except Cancelled:
            queue.finish(job, State.CANCELLED)
        except ValidationError as error:
            queue.finish(job, State.FAILED, " ".join(error.messages))
        except Stopped:
            queue.requeue(job)
        except (OperationalError, InterfaceError):  # no database, or a deadlock
            logger.exception("Job %s broke off", job.code)
            close_broken_connections()  # or the next query would use them
            queue.requeue(job)
        except queue.LeaseLost:
            logger.warning("Job %s was rolled back: another process does it", job.code)
        except Exception:
            logger.exception("Job %s failed", job.code)
            queue.finish(job, State.FAILED, unexpected_error_message())


def run_task(job: Job, progress: ProgressReporter) -> None:
    task = TASKS[job.kind]
    with transaction.atomic() if task.atomic else nullcontext():
        task.run(job, progress)
        progress.raise_if_ending()
        queue.record_result(job, State.DONE)


def close_broken_connections() -> None:
    """Close unusable connections, except in a transaction that was opened elsewhere."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def unexpected_error_message() -> str:
    return _("Something went wrong on this machine, and nothing was saved. The error was logged for its administrator.")


class Worker:
    """One thread's loop over the queue. `stop()` ends it soon and requeues the job that is running."""

    def __init__(self, poll_seconds: float):
        self.poll_seconds = poll_seconds
        self.wake_event, self.stopping = threading.Event(), threading.Event()

    def loop(self) -> None:
        while not self.stopping.is_set():
            self.wake_event.clear()
            try:
                while not self.stopping.is_set() and self.work():
                    pass
                seal_if_due()
            except Exception:  # the database is away; this thread must outlive that
                logger.exception("The queue of background work could not be read")
            finally:
                connections.close_all()
            self.wake_event.wait(self.poll_seconds)

    def work(self) -> bool:
        """Run one waiting job; return whether there was one."""
        job = queue.claim()
        if job is None:
            return False
        with ProgressReporter(job.code, self.stopping.is_set) as progress:
            run(job, progress)
        if not Job.objects.filter(pk=job.pk, state=State.WAITING).exists():
            remove_files(job.code)
        return True

    def stop(self) -> None:
        self.stopping.set()
        self.wake_event.set()


class EmbeddedWorker:
    """The worker thread of a web process. It starts on demand, so after a server has forked."""

    def __init__(self):
        self.lock, self.thread, self.worker = threading.Lock(), None, None

    def wake(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.worker = Worker(POLL_SECONDS)
                self.thread = threading.Thread(target=self.worker.loop, name="background work", daemon=True)
                self.thread.start()
                atexit.register(self.stop)
            self.worker.wake_event.set()

    def stop(self) -> None:
        """Requeue the running job now, so that the next process need not wait until this one seems dead."""
        atexit.unregister(self.stop)
        self.worker.stop()
        self.thread.join(STOP_TIMEOUT)


embedded_worker = EmbeddedWorker()


def wake_worker() -> None:
    """Wake the worker of this process; workers of other processes poll."""
    if settings.JOBS == EMBEDDED:
        embedded_worker.wake()


def start_on_first_request(**kwargs) -> None:
    request_started.disconnect(dispatch_uid="carebase.jobs")
    wake_worker()


def run_inline(job: Job) -> None:
    """Run a job at once, in the thread and transaction of the caller."""
    job.state, job.attempts = State.RUNNING, 1
    job.started_at = job.at
    job.save()
    run(job, ProgressReporter(job.code))
    job.refresh_from_db()
