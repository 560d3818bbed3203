"""The menu of the census tasks, each with the number of items that are waiting."""

from collections.abc import Callable
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.navigation import PAGES
from carebase.views import MAX_COUNT, count_text, count_up_to
from registry.models import Child, Comparison, Guardianship, ImportBatch, Need, Transfer
from registry.rounds.completion import awaiting_survey


class CensusTask(NamedTuple):
    """A page of the census work, a sentence, its permission, and a function (user, permission) -> waiting items.

    `listed` is the address of the list of these items, where it is not what the page shows at first. Duplicates and
    files to close are not counted here, because they take a search.
    """

    page: str
    text: str
    permission: str
    waiting: Callable | None = None
    listed: tuple[str, str] | None = None  # page, filter

    def entry(self, user) -> dict:
        """Return the entry of the template registry/census_work.html."""
        count = count_up_to(self.waiting(user, self.permission), MAX_COUNT) if self.waiting else 0
        page, query = self.listed or (self.page, "")
        return {
            "title": PAGES[self.page].title,
            "text": self.text,
            "url": reverse(self.page),
            "count": count_text(count) if count else "",
            "count_url": reverse(page) + query,
        }


TASKS = (
    CensusTask(
        "alone-list",
        _("Children under 16 whom nobody looks after: the law forbids it. Report it, and find a guardian."),
        "registry.view_guardianship",
        lambda *whose: Guardianship.objects.permitted_to(*whose).living_alone(),
    ),
    CensusTask(
        "need-list",
        _("Needs of children found in the surveys. The number counts the open tasks assigned to you or nobody."),
        "registry.view_need",
        lambda user, permission: Need.objects.permitted_to(user, permission).open().waiting_for(user),
    ),
    CensusTask(
        "transfer-list",
        _("Children offered to your office by another; the file arrives when you accept."),
        "registry.change_transfer",
        lambda user, _permission: Transfer.objects.answerable_by(user),
        ("transfer-list", "?state=waiting"),
    ),
    CensusTask(
        "referral-list",
        _("Which children were referred to a counsellor, by whom and since when. A child is referred from its file."),
        "registry.add_referral",
    ),
    CensusTask(
        "round-list",
        _("Each child is surveyed once a term. The number counts the children not surveyed yet."),
        "registry.view_round",
        lambda *whose: awaiting_survey(Child.objects.permitted_to(*whose)),
        ("child-list", "?show=unsurveyed"),
    ),
    CensusTask(
        "import-upload",
        _("Upload the registration form or a list of children. You see every row before anything is saved."),
        "registry.import_child",
    ),
    CensusTask(
        "import-list",
        _("Which files were uploaded, by whom, and with what result. Your previews await your confirmation here."),
        "registry.import_child",
        lambda user, _permission: ImportBatch.objects.previews_of(user),
        ("import-list", "?status=preview"),
    ),
    CensusTask(
        "duplicate-list",
        _("Files that may belong to one child. Compare them, then merge them or confirm two children."),
        "registry.merge_child",
    ),
    CensusTask(
        "comparison-list",
        _("Compare the registry with the school roll or the police household list, and resolve the differences."),
        "registry.view_comparison",
        lambda *whose: Comparison.objects.permitted_to(*whose).unsettled(),
        ("comparison-list", "?show=unsettled"),
    ),
    CensusTask(
        "closing-list",
        _("Children who turned 16, moved away or left school, or whose parent came back: close the file, or keep it."),
        "registry.close_child",
    ),
    CensusTask(
        "entrustment-list",
        _("Agreements with carers that are missing, not signed or expired, need a review, or lack a written notice."),
        "registry.view_guardianship",
        lambda *whose: Guardianship.objects.permitted_to(*whose).needing_action(),
    ),
    CensusTask(
        "child-enrol",
        _("Pupils without a class; the class teacher sees a child only once it is placed in a class."),
        "registry.enrol_child",
    ),
    CensusTask(
        "paper-list",
        _("Children's files, contact cards, tables and official forms of a class or a village, to print or to send."),
        "registry.print_child",
    ),
)


def tasks_for(user) -> list[dict]:
    """Return the tasks that `user` may do."""
    return [task.entry(user) for task in TASKS if user.has_perm(task.permission)]
