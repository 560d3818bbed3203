"""The seals of the audit trail: what they cover, and that no rewriting escapes them, not even by the owner."""

import datetime as dt
import random
import threading
from base64 import b64encode
from bisect import bisect_left
from contextlib import contextmanager, suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from carebase.audit import services
from carebase.audit.leaves import LEAF_FIELDS, canonical_row
from carebase.audit.merkle import hash_leaf
from carebase.audit.models import Action, Event, TreeHead, record_event
from carebase.audit.notes import own_verifier_keys
from carebase.audit.services import newest_event, seal_if_due, seal_trail
from carebase.jobs.worker import Worker
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database
from tests.triggers import without_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LINES, PER_SEAL = 60, 20


@pytest.fixture
def trail() -> list[int]:
    """Sixty lines under three seals; their numbers. Each sixth number is free, as after a transaction undone."""
    f.child()
    record_event(Action.VIEW)  # a tree of 65 leaves, whose root is not its only peak
    seal_trail()
    first = newest_event() + 1
    numbers = [first + number + number // 5 for number in range(LINES)]
    for count, number in enumerate(numbers, start=1):
        Event(pk=number, action=Action.VIEW, detail={"number": number}).save(force_insert=True)
        if count % PER_SEAL == 0:
            assert seal_trail().last_event == number
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Event]):
            cursor.execute(statement)
    return numbers


def verify(*arguments: str) -> tuple[str, str]:
    """Return the output of the command, and what it found."""
    output, faults = StringIO(), StringIO()
    try:
        call_command("verify_trail", *arguments, stdout=output, stderr=faults)
    except CommandError as error:
        faults.write(str(error))
    return output.getvalue(), faults.getvalue()


def rewrite(sql: str, *values) -> None:
    """Do as only the owner of the database can."""
    with without_triggers() as cursor:
        cursor.execute(sql, values)


def give_true_leaf(number: int) -> None:
    [row] = Event.objects.filter(pk=number).values_list(*LEAF_FIELDS)
    rewrite("UPDATE audit_event SET leaf = %s WHERE id = %s", hash_leaf(canonical_row(*row)), number)


def span_of(number: int) -> str:
    """Return the words for the lines of the seal that covers a number."""
    ends = [0, *TreeHead.objects.values_list("last_event", flat=True)]
    place = bisect_left(ends, number)
    return f"Between lines {ends[place - 1] + 1} and {ends[place]}, "


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_trail_that_nobody_touched_is_whole(trail):
    record_event(Action.VIEW)
    output, faults = verify()
    assert faults == ""
    assert "The audit trail is whole." in output and "Not sealed yet: 1" in output
    assert TreeHead.objects.last().note in output


EDITS = {
    "action": ["change", "export"],
    "model": ["registry.child"],
    "object_code": ["HX7K2P"],
    "subject": ["HX7K2P"],
    "detail": ['{"number": -1}', "{}"],
    "changes": ['{"name": ["a", "b"]}'],
    "address": ["192.0.2.1"],
    "account": ["x"],
    "at": ["2026-01-01 00:00:00+00:00"],
    "leaf": [b"0" * 32, None],
}


def test_a_hundred_edits_of_single_lines_are_each_found_by_number(trail):
    rng = random.Random(6962)
    for _round in range(10):
        edited = rng.sample(trail, 10)
        with undone(), without_triggers() as cursor:
            for number in edited:
                column = rng.choice(list(EDITS))
                values = rng.choice(EDITS[column]), number
                cursor.execute(f"UPDATE audit_event SET {column} = %s WHERE id = %s", values)
            found = [fault for fault in verify()[1].splitlines() if fault.startswith("Line")]
            assert found == [f"Line {number} was changed or written past the program." for number in sorted(edited)]
    assert verify()[1] == ""


def test_an_edit_with_its_hash_made_anew_is_found_between_its_seals(trail):
    for number in random.Random(6962).sample(trail, 20):
        with undone():
            rewrite("UPDATE audit_event SET account = 'x' WHERE id = %s", number)
            give_true_leaf(number)
            assert verify()[1].splitlines()[0] == f"{span_of(number)}lines were replaced together with their hash."


def test_twenty_removals_are_each_found_between_their_seals(trail):
    for number in random.Random(6962).sample(trail, 20):
        with undone():
            rewrite("DELETE FROM audit_event WHERE id = %s", number)
            fault = verify()[1].splitlines()[0]
            words, _colon, missing = fault.partition(": ")
            assert words == f"{span_of(number)}1 line was removed. Numbers without a line"
            assert str(number) in missing.split(", ")


def test_ten_lines_inserted_later_are_each_found_between_their_seals(trail):
    free = sorted(set(range(trail[0], trail[-1])) - set(trail))
    for number in random.Random(6962).sample(free, 10):
        with undone():
            Event(pk=number, action=Action.VIEW).save(force_insert=True)
            assert verify()[1].splitlines()[0] == f"{span_of(number)}1 line was inserted."


def test_each_span_that_was_rewritten_is_named_and_no_other(trail):
    rewrite("DELETE FROM audit_event WHERE id IN (%s, %s)", trail[3], trail[45])
    faults = verify()[1].splitlines()
    assert [fault.partition("1 line")[0] for fault in faults] == [span_of(trail[3]), span_of(trail[45]), faults[-1]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("root = peaks", "the signature does not belong to this text"),
        ("peaks = root", "its tree does not have the root that was signed"),
        ("last_event = last_event - 1", "the signature does not belong to this text"),
        ("signature = '—'", "the signature, or the key to check it with, cannot be read"),
    ],
)
def test_a_seal_that_was_changed_is_found_and_sealing_goes_on(trail, change, why):
    head = TreeHead.objects.last()
    rewrite(f"UPDATE audit_treehead SET {change} WHERE size = %s", head.size)
    assert f"The seal of {head.size} lines was changed: {why}." in verify()[1]
    record_event(Action.VIEW)
    assert seal_trail().size == head.size + 1
    assert len(verify()[1].splitlines()) == 2, "the broken seal, and the verdict"


