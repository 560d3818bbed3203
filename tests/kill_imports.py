"""Kill imports at random moments, and show that none is half done: `python tests/kill_imports.py --kills 200`.

A real process reads a sheet and saves its children through the job queue, and is killed by SIGKILL at a moment chosen
by a seeded generator. The database is checked, a second process finishes the work, and the database is checked again.
Each round starts with a copy of the same database: an SQLite file, or with `--database postgres://…` one created on
that server. Exit code 0: no confirmed row was lost, nothing was half saved, and every import finished.
"""

import argparse
import json
import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# Fill an empty database with an import that waits to be read.
PREPARE = """
import io, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
settings.JOBS = "process"
call_command("migrate", verbosity=0)
from carebase.management.workbook import invented_rows, official_form
from registry.imports import staging, tasks
from tests import factories as f
f.village(), f.other_village()
by, form = f.coordinator_of(f.township()), io.BytesIO()
official_form(invented_rows(int(sys.argv[1])), sys.argv[2])
data = open(sys.argv[2], "rb").read()
tasks.start_reading(staging.create_batch(name="form.xlsx", data=data, term=f.term(), by=by), by=by)
"""
# For each database named on stdin, start a process that works off its queue, as `manage.py work` does.
WORK = """
import json, os, sys
import django
django.setup()
from django.conf import settings
from django.db import connection
from carebase.jobs.worker import Worker
from registry.imports import tasks
from registry.models import ImportBatch
settings.JOBS = "process"
def report(word):
    os.write(1, f"{word}\\n".encode())  # unbuffered: half a line of a killed process would merge with the next
while line := sys.stdin.readline():
    if child := os.fork():
        os.waitpid(child, 0)
        report("over")
        continue
    order, worker = json.loads(line), Worker(1)
    connection.settings_dict["NAME"] = order["name"]
    settings.JOBS_ROOT, settings.JOBS_LOST_AFTER = order["jobs"], order["lost_after"]
    report(f"begun {os.getpid()}")
    while worker.work():
        pass
    batch = ImportBatch.objects.get()
    if batch.status == "preview":
        report("read")
        tasks.start_saving(batch, by=batch.by, valid_rows=False)
        while worker.work():
            pass
    batch.refresh_from_db()
    report(batch.status)
    os._exit(0)
"""
COUNTS = {
    "status": "SELECT status FROM registry_importbatch",
    "rows": "SELECT count(*) FROM registry_importrow",
    "files": "SELECT count(*) FROM registry_importfile",
    "children": "SELECT count(*) FROM registry_child",
    "families": "SELECT count(DISTINCT child_id) FROM registry_guardianship",
    "lines": "SELECT count(*) FROM audit_event WHERE model = 'registry.child'",
    "imports": "SELECT count(*) FROM audit_event WHERE action = 'import'",
    "saved": "SELECT count(*) FROM jobs_job WHERE kind = 'import-save' AND state = 'done'",
}
OVER, LONGEST = "over", 120  # seconds that no import of these takes
READING, PREVIEW, SAVED = "reading", "preview", "saved"


def expected_counts(status: str, rows: int) -> dict:
    """Return the counts of an import of so many rows that reached this `status`."""
    children = rows if status == SAVED else 0
    counts = dict.fromkeys(("children", "families", "lines"), children)
    staged = 0 if status == READING else rows
    finished = int(status == SAVED)
    return {"status": status, "rows": staged, "files": 1 - finished, **counts, "imports": finished, "saved": finished}


