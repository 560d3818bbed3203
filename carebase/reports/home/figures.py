"""The numbers of the home page: each is the number of rows of the list that it links to.

The page must not get slower with the registry. Where most children are visited, finding the unvisited ones would read
every file; so the page searches only the first MAX_FILES files of an office, and says "at least" beyond them.
"""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from carebase.views import MAX_COUNT, count_text, count_up_to
from registry.access import scope_of, within
from registry.hooks import child_filter
from registry.models import Child

MAX_FILES = 500


def task_entry(title: str, text: str, url: str, label: str, count: str = "", kind: str = "") -> dict:
    return {"title": title, "text": text, "url": url, "label": label, "count": count, "kind": kind}


class Office:
    """The open files of a user's office, as far as the home page searches them."""

    def __init__(self, children, user=None):
        self.children, self.user = children, user

    @classmethod
    def of(cls, user) -> "Office":
        """Return the office with the files that the user may open, or else those of their places, to be counted."""
        if user.has_perm("registry.view_child"):
            return cls(Child.objects.visible_to(user), user)
        return cls(Child.objects.filter(within(scope_of(user).spans, "village")), user)

    @cached_property
    def files(self) -> int:
        """Return the number of open files, at most one more than a list counts."""
        return count_up_to(self.children.open(), MAX_COUNT)

    @property
    def is_complete(self) -> bool:
        return self.files <= MAX_FILES

    @cached_property
    def first_files(self):
        """Return the first MAX_FILES files as a queryset of their own, so that no query plan reads the others."""
        first = self.children.open().order_by().values("pk")[:MAX_FILES]
        return Child.objects.filter(pk__in=first)

    def number(self, show: str) -> str:
        """Return the number of files under the child filter `show`; "" when none was found."""
        count = child_filter.find(show).call(self.first_files).count()
        if not count:
            return ""
        return str(count) if self.is_complete else _("at least %d") % count

    @property
    def total(self) -> str:
        return count_text(self.files)

    def task_of(self, show: str, title: str, text: str) -> dict | None:
        """Return the task of a list of children; None when all files were searched and none was found."""
        number = self.number(show)
        if not number and self.is_complete:
            return None
        url = f"{reverse('child-list')}?show={show}"
        return task_entry(title, text, url, _("Show these children"), number, "warn" if number else "")

    @staticmethod
    def task_of_rows(rows, title: str, text: str, url: str, label: str) -> dict | None:
        """Return the task of other rows than children; None without any."""
        count = count_up_to(rows, MAX_COUNT)
        return task_entry(title, text, url, label, count_text(count), "warn") if count else None

    def figure_of(self, show: str) -> dict:
        number = self.number(show) or ("0" if self.is_complete else _("none found so far"))
        return {"label": child_filter.find(show).label, "value": number}
