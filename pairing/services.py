"""Starting and ending pairings, also when two coordinators act at the same time.

The carer's row is locked while seats are counted. SQLite has no row locks; there the transaction has the database to
itself from its first statement. The constraints on the seat and on one open pairing per child refuse what remains,
with the same messages.
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
    """Create a pairing on the carer's lowest free seat; raise ValidationError if it is not possible."""
    with acting_as(by), transaction.atomic():
        child = Child.objects.lock_visible_to(by, child.pk, "pairing.add_pairing")
        carer = Carer.objects.lock_visible_to(by, carer.pk, "pairing.add_pairing")
        check_child(child, started_on)
        pairing = Pairing(child=child, carer=carer, seat=free_seat(carer), started_on=started_on)
        try:
            with transaction.atomic():
                pairing.save()
        except IntegrityError as error:  # somebody else was faster
            check_child(child, started_on)
            raise capacity_error(carer) from error
    return pairing


def end(*, pairing: Pairing, ended_on: dt.date, ending: str, by) -> Pairing:
    """End the pairing, or correct its ending; another may begin on the day `ended_on`.

    Raise ValidationError if it is not possible, StaleRecord if somebody saved the pairing since it was read.
    """
    with acting_as(by), transaction.atomic():
        current = Pairing.objects.lock_visible_to(by, pairing.pk, "pairing.change_pairing")
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
        raise ValidationError(_("The last day is in the future. End the pairing on that day."))
    later = pairing.child.pairings.exclude(pk=pairing.pk).filter(started_on__gte=pairing.started_on)
    if other := later.filter(started_on__lt=ended_on).order_by("started_on").first():
        raise ValidationError(
            _("Another carer is paired with the child from %(day)s; the last day cannot be later.")
            % {"day": other.started_on}
        )


def check_load(carer: Carer) -> None:
    """Refuse a capacity below the carer's load; the row stays locked until the save."""
    with transaction.atomic():
        Carer.objects.select_for_update().get(pk=carer.pk)
        load = carer.pairings.open().count()
    if carer.capacity < load:
        raise ValidationError(
            ngettext(
                "The carer is paired with %(number)d child now; end that pairing before you lower the number.",
                "The carer is paired with %(number)d children now; end a pairing before you lower the number.",
                load,
            )
            % {"number": load}
        )


def check_child(child: Child, started_on: dt.date) -> None:
    if child.closed_on:
        raise ValidationError(_("The child's file is closed; reopen it before you choose a carer."))
    if child.pairings.open().exists():
        raise ValidationError(_("The child already has a carer; end that pairing first."))
    if started_on < child.birth_date:
        raise ValidationError(_("The first day is before the child was born."))
    if started_on > timezone.localdate() + MAX_AHEAD:
        raise ValidationError(_("The first day is more than a year ahead. Check the year."))
    if child.pairings.filter(ended_on__gt=started_on).exists():
        raise ValidationError(_("Another carer was still paired with the child on the first day; choose a later day."))


def free_seat(carer: Carer) -> int:
    """Return the lowest free seat, from 1; raise ValidationError if there is none."""
    if not carer.active:
        raise ValidationError(
            _("%(carer)s is not taking on children at present; choose another carer.") % {"carer": carer.name}
        )
    taken = set(carer.pairings.open().values_list("seat", flat=True))
    # Counted, because a seat may lie beyond a capacity that was lowered since.
    if len(taken) >= carer.capacity:
        raise capacity_error(carer)
    return next(seat for seat in range(1, carer.capacity + 1) if seat not in taken)


def capacity_error(carer: Carer) -> ValidationError:
    return ValidationError(
        ngettext(
            "%(carer)s already has %(number)d child, the agreed maximum; choose another carer.",
            "%(carer)s already has %(number)d children, the agreed maximum; choose another carer.",
            carer.capacity,
        )
        % {"carer": carer.name, "number": carer.capacity}
    )
