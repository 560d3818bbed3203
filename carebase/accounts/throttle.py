"""Throttling of wrong passwords: an attempt is counted before its password is checked, and forgiven when it was right.

Each attempt is a committed row before the rows are counted. So of many attempts at one instant the last to be stored
sees all others that may go on, and no more than the limit ever do; no lock is needed.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.models import PasswordAttempt
from carebase.audit.context import current_actor
from carebase.audit.models import Action, record_event
from carebase.encryption.crypto import keyed_hash


def account_hash(username: str) -> str:
    """Return the keyed hash of a typed user name, whether or not there is such an account."""
    return keyed_hash("accounts.username", username.strip().casefold())


def confirmation_hash(user) -> str:
    """Return the hash of a signed-in user's own attempts: whoever guesses at the sign-in page does not block these."""
    return keyed_hash("accounts.confirmation", str(user.pk))


@contextmanager
def password_attempt(account: str) -> Iterator[None]:
    """Count the block as an attempt to guess the password of `account`, a hash of the above, unless it succeeds.

    A ValidationError in the block is a wrong password; raises one itself, before the block, beyond the limit.
    """
    attempt = reserve(account)
    try:
        yield
    except ValidationError:
        record_event(Action.SIGN_IN_FAILED, account=account)
        raise
    attempt.delete()


def reserve(account: str) -> PasswordAttempt:
    window = timezone.now() - dt.timedelta(minutes=settings.SIGN_IN_WINDOW_MINUTES)
    PasswordAttempt.objects.filter(at__lte=window).delete()
    attempt = PasswordAttempt.objects.create(account=account, address=current_actor().address)
    if is_beyond_limit(attempt):
        attempt.delete()
        raise ValidationError(
            _("Too many failed sign-ins. Please wait %(minutes)s minutes and try again; nothing is lost.")
            % {"minutes": settings.SIGN_IN_WINDOW_MINUTES},
            code="throttled",
        )
    return attempt


def is_beyond_limit(attempt: PasswordAttempt) -> bool:
    attempts = PasswordAttempt.objects
    if attempts.filter(account=attempt.account).count() > settings.SIGN_IN_FAILURES_PER_ACCOUNT:
        return True
    from_address = attempts.filter(address=attempt.address)
    return bool(attempt.address) and from_address.count() > settings.SIGN_IN_FAILURES_PER_ADDRESS
