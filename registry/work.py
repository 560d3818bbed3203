"""The work of keeping the census: one page that leads to each of its lists, with what waits there."""

from collections.abc import Callable
from typing import NamedTuple

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import COUNTED, Scoped
from registry.duplicates.finding import pairs
from registry.models import Child, ComparisonRow, ImportBatch, Transfer
from registry.models import Child, Need
from registry.rounds.completion import awaiting
from registry.closing import proposals
from registry.models import Child


class Work(NamedTuple):
    """A list or a task: its name, a sentence, its page, who may open it, and what waits there (rows or a list)."""

    title: str
    text: str
    page: str
    permission: str
    waiting: Callable | None = None


WORK = (
    Work(
        _("Import a sheet"),
        _("Bring the registration form or a list of children. You see every row before anything is saved."),
        "import-upload",
        "registry.import_child",
    ),
    Work(
        _("Imports"),
        _("Which files were brought, by whom, and what became of them. Previews of yours wait here for your decision."),
        "import-list",
        "registry.import_child",
        lambda user: ImportBatch.objects.sent_by(user).filter(status=ImportBatch.Status.PREVIEW),
    ),
    Work(
        _("Place in classes"),
        _("Pupils of whom no class is known; a teacher sees a child only when its class is."),
        "child-enrol",
        "registry.enrol_child",
        lambda user: Child.objects.visible_to(user).open().unplaced(),
    ),
    Work(
        _("Verification"),
        _("Compare the registry with the school roll or the police household list, and settle what differs."),
        "comparison-list",
        "registry.view_comparison",
        lambda user: ComparisonRow.objects.visible_to(user).unsettled(),
    ),
    Work(
        _("Transfers"),
        _("Children who were offered to your office by another; the file comes when you accept."),
        "transfer-list",
        "registry.change_transfer",
        lambda user: Transfer.objects.offered_to(user).open(),
    ),
    Work(
        _("Perhaps registered twice"),
        _("Files that look like one child's. You compare them, merge them, or say that they are two children's."),
        "duplicate-list",
        "registry.merge_child",
        pairs,
        _("Census rounds"),
        _("Once a term each child is surveyed. The number says how many children still wait for it."),
        "round-list",
        "registry.view_round",
        lambda user: awaiting(Child.objects.visible_to(user)),
    ),
    Work(
        _("Tasks"),
        _("What the surveys found that children need. The number says how many open tasks are yours."),
        "need-list",
        "registry.view_need",
        lambda user: Need.objects.visible_to(user).open().owned_by(user),
        _("Papers"),
        _("Children's files, contact cards, tables and official forms of a class or a village, to print or to send."),
        "paper-list",
        "registry.print_child",
    ),
    Work(
        _("Files to close?"),
        _("Children who turned 16, moved away or left school, or whose parent came back: close the file, or keep it."),
        "closing-list",
        "registry.close_child",
        proposals,
    ),
)


def counted(waiting) -> int:
    """Return how many there are, of rows in the database no more than a person would read."""
    return len(waiting) if isinstance(waiting, list) else waiting.order_by()[: COUNTED + 1].count()


class CensusWork(Scoped):
    """What there is to do so that there is one file per child, up to date."""

    model = Child
    action = "add"

    def get(self, request):
        tasks = [self.task(work) for work in WORK if self.user.has_perm(work.permission)]
        context = {"title": gettext("Census work"), "tasks": tasks}
        return render(request, "registry/census_work.html", context)

    def task(self, work: Work) -> dict:
        count = counted(work.waiting(self.user)) if work.waiting else 0
        shown = gettext("more than %d") % COUNTED if count > COUNTED else str(count or "")
        return {"title": work.title, "text": work.text, "url": reverse(work.page), "count": shown}
