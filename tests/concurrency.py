"""Several people at the same instant: threads with real transactions on a database that they really share."""

import sqlite3
import threading
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import connections

DONE = "done"


@contextmanager
def shared_database(folder):
    """Move to a file: SQLite's memory database, where tests live, locks whole tables between threads. Use after set-up.

    Elsewhere the test database is shared as it is.
    """
    before = connections["default"]
    if before.vendor != "sqlite":
        yield
        return
    name = str(folder / "shared.sqlite3")
    target = sqlite3.connect(name)
    before.connection.backup(target)
    target.execute("PRAGMA journal_mode=WAL")  # as a migrated database is; changing to it at once would lock others out
    target.close()
    connections["default"] = moved = before.copy()
    moved.settings_dict["NAME"] = name
    try:
        yield
    finally:
        moved.close()
        connections["default"] = before


def run_concurrently(acts) -> list[str]:
    """Run each act in a thread of its own, all let go by one gate; return DONE or the sentence of refusal of each."""
    gate, outcomes = threading.Barrier(len(acts)), []
    shared = connections["default"]

    def run(act):
        own = connections["default"] = shared.copy()
        try:
            own.ensure_connection()
            gate.wait(timeout=30)
            act()
            outcomes.append(DONE)
        except ValidationError as error:
            outcomes.append(error.messages[0])
        except Exception as error:  # told in the assertion, instead of by a thread that nobody hears
            outcomes.append(repr(error))
        finally:
            own.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
