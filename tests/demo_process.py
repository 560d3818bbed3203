"""The demonstration in a process and database of its own, for tests that need the real command or a real server."""

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
    """Return what `subprocess.run` or `Popen` needs to start `manage.py` with `arguments` on this database."""
    outer = {key: value for key, value in os.environ.items() if key not in {"PRODUCTION", "ALLOWED_HOSTS", "DEBUG"}}
    return {
        "args": [sys.executable, "manage.py", *arguments],
        "cwd": ROOT,
        "env": outer | {"DATABASE_URL": f"sqlite:///{database}"} | environment,
        "text": True,
        "encoding": "utf-8",
    }


def run_manage(database: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(**manage_command(database, *arguments, **environment), capture_output=True, timeout=120)


@contextmanager
def serve_demo(database: Path, *arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """Serve the demonstration on a free port; yield its address, ending in "/", and the process."""
    wanted = manage_command(database, "demo", "--port", "0", *arguments, **environment)
    process = subprocess.Popen(**wanted, stdout=subprocess.PIPE)
    try:
        yield next(found[0] for line in process.stdout if (found := ADDRESS.search(line))), process
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
