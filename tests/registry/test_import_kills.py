"""An import killed at any moment: what was confirmed is kept, nothing is half saved, and another process continues.

`python tests/kill_imports.py` does the same two hundred times.
"""

import pytest
from django.db import connection

from tests.kill_imports import kill

pytestmark = [pytest.mark.processes, pytest.mark.django_db, pytest.mark.postgres]
KILLS, ROWS = 5, 80


def server() -> str:
    """Return the URL of the PostgreSQL that the tests use; "" stands for SQLite."""
    if connection.vendor == "sqlite":
        return ""
    given = connection.settings_dict
    at = f"{given['HOST']}:{given['PORT'] or 5432}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{at}/{given['NAME']}".replace(":@", "@")


def test_a_killed_import_is_whole_or_absent_and_finishes():
    killer = kill(KILLS, database=server(), rows=ROWS)
    assert killer.faults == []
    assert killer.kills == KILLS
