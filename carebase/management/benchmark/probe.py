"""One measurement, printed as JSON: `python -m carebase.management.benchmark.probe KIND …`.

Each runs in a process of its own, because a process never returns all the memory that it once used.
"""

import json
import os
import sys
import time
from pathlib import Path

STATUS = Path("/proc/self/status")
MEBI = 1024**2
COUNTY = "990101000000"  # the whole demonstration


def peak_memory() -> float | None:
    """Return the peak memory of this process in MB, or None where there is no /proc.

    Not from getrusage, which starts with the peak of the parent process.
    """
    if not STATUS.exists():
        return None
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / MEBI


def idle() -> dict:
    """Measure the memory of a process that has imported what the others need, and read one row."""
    from carebase.reports.term import report  # noqa: F401
    from registry.imports import staging, writer  # noqa: F401
    from registry.models import Term

    Term.objects.current()
    return {}


def report(output: str) -> dict:
    """Write the term report of the county; `queries` counts those that read children."""
    from django.core.management import call_command
    from django.db import connection

    from registry.models import Term

    queries = []

    def count(execute, sql, *arguments):
        queries.append(sql)
        return execute(sql, *arguments)

    start = time.perf_counter()
    with connection.execute_wrapper(count), open(os.devnull, "w") as nowhere:
        call_command("term_report", term=Term.objects.current().slug, division=COUNTY, output=output, stdout=nowhere)
    seconds = time.perf_counter() - start
    with open(output, "rb") as file:
        rows = sum(1 for _line in file) - 1
    return {"rows": rows, "seconds": seconds, "queries": sum('FROM "registry_child"' in sql for sql in queries)}


def census(file: str) -> dict:
    from carebase.accounts.models import User
    from registry.imports import staging, writer
    from registry.models import Term

    by, data = User.objects.get(username="coordinator"), Path(file).read_bytes()
    start = time.perf_counter()
    batch = staging.stage_file(name="census.xlsx", data=data, term=Term.objects.current(), by=by)
    staged = time.perf_counter()
    saved = writer.save_batch(batch=batch, by=by)
    return {
        "rows": batch.rows.count(),
        "saved": saved,
        "preview": staged - start,
        "seconds": time.perf_counter() - staged,
    }


def raw(file: str) -> dict:
    """Read the same sheet and insert its cells as they are, as a lower limit for any import."""
    from django.db import connection, transaction
    from python_calamine import CalamineWorkbook

    start = time.perf_counter()
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    names = ", ".join(f"c{number}" for number in range(len(rows[0])))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_cells ({names})")
        cursor.executemany(f"INSERT INTO bench_cells VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
    return {"rows": len(rows), "seconds": time.perf_counter() - start}


def trail() -> dict:
    """Hash lines of the audit trail as when they are written, and compute the root of all as when they are sealed."""
    from carebase.audit.leaves import LEAF_FIELDS, canonical_row
    from carebase.audit.merkle import Frontier, hash_leaf
    from carebase.audit.models import Event
    from carebase.audit.services import leaf_chunks, newest_event

    lines, frontier = list(Event.objects.values_list(*LEAF_FIELDS)[:20_000]), Frontier()
    start = time.process_time()
    for line in lines:
        hash_leaf(canonical_row(*line))
    hashed = time.process_time()
    for leaves in leaf_chunks(0, newest_event()):
        frontier.extend(leaves)
    return {"hash": (hashed - start) / len(lines), "root": (time.process_time() - hashed) / frontier.size}


PROBES = {probe.__name__: probe for probe in (idle, report, census, raw, trail)}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carebase.settings")
    import django

    django.setup()
    kind, *arguments = sys.argv[1:]
    print(json.dumps(PROBES[kind](*arguments) | {"memory": peak_memory()}))


if __name__ == "__main__":
    main()
