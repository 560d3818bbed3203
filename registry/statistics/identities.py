"""The identities between the columns of the statistics table (表间勾稽关系, standard §2.1 and §2.3), as data.

An error marks its columns and names the missing fact; a warning is printed below the table. The printed R4 adds columns
24 and 25, which makes it false wherever a pupil is of compulsory age: it is disabled here, for a county that insists on
it. R15, that a place is the sum of its parts, concerns tables of several places, and holds in ours because each child
is counted once.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.statistics.columns import annotate_care, counted_in_any

ERROR, WARNING, INFO = "error", "warning", "info"


@dataclass(frozen=True)
class Identity:
    """A rule that the sum of some columns equals, or does not exceed, that of others.

    `lacking` names the facts that are missing where they differ.
    """

    rule: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    lacking: str = ""
    severity: str = ERROR
    at_most: bool = False
    enabled: bool = True

    def holds(self, counts: dict[int, int]) -> bool:
        left, right = sum_columns(self.left, counts), sum_columns(self.right, counts)
        return left <= right if self.at_most else left == right

    def describe(self, counts: dict[int, int]) -> str:
        facts = {"left": column_numbers(self.left), "right": column_numbers(self.right)}
        facts |= {"some": sum_columns(self.left, counts), "others": sum_columns(self.right, counts)}
        if self.at_most:
            return _("Column %(left)s is %(some)s, more than column %(right)s, which is %(others)s.") % facts
        return _("Column %(left)s is %(some)s, but column %(right)s is %(others)s.") % facts


def sum_columns(numbers: tuple[int, ...], counts: dict[int, int]) -> int:
    return sum(counts[number] for number in numbers)


def column_numbers(numbers: tuple[int, ...]) -> str:
    return " + ".join(map(str, numbers))


SEX = gettext_lazy("sex")
IDENTITIES = (
    Identity("R1", (1,), (2, 5, 8), gettext_lazy("an age under 16")),
    Identity("R2", (1,), (11, 12, 13, 14, 15, 16, 17, 18), gettext_lazy("schooling status")),
    Identity("R3", (1,), (19, 20), gettext_lazy("household registered")),
    Identity("R4", (1,), (21, 22, 23), gettext_lazy("physical condition")),
    Identity("R4 as printed", (1,), (21, 22, 23, 24, 25), enabled=False),
    Identity("R5", (1,), (26, 27, 28, 29), gettext_lazy("who looks after the child")),
    Identity("R6", (1,), (30, 31, 32), gettext_lazy("guardianship assessment")),
    Identity("R7", (2,), (3, 4), SEX),
    Identity("R8", (5,), (6, 7), SEX),
    Identity("R9", (8,), (9, 10), SEX),
    Identity("R10", (13, 14), (24, 25), gettext_lazy("boards at school")),
    Identity("R11", (24,), (13, 14), severity=INFO, at_most=True),
    Identity("R12", (28, 29), (32,), severity=WARNING, at_most=True),
    Identity("R13", (18,), (8,), severity=WARNING, at_most=True),
    Identity("R14", (11, 12), (2,), severity=INFO),
)


def broken_identities(counts: dict[int, int], severity: str, identities=IDENTITIES) -> list[Identity]:
    """Return the enabled identities of this severity that do not hold."""
    enabled = [identity for identity in identities if identity.enabled and identity.severity == severity]
    return [identity for identity in enabled if not identity.holds(counts)]


def incomplete_children(children, identity: Identity, on: date):
    """Return the children whom the left side counts and the right side does not: a fact of theirs is missing."""
    children = annotate_care(children, on)
    counted = children.filter(counted_in_any(identity.right, on)).values("pk")
    return children.filter(counted_in_any(identity.left, on)).exclude(pk__in=counted)
