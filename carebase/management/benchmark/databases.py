"""The databases that are measured: demonstrations in a folder of their own, never the one that is configured."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

STORY_CHILDREN = 40  # the fewest children that a demonstration has
FEW, MANY = 1000, 100_000


class ProcessFailed(Exception):
    """A measured process ended before it had told anything; the text is what it said last."""


@dataclass(frozen=True)
class Database:
    """An SQLite file, and the processes that are started on it."""

    file: Path

    def python(self, *arguments: str) -> dict:
        """Return what `subprocess` needs to start Python with `arguments` on this database, not in production."""
        outer = {key: value for key, value in os.environ.items() if key not in {"ALLOWED_HOSTS", "DEBUG"}}
        return {
            "args": [sys.executable, *arguments],
            "cwd": settings.BASE_DIR,
            "env": outer | {"DATABASE_URL": f"sqlite:///{self.file}", "PRODUCTION": "0"},
            "text": True,
            "encoding": "utf-8",
        }

    def run(self, *arguments: str) -> str:
        """Return what a process printed; raise Failed when it did not end well."""
        ended = subprocess.run(**self.python(*arguments), capture_output=True)
        if ended.returncode:
            raise ProcessFailed(ended.stderr.strip()[-2000:])
        return ended.stdout

    def probe(self, *arguments: str) -> dict:
        """Return what carebase.management.benchmark.probe measured."""
        return json.loads(self.run("-m", "carebase.management.benchmark.probe", *arguments))

    @contextmanager
    def served(self) -> Iterator[int]:
        """Serve the application with its floor, and yield the port."""
        process = subprocess.Popen(
            **self.python("-m", "carebase.management.benchmark.server"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise ProcessFailed(process.communicate()[1].strip()[-2000:])
            yield int(port)
        finally:
            process.terminate()
            process.communicate()


def load_database(folder: Path, children: int) -> Database:
    """Return a demonstration of so many children, loaded into `folder` unless it is there already."""
    database = Database(folder / f"carebase-{children}.sqlite3")
    if not database.file.exists():
        loading = Database(folder / f"loading-{children}.sqlite3")
        loading.file.unlink(missing_ok=True)
        loading.run("manage.py", "demo", "--children", str(children), "--no-server")
        loading.file.rename(database.file)
    return database


def copy_database(database: Database, folder: Path, name: str) -> Database:
    """Return a copy that may be written to, so that what is kept stays as it was loaded."""
    return Database(Path(shutil.copyfile(database.file, folder / f"{name}.sqlite3")))


def compared_sizes(children: int) -> tuple[int, int]:
    """Return the small and the large number of children that are compared."""
    many = max(children, STORY_CHILDREN + 1)
    return (FEW if many > FEW else STORY_CHILDREN), many