class Sqlite:
    """Databases in files of a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.base = str(folder / "base.sqlite3")

    def url(self, name: str) -> str:
        return f"sqlite:///{name}"

    def copy(self, number: int) -> str:
        name = str(self.folder / f"round-{number}.sqlite3")
        with closing(sqlite3.connect(self.base)) as source, closing(sqlite3.connect(name)) as target:
            source.backup(target)
        return name

    def count_rows(self, name: str) -> dict:
        with closing(sqlite3.connect(name)) as database:
            for pragma, sound in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                found = database.execute(f"PRAGMA {pragma}").fetchall()
                assert found == sound, found
            database.execute("BEGIN")
            return {what: database.execute(query).fetchone()[0] for what, query in COUNTS.items()}

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


class Postgres:
    """Databases of their own on a server; its user must be allowed to create databases."""

    def __init__(self, url: str):
        self.server = url
        self.base = f"kills_{os.getpid()}"
        self.execute(f'CREATE DATABASE "{self.base}"')

    def url(self, name: str) -> str:
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()

    def execute(self, statement: str) -> None:
        import psycopg2

        with closing(psycopg2.connect(self.server)) as server:
            server.autocommit = True
            server.cursor().execute(statement)

    def copy(self, number: int) -> str:
        name = f"{self.base}_{number}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.base}"')
        return name

    def count_rows(self, name: str) -> dict:
        import psycopg2

        with closing(psycopg2.connect(self.url(name))) as database, database.cursor() as cursor:
            database.set_session(isolation_level="REPEATABLE READ")
            found = {}
            for what, query in COUNTS.items():
                cursor.execute(query)
                found[what] = cursor.fetchone()[0]
            return found

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def start(url: str, folder: Path, script: str, *arguments: str) -> subprocess.Popen:
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "carebase.settings",
        "PYTHONPATH": str(ROOT),
        "JOBS_ROOT": str(folder / "jobs"),
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, env=environment, text=True, bufsize=1, **pipes
    )


class Killer:
    """Rounds of one import each: work, kill, check, finish by another process, check again."""

    def __init__(self, store, folder: Path, rows: int, seed: int):
        self.store, self.folder, self.rows, self.moments = store, folder, rows, random.Random(seed)
        self.found, self.faults, self.kills = Counter(), [], 0
        preparing = start(store.url(store.base), folder, PREPARE, str(rows), str(folder / "form.xlsx"))
        preparing.communicate()
        assert preparing.returncode == 0, "the database could not be prepared"
        self.worker, self.messages = start(store.url(store.base), folder, WORK), queue.SimpleQueue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in self.worker.stdout:
            self.messages.put(line.strip())
        self.messages.put(OVER)

    def work(self, name: str, *, lost_after: float, kill_after: float = LONGEST) -> tuple[list[str], float]:
        """Return the messages of the process before it ended or was killed, and the seconds it took."""
        order = {"name": name, "jobs": str(self.folder / "jobs" / Path(name).name), "lost_after": lost_after}
        self.worker.stdin.write(json.dumps(order) + "\n")
        process = int(self.messages.get(timeout=LONGEST).removeprefix("begun "))
        begun, messages = time.monotonic(), []
        while True:
            try:
                word = self.messages.get(timeout=max(0.0, begun + kill_after - time.monotonic()))
            except queue.Empty:
                assert kill_after < LONGEST, "it does not come to its end"
                kill_after = LONGEST
                with suppress(ProcessLookupError):  # it ended at this very moment
                    os.kill(process, signal.SIGKILL)
                continue
            if word == OVER:
                return messages, time.monotonic() - begun
            messages.append(word)

    def round(self, number: int, longest: float) -> float:
        """Kill once and check the database; return the seconds if the process was too fast to be killed."""
        name = self.store.copy(number)
        try:
            messages, seconds = self.work(name, lost_after=60, kill_after=self.moments.uniform(0, longest))
            found = self.store.count_rows(name)
            self.check(number, messages, found)
            if SAVED in messages:
                return seconds
            self.kills += 1
            self.found[found["status"]] += 1
            self.work(name, lost_after=-1)
            self.compare(number, "after the recovery", self.store.count_rows(name), expected_counts(SAVED, self.rows))
            return longest
        finally:
            self.store.drop(name)

    def check(self, number: int, messages: list[str], found: dict) -> None:
        """Record a fault unless the import is whole, and is as far as the process has reported."""
        least = SAVED if SAVED in messages else PREVIEW if "read" in messages else READING
        order = [READING, PREVIEW, SAVED]
        if order.index(found["status"]) < order.index(least):
            self.faults.append(f"kill {number}: {least} was confirmed, {found['status']} is left")
        self.compare(number, "after the kill", found, expected_counts(found["status"], self.rows))

    def compare(self, number: int, when: str, found: dict, expected: dict) -> None:
        if found != expected:
            self.faults.append(f"kill {number}, {when}: {found} instead of {expected}")

    def run(self, kills: int) -> None:
        name = self.store.copy(0)
        messages, longest = self.work(name, lost_after=60)
        self.compare(0, "without a kill", self.store.count_rows(name), expected_counts(SAVED, self.rows))
        assert messages == ["read", SAVED], messages
        self.store.drop(name)
        rounds = 0
        while self.kills < kills and rounds < 3 * kills and not self.faults:
            rounds += 1
            longest = min(longest, self.round(rounds, longest))

    def close(self) -> None:
        self.worker.stdin.close()
        self.worker.wait()
        self.store.drop(self.store.base)


def kill(kills: int, *, database: str = "", rows: int = 300, seed: int = 34) -> Killer:
    """Return the killer after so many kills on a database of its own; `faults` describe what was wrong."""
    with tempfile.TemporaryDirectory(prefix="carebase-kills-") as name:
        folder = Path(name)
        killer = Killer(Postgres(database) if database else Sqlite(folder), folder, rows, seed)
        try:
            killer.run(kills)
        finally:
            killer.close()
    return killer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=300, help="rows of the sheet")
    parser.add_argument("--seed", type=int, default=34)
    parser.add_argument("--database", default="", help="URL of a PostgreSQL server; SQLite without it")
    options = parser.parse_args()
    begun = time.monotonic()
    killer = kill(options.kills, database=options.database, rows=options.rows, seed=options.seed)
    print(f"{'killed':>8} {'left unread':>12} {'left read':>10} {'left saved':>11} {'faults':>7} {'seconds':>8}")
    left = [killer.found[status] for status in (READING, PREVIEW, SAVED)]
    seconds = time.monotonic() - begun
    print(f"{killer.kills:>8} {left[0]:>12} {left[1]:>10} {left[2]:>11} {len(killer.faults):>7} {seconds:>8.0f}")
    print("\n".join(killer.faults))
    return 0 if killer.kills == options.kills and not killer.faults else 1


if __name__ == "__main__":
    sys.exit(main())
