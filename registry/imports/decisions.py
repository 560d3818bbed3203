"""What becomes of possible duplicates: a person says of each whether it is another child or the same."""

from django.db import transaction
from django.db.models import Count

from registry.imports.staging import lock_unsaved
from registry.models import ImportBatch, ImportRow

Decision, Status = ImportRow.Decision, ImportRow.Status


def save_decisions(*, batch: ImportBatch, decisions: dict[int, str], every: str = "") -> None:
    """Keep what was decided of possible duplicates by their keys, or of `every` one of the preview.

    "same" needs a file that the importer may see; where there is none, the row keeps what was decided before.
    Raises ValidationError when the preview was saved or cancelled.
    """
    with transaction.atomic():
        rows = lock_unsaved(batch).rows.filter(status=Status.DUPLICATE)
        for decision in Decision.values:
            chosen = rows.filter(pk__in=[key for key, said in decisions.items() if said == decision])
            filter_decidable(chosen, decision).update(decision=decision)
        if every in Decision.values:
            filter_decidable(rows, every).update(decision=every)


def filter_decidable(rows, decision: str):
    return rows.exclude(child=None) if decision == Decision.SAME else rows


def count_outcomes(batch: ImportBatch) -> dict[str, int]:
    """Return how many rows would be "new", "changed", "unchanged" or "out" when the preview is saved now."""
    found = {"new": 0, "changed": 0, "unchanged": 0, "out": 0}
    kinds = batch.rows.order_by().values_list("status", "decision").annotate(Count("pk"))
    for status, decision, count in kinds:
        does = ImportRow(status=status, decision=decision).does()
        found[does or ("unchanged" if status == Status.UNCHANGED else "out")] += count
    return found
