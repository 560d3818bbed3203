"""Progress, heartbeat and cancel requests of running jobs.

These are small files, not columns: on SQLite the work locks the database until it is done. Each file has one writer and
is replaced as a whole; processes on several machines share the folder as they share MEDIA_ROOT.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from carebase.jobs.tasks import Cancelled, Stopped

HEARTBEAT_SECONDS = 0.5


def job_file_path(code: str, kind: str) -> Path:
    return Path(settings.JOBS_ROOT) / f"{code}.{kind}"


def replace_file(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    fresh.write_text(text, encoding="ascii")
    os.replace(fresh, path)


def read_progress(code: str) -> tuple[int, int]:
    """Return (done, total), or (0, 0) while nothing is known."""
    try:
        done, total = map(int, job_file_path(code, "progress").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return 0, 0
    return min(done, total), total


def last_heartbeat(code: str) -> float:
    """Return the time of the last heartbeat in seconds since 1970, or 0 if there was none."""
    try:
        return job_file_path(code, "progress").stat().st_mtime
    except OSError:
        return 0.0


def request_cancel(code: str) -> None:
    replace_file(job_file_path(code, "cancel"), "")


def cancel_requested(code: str) -> bool:
    return job_file_path(code, "cancel").exists()


def remove_files(code: str) -> None:
    for kind in ("progress", "cancel"):
        with suppress(OSError):  # a reader may hold it open on Windows
            job_file_path(code, kind).unlink(missing_ok=True)


class ProgressReporter:
    """Called by running work with (done, total), as often as it likes; raises Cancelled or Stopped when it must end.

    A thread of its own writes the heartbeat, so that a long step without reports is not taken for a crash.
    """

    def __init__(self, code: str, is_stopping: Callable[[], bool] = lambda: False):
        self.code, self.is_stopping, self.counts = code, is_stopping, (0, 0)
        self.end_reason: type[Exception] | None = None
        self.finished = threading.Event()

    def __call__(self, done: int, total: int) -> None:
        self.counts = done, total
        self.raise_if_ending()

    def raise_if_ending(self) -> None:
        if self.end_reason:
            raise self.end_reason

    def __enter__(self):
        self.write_heartbeat()  # without one the job would be taken for dead, so an error is raised at once
        threading.Thread(target=self.heartbeat_loop, name=f"heartbeat of {self.code}", daemon=True).start()
        return self

    def __exit__(self, *error):
        self.finished.set()

    def write_heartbeat(self) -> None:
        replace_file(job_file_path(self.code, "progress"), " ".join(map(str, self.counts)))
        if cancel_requested(self.code):
            self.end_reason = Cancelled
        elif self.is_stopping():
            self.end_reason = Stopped

    def heartbeat_loop(self) -> None:
        while not self.finished.wait(HEARTBEAT_SECONDS):
            with suppress(OSError):  # a full disk, a reader on Windows: the next heartbeat may succeed
                self.write_heartbeat()


def seconds_since_heartbeat(code: str, since: float) -> float:
    return time.time() - max(since, last_heartbeat(code))
