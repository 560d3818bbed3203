"""What an app may add to the registry. Each app registers it in its own module `hooks`, which is found by itself.

This module imports nothing of ours, so that whatever calls a hook may import it. The menu and the way back of a page
are not declared here but beside its address: carebase.navigation.page.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Registration(NamedTuple):
    """A registered function; `unless` is a permission whose holders are shown the same elsewhere."""

    call: Callable
    name: str = ""
    label: str = ""
    text: str = ""
    order: int = 0
    permission: str = ""
    unless: str = ""

    def is_for(self, user) -> bool:
        needed = not self.permission or user.has_perm(self.permission)
        return needed and not (self.unless and user.has_perm(self.unless))


class Hook(list[Registration]):
    """Functions in their order. Calling the hook returns the decorator that registers one."""

    def __call__(self, name: str = "", label: str = "", **further) -> Callable[[Callable], Callable]:
        def register(call: Callable) -> Callable:
            self.append(Registration(call, name, label, **further))
            self.sort(key=attrgetter("order"))
            return call

        return register

    def find(self, name: str) -> Registration | None:
        return next((entry for entry in self if entry.name == name), None)

    def run(self, **given) -> None:
        for entry in self:
            entry.call(**given)

    def results_for(self, user, *given) -> list:
        """Return what the functions that are for `user` return, without the empty answers."""
        return [result for entry in self if entry.is_for(user) and (result := entry.call(*given))]


# The page of a child: (child, user) -> a table as carebase.views.table makes it, or None.
child_panel = Hook()
# The list of children: (children) -> the queryset narrowed. The name stands in the list's address (?show=<name>).
child_filter = Hook()
# The papers of a class or a village: (registry.papers.facts.Ask) -> registry.papers.layout.Paper, with a label and a
# sentence on it. The name stands in the address.
document = Hook()
# In the transaction in which a child leaves an office: (transfer=, by=).
on_transfer = Hook()
# In the transaction in which a file is closed: (child=, on=, by=).
on_close = Hook()
# When files are merged: (row). A row goes to the file that stays unless a constraint forbids it; then what is
# registered under its model's label may amend the unsaved row; what still cannot go stays with the closed file.
before_merge = Hook()
# The home page: (office) -> a task, a figure or a list as templates/home.html shows it, or None. The office has the
# user, and counts the files that the user answers for: carebase.reports.home.figures.Office.
home_task, home_figure, home_list = Hook(), Hook(), Hook()

child_filter("open", _("all open files"), order=10)(lambda children: children.open())
child_filter("unplaced", _("without a class"), order=20)(lambda children: children.open().unplaced())
child_filter("closed", _("closed files"), order=30)(lambda children: children.exclude(closed_on=None))
