"""Checks the audit trail against its rows and its seals, and proves that one line was in it."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carebase.audit.append_only import is_append_only
from carebase.audit.leaves import LEAF_FIELDS, canonical_row
from carebase.audit.merkle import Frontier, hash_leaf, inclusion_path, root_from_path
from carebase.audit.models import Event, TreeHead
from carebase.audit.notes import ORIGIN, open_note
from carebase.audit.services import ROWS_AT_ONCE, BrokenSeal, frontier_of, leaf_chunks, newest_event

MAX_GAPS = 10  # missing numbers that a message names


class Line(NamedTuple):
    """A row of the trail: its key, the leaf that it was given, and the leaf of what it says now."""

    pk: int
    stored: bytes
    computed: bytes


def read_lines(after: int, last: int) -> Iterator[Line]:
    rows = Event.objects.filter(pk__gt=after, pk__lte=last).order_by("pk").values_list("pk", "leaf", *LEAF_FIELDS)
    for pk, leaf, *values in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield Line(pk, bytes(leaf or b""), hash_leaf(canonical_row(*values)))


def find_faults(verifier_keys: list[str]) -> Iterator[str]:
    """Yield in words whatever was changed, removed or inserted, and whether the database still refuses it."""
    for model in (Event, TreeHead):
        if not is_append_only(connection, model._meta.db_table):
            yield _("The triggers that keep the table %s as it is were removed.") % model._meta.db_table
    frontier, sealed = Frontier(), 0
    for head in TreeHead.objects.all():
        try:
            known = frontier_of(head, verifier_keys)
        except BrokenSeal as error:
            yield _("The seal of %(size)d lines was changed: %(why)s.") % {"size": head.size, "why": error}
            continue
        yield from segment_faults(frontier, sealed, head)
        frontier, sealed = known, head.last_event
    yield from changed_lines(read_lines(sealed, newest_event()))


def segment_faults(frontier: Frontier, sealed: int, head: TreeHead) -> Iterator[str]:
    """Yield what is wrong with the lines between two seals."""
    start, lines = frontier.size, []
    for line in read_lines(sealed, head.last_event):
        if line.stored:  # without a leaf it was never sealed
            lines.append((line.pk, line.stored))
        yield from changed_lines([line])
    frontier.extend([leaf for _pk, leaf in lines])
    if frontier.root != bytes(head.root):
        found = {"first": sealed + 1, "last": head.last_event}
        yield describe_segment(head.size - start - len(lines), found, [pk for pk, _leaf in lines])


def changed_lines(lines) -> Iterator[str]:
    for line in lines:
        if line.stored != line.computed:
            yield _("Line %d was changed or written past the program.") % line.pk


def describe_segment(missing: int, between: dict, keys: list[int]) -> str:
    if missing < 0:
        words = ngettext(
            "Between lines %(first)d and %(last)d, %(count)d line was inserted.",
            "Between lines %(first)d and %(last)d, %(count)d lines were inserted.",
            -missing,
        )
        return words % (between | {"count": -missing})
    if missing == 0:
        return _("Between lines %(first)d and %(last)d, lines were replaced together with their hash.") % between
    words = ngettext(
        "Between lines %(first)d and %(last)d, %(count)d line was removed. Numbers without a line: %(gaps)s",
        "Between lines %(first)d and %(last)d, %(count)d lines were removed. Numbers without a line: %(gaps)s",
        missing,
    )
    return words % (between | {"count": missing, "gaps": ", ".join(gaps(between["first"], between["last"], keys))})


def gaps(first: int, last: int, keys: list[int]) -> list[str]:
    """Return the numbers that have no line, the first ones; a number may also never have been used."""
    found, expected = [], first
    for key in chain(keys, [last + 1]):
        found += [str(number) for number in range(expected, min(key, expected + MAX_GAPS + 1))]
        if len(found) > MAX_GAPS:
            return [*found[:MAX_GAPS], "…"]
        expected = key + 1
    return found


class NotProvable(Exception):
    """There is no such line, or no seal on it yet, or what was given proves nothing."""


def prove(pk: int) -> str:
    """Return the proof that a line is in the sealed trail: the line, its place, hashes, and the first seal on it."""
    row = Event.objects.filter(pk=pk).values_list(*LEAF_FIELDS).first()
    head = TreeHead.objects.filter(last_event__gte=pk).first()
    if row is None or head is None:
        raise NotProvable(_("There is no such line.") if row is None else _("This line is not sealed yet."))
    leaves = list(chain.from_iterable(leaf_chunks(0, head.last_event)))
    index = Event.objects.filter(pk__lt=pk).count()
    path = [b64encode(step).decode() for step in inclusion_path(index, leaves)]
    return "\n".join([f"line {pk}", canonical_row(*row).decode(), f"index {index}", *path, "", head.note])


class Sealed(NamedTuple):
    """What the text of a seal says."""

    size: int
    root: bytes
    last_event: int

    @classmethod
    def read(cls, text: str) -> "Sealed":
        try:
            origin, size, root, _moment, last = text.rstrip("\n").split("\n")
            if origin == ORIGIN:
                return cls(int(size), b64decode(root, validate=True), int(last.removeprefix("last ")))
        except ValueError:
            pass
        raise NotProvable(_("This is not a seal of the audit trail."))


def check_proof(proof: str, verifier_keys: list[str]) -> dict:
    """Return {text, line} of a proof that holds, without looking at the database; raise BadNote or NotProvable."""
    stated, _empty, note = proof.strip().partition("\n\n")
    text = open_note(note, verifier_keys)
    sealed = Sealed.read(text)
    try:
        _number, row, index, *path = stated.split("\n")
        steps = [b64decode(step, validate=True) for step in path]
        reached = root_from_path(hash_leaf(row.encode()), int(index.removeprefix("index ")), sealed.size, steps)
    except ValueError as error:
        raise NotProvable(_("This is not a proof.")) from error
    if reached != sealed.root:
        raise NotProvable(_("This line does not lead to the root that was sealed."))
    return {"text": text, "line": row}


def check_head(note: str, verifier_keys: list[str]) -> str:
    """Return the text of a seal that was printed or kept elsewhere if the trail still agrees; or raise as above."""
    text = open_note(note, verifier_keys)
    sealed, frontier = Sealed.read(text), Frontier()
    for leaves in leaf_chunks(0, sealed.last_event):
        frontier.extend(leaves)
    if (frontier.size, frontier.root) != (sealed.size, sealed.root):
        message = _("The trail is no longer the one that was sealed: its lines up to %d differ.")
        raise NotProvable(message % sealed.last_event)
    return text
