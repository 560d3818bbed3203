"""The decisions on possible duplicates: another child, the same child, or left out."""

from django.db import transaction
from django.db.models import Count

from registry.imports.staging import lock_unsaved
from registry.models import ImportBatch, ImportRow

Decision, Status = ImportRow.Decision, ImportRow.Status


def save_decisions(*, batch: ImportBatch, decisions: dict[int, str], every: str = "") -> None:
    """Save decisions on possible duplicates by the keys of their rows, or one for `every` of them.

    "same" needs a file that the importer may see; without one, the row keeps its decision.
    Raises ValidationError when the preview was saved or cancelled.
    """
    with transaction.atomic():
        rows = lock_unsaved(batch).rows.filter(status=Status.DUPLICATE)
        for decision in Decision.values:
            chosen = rows.filter(pk__in=[key for key, value in decisions.items() if value == decision])
            filter_decidable(chosen, decision).update(decision=decision)
        if every in Decision.values:
            filter_decidable(rows, every).update(decision=every)


def filter_decidable(rows, decision: str):
    return rows.exclude(child=None) if decision == Decision.SAME else rows


def count_outcomes(batch: ImportBatch) -> dict[str, int]:
    """Return how many rows are "new", "changed", "unchanged" or "out" if the preview is saved now."""
    outcomes = {"new": 0, "changed": 0, "unchanged": 0, "out": 0}
    groups = batch.rows.order_by().values_list("status", "decision").annotate(Count("pk"))
    for status, decision, count in groups:
        outcome = ImportRow(status=status, decision=decision).does()
        outcomes[outcome or ("unchanged" if status == Status.UNCHANGED else "out")] += count
    return outcomes
