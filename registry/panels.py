"""What other apps show on a child's page. They register a panel, so that the registry need not know them."""

from collections.abc import Callable

_panels: list[tuple[int, Callable]] = []


def panel(order: int) -> Callable[[Callable], Callable]:
    """Register a function `(child, user) -> dict | None` that returns a table as carebase.views.table makes it."""

    def register(show: Callable) -> Callable:
        _panels.append((order, show))
        _panels.sort(key=lambda entry: entry[0])
        return show

    return register


def panels_of(child, user) -> list[dict]:
    """Return the panels that `user` may see of `child`, in order."""
    return [shown for _order, show in _panels if (shown := show(child, user))]
