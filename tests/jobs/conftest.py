"""Long work to try the queue with."""

import pytest

from carebase.jobs.tasks import TASKS, task
from tests import factories as f


@pytest.fixture
def kinds():
    """Kinds of work that exist in one test only: `kinds(run, whole=True)` registers one and returns its name."""
    names: list[str] = []

    def register(run, *, whole: bool = True) -> str:
        name = f"test-{len(TASKS)}"
        task(name, "Counting sheep", whole=whole)(run)
        names.append(name)
        return name

    yield register
    for name in names:
        del TASKS[name]


@pytest.fixture
def queued(settings):
    """Long work waits in the queue until the test does it."""
    settings.JOBS = "process"


@pytest.fixture
def head():
    return f.head_of(f.school())
