"""The numbers of the home page: each is the list that it links to, counted no further than a person would read.

The page must not grow with the registry. A question such as "who has not been visited?" reads every file before it
finds the hundredth in a county that cares well; so the page looks through the first five hundred files of an office,
and beyond them it says "at least".
"""

from functools import cached_property

from django.utils.translation import gettext as _

from registry.lists import LISTS
from registry.models import Child

MOST = 99  # a larger number changes nothing about what to do next
LOOKED_THROUGH = 500  # files


def counted(queryset, most: int) -> int:
    """Return how many rows there are, or one more than `most`; reading the keys is cheaper than COUNT over a slice."""
    return len(queryset.order_by().values_list("pk")[: most + 1])


def capped(queryset) -> str:
    """Return how many rows there are, as "99+" beyond MOST."""
    count = counted(queryset, MOST)
    return f"{MOST}+" if count > MOST else str(count)


class Office:
    """The open files that a user answers for, as far as the home page looks through them."""

    def __init__(self, children):
        self.children = children

    @cached_property
    def files(self) -> int:
        """Return the number of open files, no more than one beyond LOOKED_THROUGH."""
        return counted(self.children.open(), LOOKED_THROUGH)

    @property
    def whole(self) -> bool:
        """Whether every file is looked through."""
        return self.files <= LOOKED_THROUGH

    @cached_property
    def looked_through(self):
        """Return the first files as a queryset of their own, so that no plan reads the others."""
        first = self.children.open().order_by().values("pk")[:LOOKED_THROUGH]
        return Child.objects.filter(pk__in=first)

    def number(self, show: str) -> str:
        """Return how many files the children's list holds under `show`; "" when none was found."""
        count = counted(LISTS[show].narrow(self.looked_through), MOST)
        if count > MOST:
            return f"{MOST}+"
        if not count:
            return ""
        return str(count) if self.whole else _("at least %d") % count

    @property
    def total(self) -> str:
        return str(self.files) if self.whole else f"{LOOKED_THROUGH}+"
