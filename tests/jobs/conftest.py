"""Tasks and settings to test the queue with."""

import pytest

from carebase.jobs.tasks import TASKS, task
from tests import factories as f


@pytest.fixture
def kinds():
    """Tasks that exist in one test only: `kinds(run, atomic=True)` registers one and returns its kind."""
    names: list[str] = []

    def register(run, *, atomic: bool = True) -> str:
        name = f"test-{len(TASKS)}"
        task(name, "Counting sheep", atomic=atomic)(run)
        names.append(name)
        return name

    yield register
    for name in names:
        del TASKS[name]


@pytest.fixture
def queued(settings):
    """Jobs wait in the queue until the test runs them."""
    settings.JOBS = "process"


@pytest.fixture
def head():
    return f.head_of(f.school())
