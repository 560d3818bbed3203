"""Which kinds of long work there are. An app names its own in its module `tasks`."""

from collections.abc import Callable
from dataclasses import dataclass

ProgressCallback = Callable[[int, int], None]  # progress(done, total); raises when the work is to end


def no_progress(done: int, total: int) -> None:
    """Report progress to nobody."""


class Cancelled(Exception):
    """The person who started the work wants it no more; whatever it has written is rolled back."""


class Stopped(Exception):
    """The process is about to end; the work is rolled back and done again by the next one."""


@dataclass(frozen=True)
class Task:
    """`run(job, progress)` does the work and refuses by ValidationError.

    `whole`: it is one transaction together with its being marked as done, so that it happens exactly once. Otherwise
    it writes in transactions of its own, keeps others waiting for less long, and must bear to be run again.
    `given_up(job)` tidies up what waited for work that failed or was cancelled for good.
    """

    run: Callable
    title: str
    whole: bool
    given_up: Callable


TASKS: dict[str, Task] = {}


def do_nothing(job) -> None:
    """Leave everything as it is."""


def task(kind: str, title: str, *, whole: bool = True, given_up: Callable = do_nothing):
    """Register a function as the work of `kind`; `title` (lazy) says in words what is being done."""

    def register(function):
        TASKS[kind] = Task(function, title, whole, given_up)
        return function

    return register
