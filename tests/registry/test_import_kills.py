"""An import is killed at any moment: afterwards all of its children are registered, or none."""

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from carebase.management.workbook import invented_rows, official_form

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parent.parent.parent
CHILDREN, KILLS = 500, 10
# Has one process after another confirm the preview in the database that a line of its input names.
CONFIRM = """
import os, sys
import django
django.setup()
from django.db import connection
from registry.imports import service
from registry.models import ImportBatch
while path := sys.stdin.readline().strip():
    if child := os.fork():
        os.waitpid(child, 0)
        print("over", flush=True)
        continue
    connection.settings_dict["NAME"] = path
    batch = ImportBatch.objects.get()
    print("begun", os.getpid(), flush=True)
    service.save(batch=batch, by=batch.by)
    print("saved", flush=True)
    os._exit(0)
"""
# Fills an empty database with a preview of the form.
PREPARE = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from registry.imports import service
from tests import factories as f
f.village(), f.other_village()
by = f.coordinator_of(f.township())
data = open(sys.argv[1], "rb").read()
batch = service.stage(name="form.xlsx", data=data, term=f.term(), by=by)
assert batch.counts["new"] == int(sys.argv[2]), batch.counts
"""


@pytest.fixture
def database(tmp_path):
    """A database file in which a form of 500 children waits for confirmation."""
    form, path = tmp_path / "form.xlsx", tmp_path / "killed.sqlite3"
    official_form(invented_rows(CHILDREN), form)
    start(path, PREPARE, str(form), str(CHILDREN)).communicate()
    return path


@pytest.fixture
def worker(database):
    """The process whose children save; ended with the test."""
    with start(database, CONFIRM) as process:
        yield process
        process.stdin.close()


def start(path: Path, script: str, *arguments: str) -> subprocess.Popen:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{path}",
        "DJANGO_SETTINGS_MODULE": "carebase.settings",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", script, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, bufsize=1, **pipes)


def save(worker: subprocess.Popen, path: Path, kill_after: float = 600) -> tuple[bool, float]:
    """Return whether the save told of its success, and how long it took; kill it some seconds after its beginning."""
    worker.stdin.write(f"{path}\n")
    word, process = worker.stdout.readline().split()
    assert word == "begun"
    begun = time.monotonic()
    if not select.select([worker.stdout], [], [], kill_after)[0]:
        with suppress(ProcessLookupError):  # it ended at this very moment
            os.kill(int(process), signal.SIGKILL)
    told = worker.stdout.readline() == "saved\n"
    assert not told or worker.stdout.readline() == "over\n"
    return told, time.monotonic() - begun


def look(path: Path) -> tuple:
    """Return the batch's status, how many children, guardianships and lines there are, and what SQLite finds wrong."""
    queries = (
        "SELECT status FROM registry_importbatch",
        "SELECT count(*) FROM registry_child",
        "SELECT count(DISTINCT child_id) FROM registry_guardianship",
        "SELECT count(*) FROM audit_event WHERE model = 'registry.child'",
        "PRAGMA integrity_check",
        "SELECT count(*) FROM pragma_foreign_key_check",
    )
    with closing(sqlite3.connect(path)) as database:
        return tuple(database.execute(query).fetchone()[0] for query in queries)


NONE = ("preview", 0, 0, 0, "ok", 0)
ALL = ("saved", CHILDREN, CHILDREN, CHILDREN, "ok", 0)


def test_a_killed_import_has_registered_all_children_or_none(worker, database, tmp_path):
    """Killed at random moments of the time that a save takes; each time a copy of the same database."""
    told, whole = save(worker, copy(database, tmp_path / "whole.sqlite3"))
    assert told and look(tmp_path / "whole.sqlite3") == ALL

    moments, kills = random.Random(34), 0
    for number in range(2 * KILLS):
        path = copy(database, tmp_path / f"{number}.sqlite3")
        told, seconds = save(worker, path, kill_after=moments.uniform(0, whole))
        found = look(path)
        assert found in (NONE, ALL), f"kill {number}"
        assert found == ALL or not told, "what was confirmed is kept"
        if told:
            whole = min(whole, seconds)  # the machine has become faster: the next one dies in time
            continue
        kills += 1
        if kills == KILLS:
            break
    assert kills == KILLS
    assert save(worker, path)[0] or look(path) == ALL, "what was interrupted can be confirmed again"


def copy(database: Path, to: Path) -> Path:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to
