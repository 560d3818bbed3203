"""The log of a merge: what it wrote row by row, and which rows moved or stayed."""

from registry.snapshots import build_change, row_values


class MergeLog:
    """The rows written so far in order, with their values before and after, in the shape of registry.snapshots."""

    def __init__(self):
        self.before: dict[tuple, dict] = {}
        self.changes: list[dict] = []
        self.moved: list[list[str]] = []
        self.stayed: list[list[str]] = []

    def remember(self, row) -> None:
        """Take the values of a row before it is changed."""
        self.before[row._meta.label_lower, row.pk] = row_values(row)

    def save(self, row, *, moved: bool = False) -> None:
        row.save()
        before = self.before[row._meta.label_lower, row.pk]
        self.changes.append(build_change(type(row), row.pk, before, row_values(row)))
        if moved:
            self.moved.append([row._meta.label_lower, str(row)])

    def record_stayed(self, row) -> None:
        self.stayed.append([row._meta.label_lower, str(row)])

    def as_fields(self) -> dict:
        return {"changes": self.changes, "moved": self.moved, "stayed": self.stayed}
