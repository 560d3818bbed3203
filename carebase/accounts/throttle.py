"""How often one may fail to sign in. The failures are counted in the audit trail, where they stand anyway."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from carebase.audit.context import current
from carebase.audit.models import Action, Event, record
from carebase.encryption.crypto import keyed_hash


def account_key(username: str) -> str:
    """Return the keyed hash under which the failures of the typed name are counted, known account or not."""
    return keyed_hash("accounts.username", username.strip().casefold())


def waits(username: str) -> bool:
    """Say whether this account, or this address, has failed so often that it must wait."""
    recent = Event.objects.filter(
        action=Action.SIGN_IN_FAILED,
        at__gt=timezone.now() - dt.timedelta(minutes=settings.SIGN_IN_WINDOW_MINUTES),
    ).order_by()
    by_account = recent.filter(account=account_key(username))
    if by_account.count() >= settings.SIGN_IN_FAILURES_PER_ACCOUNT:
        return True
    address = current().address
    return bool(address) and recent.filter(address=address).count() >= settings.SIGN_IN_FAILURES_PER_ADDRESS


def failed(username: str) -> None:
    record(Action.SIGN_IN_FAILED, account=account_key(username))
