"""The numbers of the home page: each is the list that it links to, counted no further than a person would read.

The page must not grow with the registry. A question such as "who has not been visited?" reads every file before it
finds the hundredth in a county that cares well; so the page looks through the first five hundred files of an office,
and beyond them it says "at least".
"""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.access import scope_of, within
from registry.hooks import child_filter
from registry.models import Child

MAX_COUNT = 99  # a larger number changes nothing about what to do next
MAX_FILES = 500  # files


def task_entry(title: str, text: str, url: str, label: str, count: str = "", kind: str = "") -> dict:
    return {"title": title, "text": text, "url": url, "label": label, "count": count, "kind": kind}


def count_up_to(queryset, most: int) -> int:
    """Return how many rows there are, or one more than `most`; reading the keys is cheaper than COUNT over a slice."""
    return len(queryset.order_by().values_list("pk")[: most + 1])


def capped_count(queryset) -> str:
    """Return how many rows there are, as "99+" beyond MOST."""
    count = count_up_to(queryset, MAX_COUNT)
    return f"{MAX_COUNT}+" if count > MAX_COUNT else str(count)


class Office:
    """The open files that a user answers for, as far as the home page looks through them."""

    def __init__(self, children, user=None):
        self.children, self.user = children, user

    @classmethod
    def of(cls, user) -> "Office":
        """Return the files that the user may open, or else those of their places, which are only counted."""
        if user.has_perm("registry.view_child"):
            return cls(Child.objects.visible_to(user), user)
        return cls(Child.objects.filter(within(scope_of(user).spans, "village")), user)

    @cached_property
    def files(self) -> int:
        """Return the number of open files, no more than one beyond LOOKED_THROUGH."""
        return count_up_to(self.children.open(), MAX_FILES)

    @property
    def whole(self) -> bool:
        """Whether every file is looked through."""
        return self.files <= MAX_FILES

    @cached_property
    def first_files(self):
        """Return the first files as a queryset of their own, so that no plan reads the others."""
        first = self.children.open().order_by().values("pk")[:MAX_FILES]
        return Child.objects.filter(pk__in=first)

    def number(self, show: str) -> str:
        """Return how many files the children's list holds under `show`; "" when none was found."""
        count = count_up_to(child_filter.find(show).call(self.first_files), MAX_COUNT)
        if count > MAX_COUNT:
            return f"{MAX_COUNT}+"
        if not count:
            return ""
        return str(count) if self.whole else _("at least %d") % count

    @property
    def total(self) -> str:
        return str(self.files) if self.whole else f"{MAX_FILES}+"

    def task_of(self, show: str, title: str, text: str) -> dict | None:
        """Return the task of a list of children; None when it was looked through wholly and holds nobody."""
        number = self.number(show)
        if not number and self.whole:
            return None
        url = f"{reverse('child-list')}?show={show}"
        return task_entry(title, text, url, _("Show these children"), number, "warn" if number else "")

    def figure_of(self, show: str) -> dict:
        """Return the number of a list of children, which leads nowhere."""
        number = self.number(show) or ("0" if self.whole else _("none among the first"))
        return {"label": child_filter.find(show).label, "value": number}
