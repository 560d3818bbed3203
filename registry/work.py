"""The work of keeping the census: one page that leads to each of its lists, with what waits there."""

from collections.abc import Callable
from typing import NamedTuple

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import COUNTED, Scoped
from registry.models import Child, ImportBatch


class Work(NamedTuple):
    """A list or a task: its name, a sentence, its page, who may open it, and what waits there (a queryset)."""

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
)


class CensusWork(Scoped):
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
