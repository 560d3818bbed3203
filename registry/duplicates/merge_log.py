"""What a merging wrote, row by row, and which rows moved or stayed."""

from registry.snapshots import build_change, row_values


class MergeLog:
    """The rows written so far, in order, each with its values before and after, so that they can be restored."""

    def __init__(self):
        self.before: dict[tuple, dict] = {}
        self.changes: list[dict] = []
        self.moved: list[list[str]] = []
        self.stayed: list[list[str]] = []

    def begin(self, row) -> None:
        """Remember a row before it is changed."""
        self.before[row._meta.label_lower, row.pk] = row_values(row)

    def save(self, row, *, moved: bool = False) -> None:
        row.save()
        self.changes.append(
            build_change(type(row), row.pk, self.before[row._meta.label_lower, row.pk], row_values(row))
        )
        if moved:
            self.moved.append([row._meta.label_lower, str(row)])

    def stay(self, row) -> None:
        self.stayed.append([row._meta.label_lower, str(row)])

    def as_fields(self) -> dict:
        """Return the log as the fields of the record of the merging."""
        return {"changes": self.changes, "moved": self.moved, "stayed": self.stayed}
