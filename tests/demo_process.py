"""Runs the demonstration in a process and database of its own, for tests of the command or of a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = re.compile(r"http://[\d.:]+/")
ROOT = Path(__file__).resolve().parent.parent


def manage_command(database: Path, *arguments: str, **environment: str) -> dict:
    """Return the `subprocess` arguments to run `manage.py` on this database."""
    inherited = {key: value for key, value in os.environ.items() if key not in {"PRODUCTION", "ALLOWED_HOSTS", "DEBUG"}}
    return {
        "args": [sys.executable, "manage.py", *arguments],
        "cwd": ROOT,
        "env": inherited | {"DATABASE_URL": f"sqlite:///{database}"} | environment,
        "text": True,
        "encoding": "utf-8",
    }


def run_manage(database: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(**manage_command(database, *arguments, **environment), capture_output=True, timeout=120)


@contextmanager
def serve_demo(database: Path, *arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """Serve the demonstration on a free port; yield its address, ending in "/", and the process."""
    command = manage_command(database, "demo", "--port", "0", *arguments, **environment)
    process = subprocess.Popen(**command, stdout=subprocess.PIPE)
    try:
        yield next(match[0] for line in process.stdout if (match := ADDRESS.search(line))), process
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
