"""Who may grant rights: nobody whose password or role somebody else has just set, for that person could act as them.

Nor do they read counselling notes. The wait begins when it is set, and again when the owner replaces the password.
Meanwhile the owner and those above are told; whoever set the password of another cannot make the second approver their
own hand unnoticed.
"""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.models import Notice, User
from carebase.audit.models import Action, record_event
from carebase.display import display


def end_of_wait(user: User) -> dt.datetime | None:
    """Return until when `user` waits because somebody else set their password or role; None if they do not."""
    if user.wait_started_at is None:
        return None
    end = user.wait_started_at + dt.timedelta(hours=settings.APPROVAL_WAIT_HOURS)
    return end if timezone.now() < end else None


def grant_refusal(user: User) -> str:
    """Return why `user` may not appoint or approve anybody yet, or ""."""
    if (end := end_of_wait(user)) is None:
        return ""
    return _(
        "Somebody else set your password or your role a short while ago. "
        "You can create accounts, appoint and approve from %(time)s."
    ) % {"time": display(end)}


def reading_refusal(user: User) -> str:
    """Return why `user` may not read counselling notes yet, or ""."""
    if (end := end_of_wait(user)) is None or not user.role_definition.counsels:
        return ""
    return _(
        "Somebody else set your password or your role a short while ago. You can read counselling notes from %(time)s."
    ) % {"time": display(end)}


def check_may_grant(user: User) -> None:
    if reason := grant_refusal(user):
        raise ValidationError(reason, code="wait")


def record_new_credentials(account: User, *, password: bool, by: User) -> None:
    """Record who set the password, or else the role, of somebody else; its owner and those above hear of it."""
    kind = Notice.Kind.PASSWORD if password else Notice.Kind.ROLE
    Notice.objects.create(account=account, kind=kind, by=by)
    if password:
        record_event(Action.CHANGE, account, detail={"password": "set"})
