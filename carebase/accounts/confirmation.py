"""What stands before restricted values in full: a password given a short while ago, and a number of times a day.

The times are counted in the audit trail. Whoever uses up those of a day is named to those above them.
"""

import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.models import Notice, User
from carebase.audit.models import Action, Event

SESSION_KEY = "confirmed"


def confirm(session) -> None:
    """Remember that the user has just given their password."""
    session[SESSION_KEY] = int(time.time())


def is_confirmed(session) -> bool:
    return time.time() - session.get(SESSION_KEY, 0) < settings.STEP_UP_MINUTES * 60


def use_today(user: User, kind: Notice.Kind, count: int = 1) -> None:
    """Check that `user` may show `count` values or papers more in full today; raise ValidationError if not.

    Call it in the transaction that records the act: the account is locked until then, so that two acts at one instant
    are counted one after the other.
    """
    User._base_manager.select_for_update(of=("self",)).get(pk=user.pk)
    most, used = daily_limit(kind), acts_today(user, kind).count()
    if used >= most:
        raise ValidationError(
            _("You have reached the limit of %(count)s for today; it begins anew tomorrow. Those above you are told.")
            % {"count": most},
            code="limit",
        )
    if used + count > most:
        raise ValidationError(
            _("These are %(count)s values at once, and only %(left)s more can be shown to you today.")
            % {"count": count, "left": most - used},
            code="limit",
        )
    if used + count == most:
        Notice.objects.create(account=user, kind=kind, by=user)


def daily_limit(kind: Notice.Kind) -> int:
    return settings.FULL_VALUES_PER_DAY if kind == Notice.Kind.VALUES else settings.FULL_PAPERS_PER_DAY


def acts_today(user: User, kind: Notice.Kind):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    events = Event.objects.filter(user=user, at__gte=midnight).order_by()
    if kind == Notice.Kind.VALUES:
        return events.filter(action=Action.UNMASK)
    return events.filter(action=Action.EXPORT, detail__full=True)
