"""The measured databases: demonstrations in a folder of their own, never the configured database."""

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
    """A measured process failed; the message is the end of its output."""


@dataclass(frozen=True)
class Database:
    file: Path

    def python(self, *arguments: str) -> dict:
        """Return the `subprocess` arguments to run Python on this database, not in production."""
        environment = {key: value for key, value in os.environ.items() if key not in {"ALLOWED_HOSTS", "DEBUG"}}
        return {
            "args": [sys.executable, *arguments],
            "cwd": settings.BASE_DIR,
            "env": environment | {"DATABASE_URL": f"sqlite:///{self.file}", "PRODUCTION": "0"},
            "text": True,
            "encoding": "utf-8",
        }

    def run(self, *arguments: str) -> str:
        """Return the output of a process; raise ProcessFailed if it fails."""
        result = subprocess.run(**self.python(*arguments), capture_output=True)
        if result.returncode:
            raise ProcessFailed(result.stderr.strip()[-2000:])
        return result.stdout

    def probe(self, *arguments: str) -> dict:
        return json.loads(self.run("-m", "carebase.management.benchmark.probe", *arguments))

    @contextmanager
    def serve(self) -> Iterator[int]:
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
    database = Database(folder / f"carebase-{children}.sqlite3")
    if not database.file.exists():
        loading = Database(folder / f"loading-{children}.sqlite3")
        loading.file.unlink(missing_ok=True)
        loading.run("manage.py", "demo", "--children", str(children), "--no-server")
        loading.file.rename(database.file)
    return database


def copy_database(database: Database, folder: Path, name: str) -> Database:
    """Return a copy to write to, so that the loaded database stays as it is."""
    return Database(Path(shutil.copyfile(database.file, folder / f"{name}.sqlite3")))


def compared_sizes(children: int) -> tuple[int, int]:
    many = max(children, STORY_CHILDREN + 1)
    return (FEW if many > FEW else STORY_CHILDREN), many
