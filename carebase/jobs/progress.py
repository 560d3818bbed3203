"""Signs of life of running work: how far it is, that its process lives, and that somebody wants it to end.

They are small files, not columns: on SQLite the work itself locks the database until it is done. Each file has one
writer and is replaced as a whole; processes on several machines share the folder as they share MEDIA_ROOT.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from carebase.jobs.tasks import Cancelled, Stopped

HEARTBEAT_SECONDS = 0.5  # seconds between two signs


def job_file_path(code: str, kind: str) -> Path:
    return Path(settings.JOBS_ROOT) / f"{code}.{kind}"


def replace_file(path: Path, text: str) -> None:
    """Replace a file as a whole; OSError where the disk does not take it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    fresh.write_text(text, encoding="ascii")
    os.replace(fresh, path)


def read_progress(code: str) -> tuple[int, int]:
    """Return (done, total); (0, 0) while nothing is known."""
    try:
        done, total = map(int, job_file_path(code, "progress").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return 0, 0
    return min(done, total), total


def last_heartbeat(code: str) -> float:
    """Return when the process of the work last told that it lives, in seconds since 1970; 0 when it never did."""
    try:
        return job_file_path(code, "progress").stat().st_mtime
    except OSError:
        return 0.0


def request_cancel(code: str) -> None:
    replace_file(job_file_path(code, "cancel"), "")


def cancel_requested(code: str) -> bool:
    return job_file_path(code, "cancel").exists()


def remove_files(code: str) -> None:
    """Remove the signs of work that is over."""
    for kind in ("progress", "cancel"):
        with suppress(OSError):  # a reader may hold it open on Windows; it is small and tells nothing
            job_file_path(code, kind).unlink(missing_ok=True)


class ProgressReporter:
    """What running work calls with (done, total), as often as it likes: a thread of its own gives the signs.

    So a long step that reports nothing is not taken for a crash. Raises Cancelled or Stopped out of the work.
    """

    def __init__(self, code: str, leaving: Callable[[], bool] = lambda: False):
        self.code, self.leaving, self.counts = code, leaving, (0, 0)
        self.reason: type[Exception] | None = None
        self.over = threading.Event()

    def __call__(self, done: int, total: int) -> None:
        self.counts = done, total
        self.check()

    def check(self) -> None:
        if self.reason:
            raise self.reason

    def __enter__(self):
        self.sign()  # what cannot give signs would be taken for dead: that fails at once
        threading.Thread(target=self.beat, name=f"signs of {self.code}", daemon=True).start()
        return self

    def __exit__(self, *error):
        self.over.set()

    def sign(self) -> None:
        replace_file(job_file_path(self.code, "progress"), " ".join(map(str, self.counts)))
        if cancel_requested(self.code):
            self.reason = Cancelled
        elif self.leaving():
            self.reason = Stopped

    def beat(self) -> None:
        while not self.over.wait(HEARTBEAT_SECONDS):
            with suppress(OSError):  # a full disk, a reader on Windows: the next sign may succeed
                self.sign()


def seconds_since_heartbeat(code: str, since: float) -> float:
    """Return the seconds since the last sign of work that began at `since`."""
    return time.time() - max(since, last_heartbeat(code))
