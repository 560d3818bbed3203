"""The steps from an empty installation to a teacher at work, in their order; the home page shows the next one."""

from collections.abc import Callable
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.models import User
from carebase.accounts.roles import roles_with
from carebase.reports.home.figures import task_entry
from registry.models import Division, Posting, School, SchoolClass

APPROVE = "registry.approve_posting"


class FirstStep(NamedTuple):
    """What is to be added, why, on which page of the admin site, and whether it is there."""

    title: str
    text: str
    page: str
    is_done: Callable[[], bool]


def has_second_approver() -> bool:
    return User.objects.filter(role__in=roles_with(APPROVE), is_active=True)[:2].count() == 2


STEPS = (
    FirstStep(
        _("Add the places"),
        _("From above: county, township, then its villages. Each has a code of 12 digits."),
        "registry_division",
        lambda: Division.objects.villages().exists(),
    ),
    FirstStep(
        _("Add the schools"),
        _("Each with its code, its place and the grades that it teaches."),
        "registry_school",
        School.objects.exists,
    ),
    FirstStep(
        _("Add the classes"),
        _("By the year in which they entered the school; the grade follows from it every September."),
        "registry_schoolclass",
        SchoolClass.objects.exists,
    ),
    FirstStep(
        _("Add a second administrator"),
        _("Nobody approves a posting that they requested, so that two people are needed."),
        "accounts_user",
        has_second_approver,
    ),
    FirstStep(
        _("Add accounts with their postings"),
        _("The posting says where a person works; it gives rights once a second person has approved it."),
        "accounts_user",
        Posting.objects.exists,
    ),
)


def next_step() -> dict | None:
    """Return the task of the first step that is still to be done."""
    for number, step in enumerate(STEPS, 1):
        if not step.is_done():
            title = gettext("Step %(number)d of %(all)d: %(title)s") % {
                "number": number,
                "all": len(STEPS),
                "title": step.title,
            }
            return task_entry(title, step.text, reverse(f"admin:{step.page}_add"), gettext("Add"), kind="warn")
    return None
