"""The register of background tasks. Each app registers its own in its module `tasks`."""

from collections.abc import Callable
from dataclasses import dataclass

ProgressCallback = Callable[[int, int], None]  # progress(done, total); raises when the work must end


def no_progress(done: int, total: int) -> None:
    """Report progress to nobody."""


class Cancelled(Exception):
    """The user cancelled the job; its transaction is rolled back."""


class Stopped(Exception):
    """The process is about to end; the job is rolled back and run again by the next one."""


@dataclass(frozen=True)
class Task:
    """`run(job, progress)` does the work, and raises ValidationError to refuse it.

    `atomic`: the work and its state "done" are one transaction, so that it happens exactly once. Otherwise it commits
    in steps, blocks others for less long, and must tolerate to be run again.
    `on_abandon(job)` cleans up after a job that failed or was cancelled for good.
    """

    run: Callable
    title: str
    atomic: bool
    on_abandon: Callable


TASKS: dict[str, Task] = {}


def do_nothing(job) -> None:
    """Default for `on_abandon`."""


def task(kind: str, title: str, *, atomic: bool = True, on_abandon: Callable = do_nothing):
    """Register a function as the task `kind`; its page shows the lazy `title`."""

    def register(function):
        TASKS[kind] = Task(function, title, atomic, on_abandon)
        return function

    return register
