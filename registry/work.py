"""The work of keeping the census: one page that leads to each of its lists, with what waits there."""

from collections.abc import Callable
from typing import NamedTuple

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import COUNTED, ScopedView
from registry.models import Child, ComparisonRow, Guardianship, ImportBatch, Need, Transfer
from registry.rounds.completion import awaiting
from registry.rounds.owners import waiting_for


class Work(NamedTuple):
    """A list or a task: its name, a sentence, its page, who may open it, and what waits there (a queryset).

    What is searched for rather than looked up, duplicates and files to close, is counted on its own page.
    """

    title: str
    text: str
    page: str
    permission: str
    waiting: Callable | None = None


WORK = (
    Work(
        _("Children living alone"),
        _("Children under 16 whom nobody looks after: the law forbids it. Report it, and find a guardian."),
        "alone-list",
        "registry.view_guardianship",
        lambda user: Guardianship.objects.visible_to(user).alarming(),
    ),
    Work(
        _("Tasks"),
        _("What the surveys found that children need. The number says how many open tasks are yours or nobody's."),
        "need-list",
        "registry.view_need",
        lambda user: waiting_for(user, Need.objects.visible_to(user).open()),
    ),
    Work(
        _("Transfers"),
        _("Children who were offered to your office by another; the file comes when you accept."),
        "transfer-list",
        "registry.change_transfer",
        lambda user: Transfer.objects.offered_to(user).open(),
    ),
    Work(
        _("Census rounds"),
        _("Once a term each child is surveyed. The number says how many children still wait for it."),
        "round-list",
        "registry.view_round",
        lambda user: awaiting(Child.objects.visible_to(user)),
    ),
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
        _("Perhaps registered twice"),
        _("Files that look like one child's. You compare them, merge them, or say that they are two children's."),
        "duplicate-list",
        "registry.merge_child",
    ),
    Work(
        _("Verification"),
        _("Compare the registry with the school roll or the police household list, and settle what differs."),
        "comparison-list",
        "registry.view_comparison",
        lambda user: ComparisonRow.objects.visible_to(user).unsettled(),
    ),
    Work(
        _("Files to close?"),
        _("Children who turned 16, moved away or left school, or whose parent came back: close the file, or keep it."),
        "closing-list",
        "registry.close_child",
    ),
    Work(
        _("Entrusted care"),
        _("Agreements with carers that are missing, not signed or expired, need a review, or lack a written notice."),
        "entrustment-list",
        "registry.view_guardianship",
        lambda user: Guardianship.objects.visible_to(user).needing_work(),
    ),
    Work(
        _("Place in classes"),
        _("Pupils of whom no class is known; a teacher sees a child only when its class is."),
        "child-enrol",
        "registry.enrol_child",
    ),
    Work(
        _("Papers"),
        _("Children's files, contact cards, tables and official forms of a class or a village, to print or to send."),
        "paper-list",
        "registry.print_child",
    ),
)


class CensusTaskMenuView(ScopedView):
    """What there is to do so that there is one file per child, up to date."""

    model = Child
    action = "add"

    def get(self, request):
        tasks = [self.task(work) for work in WORK if self.user.has_perm(work.permission)]
        context = {"title": gettext("Census work"), "tasks": tasks}
        return render(request, "registry/census_work.html", context)

    def task(self, work: Work) -> dict:
        count = work.waiting(self.user).order_by()[: COUNTED + 1].count() if work.waiting else 0
        shown = gettext("more than %d") % COUNTED if count > COUNTED else str(count or "")
        return {"title": work.title, "text": work.text, "url": reverse(work.page), "count": shown}
