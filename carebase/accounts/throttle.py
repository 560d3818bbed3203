"""Throttling of failed sign-ins, counted in the audit trail, which records them anyway."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from carebase.audit.context import current_actor
from carebase.audit.models import Action, Event, record_event
from carebase.encryption.crypto import keyed_hash


def account_hash(username: str) -> str:
    """Return the keyed hash of a typed user name, whether or not there is such an account."""
    return keyed_hash("accounts.username", username.strip().casefold())


def is_throttled(username: str) -> bool:
    recent = Event.objects.filter(
        action=Action.SIGN_IN_FAILED,
        at__gt=timezone.now() - dt.timedelta(minutes=settings.SIGN_IN_WINDOW_MINUTES),
    ).order_by()
    by_account = recent.filter(account=account_hash(username))
    if by_account.count() >= settings.SIGN_IN_FAILURES_PER_ACCOUNT:
        return True
    address = current_actor().address
    return bool(address) and recent.filter(address=address).count() >= settings.SIGN_IN_FAILURES_PER_ADDRESS


def record_failure(username: str) -> None:
    record_event(Action.SIGN_IN_FAILED, account=account_hash(username))
