"""What the columns of a sheet are, as a person has told it: kept by the wording of the heading."""

import hashlib
from dataclasses import dataclass

from carebase.sheets import Heading


@dataclass(frozen=True)
class Layout:
    """The key of a heading, and the field of each column, "" for one that is not read."""

    key: str
    names: list[str]


def layout_of(heading: Heading, names: list[str] | None = None) -> Layout:
    """Return the layout of a heading; its key is the SHA-256 of the normalised headings and their groups."""
    width = max((index + 1 for index, text in enumerate(heading.columns) if text), default=0)
    words = [f"{group}\x1f{text}" for group, text in zip(heading.groups, heading.columns, strict=True)][:width]
    return Layout(hashlib.sha256("\x1e".join(words).encode()).hexdigest(), names or [])
