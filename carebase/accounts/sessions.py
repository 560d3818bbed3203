"""Signal receivers: every sign-in and sign-out writes an audit event, and a sign-in starts the session's clock."""

import time

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from carebase.accounts.confirmation import confirm
from carebase.audit.context import acting_as
from carebase.audit.models import Action, record_event


@receiver(user_logged_in)
def start_session(sender, request, user, **kwargs):
    request.session["since"] = request.session["seen"] = int(time.time())
    confirm(request.session)
    with acting_as(user):
        record_event(Action.SIGN_IN, user)


@receiver(user_logged_out)
def record_sign_out(sender, request, user, **kwargs):
    if user:
        with acting_as(user):
            record_event(Action.SIGN_OUT, user)
