"""Hooks by which apps extend the registry. Each app registers functions in its module `hooks`, which is autodiscovered.

This module imports nothing of ours, so that any module may call a hook. Menu entries and parent links are declared with
their URL patterns instead, by `carebase.navigation.page`.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Registration(NamedTuple):
    """A registered function; holders of the permission `unless` see the same elsewhere."""

    call: Callable
    name: str = ""
    label: str = ""
    text: str = ""
    order: int = 0
    permission: str = ""
    unless: str = ""

    def is_for(self, user, about=None) -> bool:
        allowed = not self.permission or user.has_perm(self.permission, about)
        return allowed and not (self.unless and user.has_perm(self.unless))


class Hook(list[Registration]):
    """Registered functions in order. Calling the hook returns the decorator that registers one."""

    def __call__(self, name: str = "", label: str = "", **options) -> Callable[[Callable], Callable]:
        def register(call: Callable) -> Callable:
            self.append(Registration(call, name, label, **options))
            self.sort(key=attrgetter("order"))
            return call

        return register

    def find(self, name: str) -> Registration | None:
        return next((entry for entry in self if entry.name == name), None)

    def run(self, **kwargs) -> None:
        for entry in self:
            entry.call(**kwargs)

    def results_for(self, user, *args, about=None) -> list:
        """Return the results of the functions for `user`, with their permission on `about`, without empty ones."""
        return [result for entry in self if entry.is_for(user, about) and (result := entry.call(*args))]


# The page of a child: (child, user) -> a table from carebase.views.record_table, or None.
child_panel = Hook()
# The list of children: (children) -> the filtered queryset. The name is used in the URL: ?show=<name>.
child_filter = Hook()
# The papers of a class or a village, with a label and a description: (registry.papers.subjects.PaperRequest) ->
# registry.papers.layout.Paper. The name is used in the URL.
document = Hook()
# In the transaction in which a child leaves an office: (transfer=, by=).
on_transfer = Hook()
# In the transaction in which a file is closed: (child=, on=, by=).
on_close = Hook()
# When files are merged: (row). A row moves to the remaining file unless a constraint forbids it; then the function
# registered under its model's label may change the unsaved row. A row that still cannot move stays in the closed file.
before_merge = Hook()
# Before files are merged: (left, right, user) -> list of (text, row of the left file, row of the right one) that may
# record the same, so that whoever merges can leave one of the two in the closed file.
recorded_twice = Hook()
# The home page: (office) -> a task, a figure or a list for templates/home.html, or None. The office has the user, and
# counts the files that they are responsible for: carebase.reports.home.figures.Office.
home_task, home_figure, home_list = Hook(), Hook(), Hook()

child_filter("open", _("all open files"), order=10)(lambda children: children.open())
child_filter("unplaced", _("without a class"), order=20)(lambda children: children.open().unplaced())
child_filter("closed", _("closed files"), order=30)(lambda children: children.exclude(closed_on=None))
