"""Pairing a carer with a child, and ending it: the writes that must hold when two coordinators act at once.

The carer's row is locked, so that seats are counted by one at a time. SQLite knows no row locks; there the
transaction itself is alone with the database from its first statement. What still gets past is refused by the unique
seat and by the one open pairing a child, and told in the same sentences.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carebase.audit.context import acting_as
from carebase.models import StaleRecord
from pairing.models import Carer, Pairing
from registry.models import Child

MAX_AHEAD = dt.timedelta(days=366)  # a pairing may be agreed for the next school year, not for later


def pair(*, child: Child, carer: Carer, by, started_on: dt.date) -> Pairing:
    """Return the new open pairing on the carer's lowest free seat; raise ValidationError saying why there is none."""
    with acting_as(by), transaction.atomic():
        child = Child.objects.lock_visible_to(by, child.pk)
        carer = Carer.objects.lock_visible_to(by, carer.pk)
        check_child(child, started_on)
        pairing = Pairing(child=child, carer=carer, seat=free_seat(carer), started_on=started_on)
        try:
            with transaction.atomic():
                pairing.save()
        except IntegrityError as error:  # another was quicker
            check_child(child, started_on)
            raise capacity_error(carer) from error
    return pairing


def end(*, pairing: Pairing, ended_on: dt.date, ending: str, by) -> Pairing:
    """End the pairing and free its seat, or correct how it was ended; another may begin on the day `ended_on`.

    Raise ValidationError with the reason, StaleRecord when somebody else saved the pairing since it was read.
    """
    with acting_as(by), transaction.atomic():
        current = Pairing.objects.lock_visible_to(by, pairing.pk)
        if current.version != pairing.version:
            raise StaleRecord(pairing.code)
        check_end(current, ended_on)
        current.ended_on, current.ending = ended_on, ending
        current.full_clean()
        current.save()
    return current


def check_end(pairing: Pairing, ended_on: dt.date) -> None:
    """Raise ValidationError for a last day in the future, or one on which another carer already accompanied."""
    if ended_on > max(timezone.localdate(), pairing.started_on):
        raise ValidationError(_("The last day lies in the future. End the pairing on that day."))
    later = pairing.child.pairings.exclude(pk=pairing.pk).filter(started_on__gte=pairing.started_on)
    if other := later.filter(started_on__lt=ended_on).order_by("started_on").first():
        raise ValidationError(
            _("Another carer accompanies the child from %(day)s; the last day cannot be later.")
            % {"day": other.started_on}
        )


def check_load(carer: Carer) -> None:
    """Refuse a capacity below the children whom the carer accompanies now; the row stays locked until the save."""
    with transaction.atomic():
        Carer.objects.select_for_update().get(pk=carer.pk)
        load = carer.pairings.open().count()
    if carer.capacity < load:
        raise ValidationError(
            ngettext(
                "The carer accompanies %(number)d child now; end that pairing before you lower the number.",
                "The carer accompanies %(number)d children now; end a pairing before you lower the number.",
                load,
            )
            % {"number": load}
        )


def check_child(child: Child, started_on: dt.date) -> None:
    """Raise ValidationError when the child cannot be accompanied from that day."""
    if child.closed_on:
        raise ValidationError(_("The child's file is closed; open it again before you choose a carer."))
    if child.pairings.open().exists():
        raise ValidationError(_("The child already has a carer; end that pairing first."))
    if started_on < child.birth_date:
        raise ValidationError(_("The first day lies before the child was born."))
    if started_on > timezone.localdate() + MAX_AHEAD:
        raise ValidationError(_("The first day lies more than a year ahead. Is the year right?"))
    if child.pairings.filter(ended_on__gt=started_on).exists():
        raise ValidationError(_("On the first day another carer still accompanied the child; choose a later day."))


def free_seat(carer: Carer) -> int:
    """Return the lowest free seat, from 1; raise ValidationError when the carer takes no more children."""
    if not carer.active:
        raise ValidationError(
            _("%(carer)s takes no children at present; choose another carer.") % {"carer": carer.name}
        )
    taken = set(carer.pairings.open().values_list("seat", flat=True))
    # Counted too, because a seat may lie beyond a capacity that was lowered since.
    if len(taken) >= carer.capacity:
        raise capacity_error(carer)
    return next(seat for seat in range(1, carer.capacity + 1) if seat not in taken)


def capacity_error(carer: Carer) -> ValidationError:
    return ValidationError(
        ngettext(
            "%(carer)s already accompanies %(number)d child, the most that was agreed; choose another carer.",
            "%(carer)s already accompanies %(number)d children, the most that was agreed; choose another carer.",
            carer.capacity,
        )
        % {"carer": carer.name, "number": carer.capacity}
    )
