"""Closing, keeping and reopening a file; each decision is recorded with its reason and who made it."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from registry.guardianship.living_alone import lives_alone
from registry.hooks import on_close
from registry.models import Child, Decision, Transfer
from registry.transfers.services import close_offer

CLOSE_CHILD = "registry.close_child"
# The child is no longer there to be looked after, or never was.
NO_CARE_NEEDED = frozenset({Child.Closing.DIED, Child.Closing.MISTAKE})


def closing_obstacles(child: Child, ground: str = "") -> list[str]:
    """Return the reasons against closing the file on `ground`, or on any ground.

    Law on the protection of minors, article 21: the alarm of a child who lives alone must not end by closing the file.
    """
    if ground in NO_CARE_NEEDED or not lives_alone(child, child.guardianships.filter(ends_on=None).first()):
        return []
    return [_("Nobody looks after this child. Start a guardianship before you close the file.")]


def close_file(*, child: Child, ground: str, on: dt.date, reason: str = "", by) -> Child:
    """Close the file on the day `on`; raise ValidationError when it is closed already, or has an obstacle."""
    with acting_as(by), transaction.atomic():
        current = Child.objects.lock_visible_to(by, child.pk, CLOSE_CHILD)
        if current.closed_on:
            raise ValidationError(_("This file is already closed."))
        if sentences := closing_obstacles(current, ground):
            raise ValidationError(sentences)
        current.closed_on, current.closing = on, ground
        current.save()
        record_decision(current, Decision.Kind.CLOSED, by, ground=ground, on=on, reason=reason)
        for transfer in current.transfers.open().select_for_update(of=("self",)):  # nobody could accept it any more
            close_offer(transfer, Transfer.State.WITHDRAWN, by, _("The file was closed."))
        on_close.run(child=current, on=on, by=by)
    return current


def keep_open(*, child: Child, ground: str, until: dt.date, reason: str, by) -> Decision:
    """Keep a file open despite a ground for closing, which is not proposed again before `until`."""
    with acting_as(by), transaction.atomic():
        current = Child.objects.lock_visible_to(by, child.pk, CLOSE_CHILD)
        if current.closed_on:
            raise ValidationError(_("This file is already closed."))
        return record_decision(current, Decision.Kind.KEPT, by, ground=ground, until=until, reason=reason)


def reopen_file(*, child: Child, reason: str, by) -> Child:
    with acting_as(by), transaction.atomic():
        current = Child.objects.lock_visible_to(by, child.pk, CLOSE_CHILD)
        if not current.closed_on:
            raise ValidationError(_("This file is already open."))
        if current.closing == Child.Closing.DUPLICATE:
            raise ValidationError(_("This file was merged into another one. Undo the merge instead."))
        ground, current.closed_on, current.closing = current.closing, None, ""
        current.save()
        record_decision(current, Decision.Kind.REOPENED, by, ground=ground, reason=reason)
    return current


def record_decision(child: Child, kind: str, by, **fields) -> Decision:
    decision = Decision(child=child, kind=kind, by=by, **({"on": timezone.localdate()} | fields))
    decision.validate_constraints()
    decision.save()
    return decision
