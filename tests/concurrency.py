"""Concurrent users: threads with real transactions on a shared database."""

import sqlite3
import threading
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import connections

DONE = "done"


@contextmanager
def shared_database(folder):
    """Move SQLite's in-memory database to a file, as it locks whole tables between threads; use it after the set-up.

    Other databases are shared as they are.
    """
    original = connections["default"]
    if original.vendor != "sqlite":
        yield
        return
    name = str(folder / "shared.sqlite3")
    target = sqlite3.connect(name)
    original.connection.backup(target)
    target.execute(
        "PRAGMA journal_mode=WAL"
    )  # as after migrations; threads that change to it at once would lock each other out
    target.close()
    connections["default"] = shared = original.copy()
    shared.settings_dict["NAME"] = name
    try:
        yield
    finally:
        shared.close()
        connections["default"] = original


def run_concurrently(functions) -> list[str]:
    """Run each function in a thread, all started by one barrier; return DONE or the error message of each."""
    barrier, outcomes = threading.Barrier(len(functions)), []
    shared = connections["default"]

    def run(function):
        own = connections["default"] = shared.copy()
        try:
            own.ensure_connection()
            barrier.wait(timeout=30)
            function()
            outcomes.append(DONE)
        except ValidationError as error:
            outcomes.append(error.messages[0])
        except Exception as error:  # for the assertion, as an error in a thread is not noticed
            outcomes.append(repr(error))
        finally:
            own.close()

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
