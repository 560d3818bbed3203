"""Offering a file and answering the offer. Until it is accepted, the file stays with the side that has it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from registry.access import users_in_charge_of
from registry.hooks import on_transfer
from registry.models import Child, Division, School, SchoolClass, Transfer
from registry.referrals.services import end_out_of_reach
from registry.transfers.placement import may_offer

State = Transfer.State
MAX_NAMES = 5


def offer_transfer(*, child: Child, to: Division | School, reason: str, by) -> Transfer:
    """Offer a file to another village or school; raise ValidationError when it is closed or there already."""
    with acting_as(by), transaction.atomic():
        child = Child.objects.lock_visible_to(by, child.pk, "registry.add_transfer")
        if child.closed_on:
            raise ValidationError(_("The file is closed. Reopen it before you offer it."))
        kind = "village" if isinstance(to, Division) else "school"
        origin = getattr(child, kind)
        if origin == to:
            raise ValidationError(_("The child is already there."))
        if not may_offer(child, kind, by):
            raise ValidationError(not_yours_message(origin))
        transfer = Transfer(child=child, reason=reason, offered_by=by, **{f"from_{kind}": origin, f"to_{kind}": to})
        transfer.full_clean()
        transfer.save()
        return transfer


def accept_transfer(*, transfer: Transfer, by, words: str = "", school_class: SchoolClass | None = None) -> Child:
    """Move the whole file with its history to the accepting side.

    Raise ValidationError when `by` offered it, the offer was answered, the child moved, or the file was closed.
    """
    with acting_as(by), transaction.atomic():
        # Lock the child before the offer, as closing a file does, or the two could deadlock.
        child = Child.objects.select_for_update(of=("self",)).get(pk=transfer.child_id)
        check_second_person(transfer, by)
        transfer = lock_open_offer(transfer, Transfer.objects.answerable_by(by))
        kind = "village" if transfer.to_village_id else "school"
        if child.closed_on or getattr(child, f"{kind}_id") != getattr(transfer, f"from_{kind}_id"):
            raise ValidationError(_("The child moved or the file was closed; this offer is no longer valid."))
        setattr(child, kind, transfer.destination)
        if kind == "school":
            if school_class and school_class.school_id != transfer.to_school_id:
                raise ValidationError(_("This class belongs to another school."))
            child.school_class = school_class
        child.save()
        close_offer(transfer, State.ACCEPTED, by, words)
        end_out_of_reach(child)
        on_transfer.run(transfer=transfer, by=by)
        return child


def decline_transfer(*, transfer: Transfer, by, words: str) -> None:
    """Refuse an offer; the sending side reads the reason in `words`."""
    if not words:
        raise ValidationError({"words": _("Give the reason, so that the other side knows what to do.")})
    with acting_as(by), transaction.atomic():
        close_offer(lock_open_offer(transfer, Transfer.objects.answerable_by(by)), State.DECLINED, by, words)


def withdraw_transfer(*, transfer: Transfer, by) -> None:
    with acting_as(by), transaction.atomic():
        close_offer(lock_open_offer(transfer, Transfer.objects.sent_by(by)), State.WITHDRAWN, by, "")


def check_second_person(transfer: Transfer, by) -> None:
    """Raise ValidationError for who offered the file: the two sides of a transfer are never one person."""
    if transfer.offered_by_id == by.pk:
        raise ValidationError(second_person_message(transfer))


def names_in_charge(place, permission: str, *, but: int | None = None) -> str:
    people = users_in_charge_of(place, permission=permission).exclude(pk=but)
    return "、".join(account.name for account in people[:MAX_NAMES])


def not_yours_message(origin) -> str:
    """Return who may offer a child of a village or school, for somebody of another office."""
    names = names_in_charge(origin, "registry.add_transfer")
    if not names:
        return _("The file is offered by %(place)s, which has the child now.") % {"place": origin}
    text = _("The file is offered by %(place)s, which has the child now. Ask %(names)s.")
    return text % {"place": origin, "names": names}


def second_person_message(transfer: Transfer) -> str:
    """Return who may accept an offer, for the person who offered it."""
    names = names_in_charge(transfer.destination, "registry.change_transfer", but=transfer.offered_by_id)
    if not names:
        return _(
            "You offered this child yourself, and nobody else is posted to the other side. Have someone posted there."
        )
    return _("You offered this child yourself; someone else must accept: %(names)s.") % {"names": names}


def lock_open_offer(transfer: Transfer, answerable) -> Transfer:
    """Return the offer fresh and locked; raise ValidationError unless it is open and among `answerable`."""
    keys = answerable.filter(pk=transfer.pk).values("pk")
    # The state is a condition on the locked row itself: PostgreSQL rechecks that after a wait, but not a subquery.
    current = Transfer.objects.open().select_for_update().filter(pk__in=keys).first()
    if current is None:
        raise ValidationError(_("This offer was already answered, or is not yours to answer."))
    return current


def close_offer(transfer: Transfer, state: str, by, words: str) -> None:
    transfer.state, transfer.answered_by, transfer.answered_at = state, by, timezone.now()
    transfer.answer = words
    transfer.save()
