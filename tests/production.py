"""A server as the README starts it, in production settings and behind a proxy that terminates TLS."""

import base64
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"^\.venv/bin/(waitress-serve .*)$", re.M)
LISTENS = re.compile(r"--listen=(\S+)")
EXAMPLE = re.compile(r"^([A-Z_]+)=(.*)$", re.M)
LOADING = """
import django
django.setup()
from django.core.management import call_command
from carebase.management.demo_data.loader import load_demonstration
call_command("collectstatic", verbosity=0, interactive=False)
call_command("migrate", verbosity=0)
load_demonstration()
"""


ON_THIS_MACHINE = {"PRODUCTION": "0", "ALLOWED_HOSTS": "127.0.0.1"}  # for a browser, which speaks no TLS to us


def key(letter: bytes) -> str:
    return base64.urlsafe_b64encode(letter * 8 + b"0123456789abcdefghijklmn").decode()


def environment(folder: Path, database: str, **changes: str) -> dict[str, str]:
    """Return the settings of `.env.example`, with what it leaves to the one who installs, and `changes`."""
    example = dict(EXAMPLE.findall((ROOT / ".env.example").read_text(encoding="utf-8")))
    return example | {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "carebase.settings",
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": key(b"s") + key(b"t"),
        "FIELD_KEYS": f"k1:{key(b'f')}",
        "INDEX_KEY": key(b"i"),
        "TRAIL_KEY": key(b"a"),
        "DATABASE_URL": database,
        "MEDIA_ROOT": str(folder / "media"),
        "STATIC_ROOT": str(folder / "static"),
        **changes,
    }


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return listener.getsockname()[1]


def serve_command(port: int) -> list[str]:
    """Return the README's command, listening on another port."""
    command = COMMAND.search((ROOT / "README.md").read_text(encoding="utf-8"))[1]
    words = shlex.split(LISTENS.sub(f"--listen=127.0.0.1:{port}", command))
    return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


@contextmanager
def postgres_database(server: str, name: str) -> Iterator[str]:
    """Create a database on the server, drop it at the end; yield its URL."""

    def url(path: str) -> str:
        return urlsplit(server)._replace(path=f"/{path}").geturl()

    def execute(statement: str) -> None:
        with closing(psycopg2.connect(url("postgres"))) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    execute(f'CREATE DATABASE "{name}"')
    try:
        yield url(name)
    finally:
        execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def load(folder: Path, database: str, **changes: str) -> None:
    """Fill the database with the demonstration, as an installation of production has its tables and static files."""
    settings = environment(folder, database, **changes)
    done = subprocess.run([sys.executable, "-c", LOADING], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@contextmanager
def serve(folder: Path, database: str, **changes: str) -> Iterator[tuple[int, Path]]:
    """Start the server; yield its port and its log."""
    port, log = free_port(), folder / "server.log"
    with log.open("wb") as file:
        settings = environment(folder, database, **changes)
        process = subprocess.Popen(serve_command(port), cwd=ROOT, env=settings, stdout=file, stderr=file)
    try:
        wait_until_it_listens(process, port, log)
        yield port, log
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_it_listens(process: subprocess.Popen, port: int, log: Path) -> None:
    for _attempt in range(300):
        assert process.poll() is None, log.read_text()
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not listen")
