"""Which tests run on PostgreSQL too: what may come out otherwise there says so with the mark `postgres`."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
# Real transactions, threads, what only the database refuses, and SQL of one's own.
MAY_DIFFER = re.compile(
    r"transaction=True|run_concurrently\(|IntegrityError|select_for_update\(|\.cursor\(\)|connection\.vendor"
)
WALKS = {"test_access.py", "test_admin_matrix.py", "test_query_counts.py"}


def test_what_may_differ_on_postgresql_is_marked():
    sources = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}
    differing = {path for path, text in sources.items() if path.name in WALKS or MAY_DIFFER.search(text)}
    differing -= {Path(__file__)}
    assert len(differing) > 20
    assert not [path.name for path in differing if "mark.postgres" not in sources[path]]
