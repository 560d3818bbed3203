"""Does what waits in the queue: a thread of the web process, the command `work`, or at once where it is asked for."""

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
from carebase.jobs import queue
from carebase.jobs.models import Job
from carebase.jobs.progress import ProgressReporter, remove_files
from carebase.jobs.tasks import TASKS, Cancelled, Stopped

State = Job.State
EMBEDDED, PROCESS, INLINE = "embedded", "process", "inline"
POLL_SECONDS = 15  # seconds in which a web process notices what another process has left behind
STOP_TIMEOUT = 5  # seconds that the end of a process waits for its work to roll back
logger = logging.getLogger(__name__)


def run(job: Job, progress: ProgressReporter) -> None:
    """Do a claimed job in the name and the language of who started it; whatever happens is written down."""
    with acting_as(job.by, address=job.address), translation.override(job.language):
        try:
            run_task(job, progress)
        except Cancelled:
            queue.finish(job, State.CANCELLED)
        except ValidationError as error:
            queue.finish(job, State.FAILED, " ".join(error.messages))
        except Stopped:
            queue.requeue(job)
        except (OperationalError, InterfaceError):  # the database went away, or two writers blocked each other
            logger.exception("Job %s broke off", job.code)
            close_broken_connections()  # or what is written next meets them
            queue.requeue(job)
        except queue.LeaseLost:
            logger.warning("Job %s was rolled back: another process does it", job.code)
        except Exception:
            logger.exception("Job %s failed", job.code)
            queue.finish(job, State.FAILED, unexpected_error_message())


def run_task(job: Job, progress: ProgressReporter) -> None:
    task = TASKS[job.kind]
    with transaction.atomic() if task.whole else nullcontext():
        task.run(job, progress)
        progress.check()
        queue.record_result(job, State.DONE)


def close_broken_connections() -> None:
    """Close what no longer answers; a connection whose transaction was opened outside is left to who opened it."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def unexpected_error_message() -> str:
    return _("Something went wrong on this machine, and nothing was saved. It was written down for who looks after it.")


class Worker:
    """One thread's loop over the queue. `leave()` ends it soon, and the job that it does is given back."""

    def __init__(self, look_every: float):
        self.look_every = look_every
        self.woken, self.leaving = threading.Event(), threading.Event()

    def loop(self) -> None:
        while not self.leaving.is_set():
            self.woken.clear()
            try:
                while not self.leaving.is_set() and self.work():
                    pass
            except Exception:  # the database is away: this thread must live to see it come back
                logger.exception("The queue of background work could not be read")
            finally:
                connections.close_all()
            self.woken.wait(self.look_every)

    def work(self) -> bool:
        """Do one job that waits; return whether there was one."""
        job = queue.claim()
        if job is None:
            return False
        with ProgressReporter(job.code, self.leaving.is_set) as progress:
            run(job, progress)
        if not Job.objects.filter(pk=job.pk, state=State.WAITING).exists():
            remove_files(job.code)
        return True

    def leave(self) -> None:
        self.leaving.set()
        self.woken.set()


class EmbeddedWorker:
    """The worker of this web process. Its thread begins when it is needed, so after a server has forked."""

    def __init__(self):
        self.lock, self.thread, self.worker = threading.Lock(), None, None

    def wake(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.worker = Worker(POLL_SECONDS)
                self.thread = threading.Thread(target=self.worker.loop, name="background work", daemon=True)
                self.thread.start()
                atexit.register(self.leave)
            self.worker.woken.set()

    def leave(self) -> None:
        """Let the work in progress roll back, so that the next process need not wait until it seems dead."""
        atexit.unregister(self.leave)
        self.worker.leave()
        self.thread.join(STOP_TIMEOUT)


embedded_worker = EmbeddedWorker()


def wake_worker() -> None:
    """Tell the worker of this process that something waits; elsewhere it looks by itself."""
    if settings.JOBS == EMBEDDED:
        embedded_worker.wake()


def start_on_first_request(**kwargs) -> None:
    """Take up what was left when this process' predecessor ended."""
    request_started.disconnect(dispatch_uid="carebase.jobs")
    wake_worker()


def run_inline(job: Job) -> None:
    """Do a job at once, in the thread and the transaction of who asks for it."""
    job.state, job.attempts = State.RUNNING, 1
    job.started_at = job.at
    job.save()
    run(job, ProgressReporter(job.code))
    job.refresh_from_db()
