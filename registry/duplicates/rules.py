"""What other apps know about the merging of two files. They register it, so that the registry need not know them.

The one rule for all: a row goes to the file that stays unless a constraint forbids it; then its app may amend it (the
second of two open pairings is ended); and if it still cannot go, it stays as it is with the file that is closed.
"""

from collections.abc import Callable

_amendments: dict[str, Callable] = {}


def amends(label: str) -> Callable[[Callable], Callable]:
    """Register a function that changes an unsaved row of the model `label` so that it no longer stands in the way."""

    def register(amend: Callable) -> Callable:
        _amendments[label] = amend
        return amend

    return register


def amendment(row) -> Callable | None:
    return _amendments.get(row._meta.label_lower)