def test_a_trail_sealed_anew_after_its_seals_were_removed_differs_from_a_seal_kept_elsewhere(trail, tmp_path):
    printed = tmp_path / "seal.txt"
    printed.write_text(TreeHead.objects.last().note, encoding="utf-8")
    assert "still agrees" in verify("--check", str(printed))[0]
    rewrite("DELETE FROM audit_event WHERE id = %s", trail[7])
    rewrite("DELETE FROM audit_treehead")
    seal_trail()
    assert verify()[1] == "", "the owner has the key, too"
    assert "The trail is no longer the one that was sealed" in verify("--check", str(printed))[1]


def test_triggers_that_were_taken_away_are_missed(trail):
    with undone(), without_triggers():
        faults = verify()[1].splitlines()
        assert faults[:2] == [
            f"The triggers that keep the table {table} as it is were removed."
            for table in ("audit_event", "audit_treehead")
        ]
    assert verify()[1] == ""


@pytest.mark.parametrize("sql", ["UPDATE audit_treehead SET size = 1", "DELETE FROM audit_treehead"])
def test_the_database_refuses_to_change_a_seal(trail, sql):
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_line_is_proven_by_a_file_and_without_the_database(trail, tmp_path):
    proof = tmp_path / "proof.txt"
    proof.write_text(verify("--prove", str(trail[33]))[0], encoding="utf-8")
    rewrite("DELETE FROM audit_event")
    output, faults = verify("--check", str(proof))
    assert f'"number":{trail[33]}' in output and faults == ""
    proof.write_text(proof.read_text(encoding="utf-8").replace('"view"', '"export"'), encoding="utf-8")
    assert verify("--check", str(proof))[1] == "This line does not lead to the root that was sealed."


def test_what_is_not_sealed_or_not_there_is_not_proven(trail, tmp_path):
    late = record_event(Action.VIEW)
    assert verify("--prove", str(late.pk))[1] == "This line is not sealed yet."
    assert verify("--prove", str(late.pk + 1))[1] == "There is no such line."
    nonsense = tmp_path / "nonsense"
    for text in ("", "line 1", "line 1\n\n— x AAAAAAAA", "\n\n"):
        nonsense.write_text(text, encoding="utf-8")
        assert verify("--check", str(nonsense))[1]
    assert verify("--check", str(tmp_path / "absent"))[1]


def test_seals_of_an_earlier_key_are_valid_while_it_is_known(trail, settings):
    [earlier] = own_verifier_keys()
    old, new = settings.TRAIL_KEY, b64encode(b"x" * 32).decode()
    settings.TRAIL_KEY = f"{new},{old}"
    record_event(Action.VIEW)
    seal_trail()
    assert verify()[1] == ""
    settings.TRAIL_KEY = new
    assert "it is signed with a key that is not known here" in verify()[1]
    assert verify("--key", earlier)[1] == ""


def test_nothing_new_is_not_sealed_again(trail):
    assert seal_trail() is None
    assert TreeHead.objects.count() == 4


def test_the_worker_seals_each_hour_or_each_ten_thousand_lines(monkeypatch):
    sealed = TreeHead.objects.order_by("size").values_list("size", flat=True)
    clock = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: clock)
    record_event(Action.VIEW)
    seal_if_due()
    record_event(Action.VIEW)
    seal_if_due()
    assert list(sealed.all()) == [1], "the first at once, the next not yet"
    monkeypatch.setattr(services, "MAX_UNSEALED", 2)
    record_event(Action.VIEW)
    seal_if_due()
    record_event(Action.VIEW)
    clock += dt.timedelta(hours=1)
    seal_if_due()
    clock += dt.timedelta(hours=1)
    seal_if_due()
    assert list(sealed.all()) == [1, 3, 4], "nothing new is no reason"


@pytest.mark.django_db(transaction=True)
def test_the_loop_of_the_worker_seals():
    record_event(Action.VIEW)
    worker = Worker(0)
    worker.wake_event.wait = lambda _seconds: worker.stop()
    worker.loop()
    assert TreeHead.objects.count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_seal_is_not_taken_while_a_line_below_it_is_not_yet_committed():
    written, sealed = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            record_event(Action.EXPORT)
            written.set()
            sealed.wait(30)

    def overtake_and_seal():
        written.wait(30)
        record_event(Action.VIEW)
        try:
            seal_trail()
        finally:
            sealed.set()

    slow, quick = run_concurrently([write_slowly, overtake_and_seal])
    assert {slow, quick} >= {DONE} and "lock timeout" in f"{slow}{quick}"
    assert seal_trail().size == 2
    assert verify()[1] == ""


@pytest.mark.django_db(transaction=True)
def test_seals_taken_while_many_write_and_some_give_up_stay_true(tmp_path):
    class GivenUp(Exception):
        pass

    def write(seed):
        rng = random.Random(seed)
        for _line in range(15):
            with suppress(GivenUp), transaction.atomic():
                for _event in range(rng.randint(1, 4)):
                    record_event(Action.VIEW)
                if rng.random() < 0.3:
                    raise GivenUp

    def seal():
        for _seal in range(8):
            seal_trail()

    with shared_database(tmp_path):
        writers = [lambda seed=seed: write(seed) for seed in range(4)]
        assert run_concurrently([*writers, seal, seal]) == [DONE] * 6
        seal_trail()
        assert TreeHead.objects.count() > 1
        assert TreeHead.objects.last().size == Event.objects.count()
        assert verify()[1] == ""
