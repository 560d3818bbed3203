"""Seals the audit trail: signs the root of the tree of all events so far, hourly or each 10,000 events."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.audit.merkle import Frontier
from carebase.audit.models import Event, TreeHead
from carebase.audit.notes import BadNote, open_note, own_verifier_keys, sign

SEAL_AFTER = timedelta(hours=1)
MAX_UNSEALED = 10_000  # events
ROWS_AT_ONCE = 5000


class BrokenSeal(Exception):
    """A seal without a valid signature, or that contradicts itself; the message says which."""


def seal_trail() -> TreeHead | None:
    """Seal the events since the last seal; return None if there are none.

    Two processes may seal at once: each seal is true by itself, and of two of the same size one is kept.
    """
    last, (frontier, sealed) = last_settled_event(), last_tree()
    if sealed == last:
        return None
    for leaves in leaf_chunks(sealed, last):
        frontier.extend(leaves)
    seal = TreeHead(size=frontier.size, last_event=last, root=frontier.root, peaks=frontier.peaks)
    seal.signature = sign(seal.text)
    with suppress(IntegrityError), transaction.atomic():
        seal.save(force_insert=True)
    return seal


def last_settled_event() -> int:
    """Return the key of the newest event up to which no other can appear any more.

    Keys are given in order, but transactions commit out of order: on PostgreSQL the lock waits for those that have
    written events, and is let go at once. SQLite has one writer at a time.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Whoever writes an event waits behind this; a vacuum by the server gives way after a second.
                cursor.execute("SET LOCAL lock_timeout = '3s'")
                cursor.execute("LOCK TABLE audit_event IN SHARE MODE")
        return newest_event()


def newest_event() -> int:
    return Event.objects.aggregate(newest=Max("pk"))["newest"] or 0


def last_seal() -> TreeHead | None:
    return TreeHead.objects.last()


def last_tree() -> tuple[Frontier, int]:
    """Return the tree of the last seal, to grow on, and its last event. A broken seal is passed over."""
    head = last_seal()
    with suppress(BrokenSeal):
        return (frontier_of(head, own_verifier_keys()), head.last_event) if head else (Frontier(), 0)
    return Frontier(), 0


def frontier_of(head: TreeHead, verifier_keys: list[str]) -> Frontier:
    """Return the tree of a seal; raise BrokenSeal unless it has the root that one of the keys signed."""
    try:
        open_note(head.note, verifier_keys)
    except BadNote as error:
        raise BrokenSeal(str(error)) from error
    with suppress(ValueError):  # not as many peaks as belong to its size
        frontier = Frontier(head.size, bytes(head.peaks))
        if frontier.root == bytes(head.root):
            return frontier
    raise BrokenSeal(_("its tree does not have the root that was signed"))


def leaf_chunks(after: int, last: int) -> Iterator[list[bytes]]:
    """Yield the stored leaves of the events after one and up to another, in order, many at once."""
    events = Event.objects.filter(pk__gt=after, pk__lte=last).exclude(leaf=None).order_by("pk")
    leaves = map(bytes, events.values_list("leaf", flat=True).iterator(chunk_size=ROWS_AT_ONCE))
    while chunk := list(islice(leaves, ROWS_AT_ONCE)):
        yield chunk


def seal_if_due() -> None:
    """Seal the trail if the last seal is an hour or 10,000 events old; called again and again by the worker."""
    head, newest = last_seal(), newest_event()
    if head:
        fresh = timezone.now() - head.sealed_at < SEAL_AFTER and newest - head.last_event < MAX_UNSEALED
        if fresh or newest <= head.last_event:
            return
    with suppress(OperationalError):  # a long transaction is writing events; try again at the next call
        seal_trail()
