"""The questions that the list of children answers: one name each, which tiles and links use too.

Other apps add what only they know ("without a carer"), so that the registry need not know them.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class ListChoice(NamedTuple):
    """A label, and how it narrows a queryset of children."""

    label: str
    narrow: Callable


LISTS: dict[str, ListChoice] = {
    "open": ListChoice(_("all open files"), lambda children: children.open()),
    "unplaced": ListChoice(_("without a class"), lambda children: children.open().unplaced()),
    "closed": ListChoice(_("closed files"), lambda children: children.exclude(closed_on=None)),
}
