"""The command `demo`: which databases it fills or replaces, with how many people, and how it serves them."""

import signal
import socket
import sqlite3
import urllib.request
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count

from activities.models import Activity
from carebase.accounts.models import User
from carebase.accounts.roles import role_choices
from carebase.audit.models import Event
from carebase.management.commands import demo
from carebase.management.demo_data import activities, more_children, names
from carebase.management.demo_data.loader import load_demonstration
from carebase.models import Demonstration
from pairing.models import Carer, Pairing
from registry.codes import id_number
from registry.models import Absence, Child, Division, Guardianship, Relative, Term
from tests import factories
from tests.demo_process import run_manage, serve_demo
from visits.models import Visit

# Another kind of database is refused by the command, which a test of its own shows.
embedded = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="demonstrations are made in SQLite"
)
HEXIN, GUANZHI = "990101101201", "990101101202"


# As many as asked, on whatever day


@pytest.mark.parametrize(
    "today, slugs",
    [
        ("2026-08-31", ["2025-autumn", "2026-spring"]),
        ("2026-09-01", ["2026-spring", "2026-autumn"]),
        ("2027-02-14", ["2026-spring", "2026-autumn"]),
        ("2027-02-15", ["2026-autumn", "2027-spring"]),
        ("2028-02-29", ["2027-autumn", "2028-spring"]),
    ],
)
def test_it_can_be_made_on_any_day_of_the_year(db, time_machine, today, slugs):
    time_machine.move_to(f"{today}T10:00:00+08:00")
    load_demonstration(60)
    assert list(Term.objects.order_by("starts_on").values_list("slug", flat=True)) == slugs
    assert not Activity.objects.filter(held_on__gt=today).exists()
    assert not Visit.objects.filter(made_on__gt=today).exists()
    assert not Child.objects.filter(birth_date__gt=today).exists()
    assert all(child.age < 16 for child in Child.objects.all())


def test_more_children_are_spread_over_villages_and_classes_of_their_own(db):
    load_demonstration(400)
    assert Child.objects.count() == 400
    assert Child.objects.filter(village__in=[HEXIN, GUANZHI]).count() == 34
    assert Division.objects.villages().filter(code__gte="990101101203", code__lt="990101102000").exists()
    assert Child.objects.filter(school_class__isnull=False).count() > 200
    assert Child.objects.visible_to(User.objects.get(username="teacher")).count() <= 9
    bare = Child.objects.annotate(parents=Count("relatives")).filter(parents__lt=2)
    assert not bare.exists()


def test_further_children_pass_the_forms_too(db):
    load_demonstration(120)
    for model in (Child, Relative, Absence, Guardianship, Visit, Carer, Pairing, Division):
        for record in model.objects.order_by("-pk")[:60]:
            record.full_clean()
    assert all(id_number.parse_id_number(child.id_number) for child in Child.objects.exclude(id_number_index=None))


def test_invented_numbers_are_enough_for_the_most_that_may_be_asked():
    rounds = demo.MAX_CHILDREN // more_children.BIRTHDAYS
    assert rounds // 2 < names.max_children_a_day()


def test_further_villages_have_unique_names(db):
    made = more_children.make_villages(demo.MAX_CHILDREN)
    assert len({village.name for village in made}) == len({village.code for village in made}) == len(made)


def test_each_further_child_has_its_audit_event(db):
    load_demonstration(100)
    created = Event.objects.filter(model="registry.child", action="create", user=None)
    assert set(created.values_list("object_code", flat=True)) == set(Child.objects.values_list("code", flat=True))


def test_the_same_day_makes_the_same_people(db):
    stories = []
    for _time in range(2):
        with transaction.atomic():
            load_demonstration(80)
            stories.append(story())
            transaction.set_rollback(True)
    assert len(stories[0]) > 80
    assert stories[0] == stories[1]


def story() -> list[tuple]:
    return list(
        Child.objects.order_by("pk", "relatives", "visits").values_list(
            "name", "birth_date", "sex", "village", "relatives__name", "visits__said"
        )
    )


# The command


def codes() -> set[str]:
    return set(Child.objects.values_list("code", flat=True))


def run(**options) -> str:
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        pytest.skip("the command refuses any other database")
    out = StringIO()
    call_command("demo", no_server=True, stdout=out, **options)
    return out.getvalue()


@embedded
def test_the_command_names_the_accounts_their_roles_and_the_password(db):
    output = run()
    assert "40 children" in output
    assert "carebase-demo" in output
    for role, label in role_choices():
        assert role in output and str(label) in output
    assert "appointing-office" not in output


@embedded
def test_a_second_run_changes_nothing(db):
    run()
    lines, before = Event.objects.count(), codes()
    output = run(children=500)
    assert "kept" in output
    assert (Event.objects.count(), codes()) == (lines, before)


@embedded
def test_a_database_with_data_of_others_is_refused(db):
    factories.child()
    with pytest.raises(CommandError, match="not a demonstration"):
        run()
    assert Child.objects.count() == 1
    assert not Demonstration.objects.exists()


@embedded
def test_a_failed_sign_in_is_no_data(db):
    Event.objects.create(action="sign_in_failed")
    assert "40 children" in run()


@embedded
def test_an_interrupted_load_leaves_nothing(db, monkeypatch):
    def break_off(*args):
        raise RuntimeError("power cut")

    monkeypatch.setattr(activities, "make_activities", break_off)
    with pytest.raises(RuntimeError):
        run()
    assert not demo.holds_data() and not demo.is_demonstration()


def test_production_is_refused(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run()
    assert not User.objects.exists()


def test_another_kind_of_database_is_refused(db, monkeypatch):
    monkeypatch.setattr(demo.connection, "vendor", "postgresql", raising=False)
    with pytest.raises(CommandError, match="SQLite"):
        run()


@embedded
@pytest.mark.parametrize("options", [{"children": -1}, {"children": 300_001}, {"port": 65536}, {"port": -1}])
def test_impossible_numbers_are_refused(db, options):
    with pytest.raises(CommandError, match="takes a number"):
        run(**options)
    assert not User.objects.exists()


# The command, in a process and with a file of its own


@pytest.mark.processes
def test_reset_starts_a_demonstration_anew(demo_database, tmp_path):
    file = demo_database(tmp_path)
    with sqlite3.connect(file) as database:
        codes = set(database.execute("SELECT code FROM registry_child"))
    assert run_manage(file, "demo", "--no-server", "--reset", "--children", "50").returncode == 0
    with sqlite3.connect(file) as database:
        anew = set(database.execute("SELECT code FROM registry_child"))
    assert (len(codes), len(anew)) == (40, 50)
    assert not codes & anew


@pytest.mark.processes
def test_reset_refuses_a_database_that_is_no_demonstration(demo_database, tmp_path):
    file = demo_database(tmp_path)
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM carebase_demonstration")
        codes = set(database.execute("SELECT code FROM registry_child"))
    refused = run_manage(file, "demo", "--no-server", "--reset")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    with sqlite3.connect(file) as database:
        assert set(database.execute("SELECT code FROM registry_child")) == codes != set()


@pytest.mark.processes
@pytest.mark.parametrize("options", [[], ["--reset"]])
def test_a_database_of_another_program_stays_as_it_is(tmp_path, options):
    file = tmp_path / "accounts.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE ledger (amount)")
    refused = run_manage(file, "demo", "--no-server", *options)
    assert refused.returncode == 1
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("ledger",)]


@pytest.mark.processes
def test_it_serves_this_machine_until_it_is_stopped(tmp_path):
    with serve_demo(tmp_path / "demo.sqlite3") as (address, process):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}healthz", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.mark.processes
def test_a_taken_port_is_an_error_message(demo_database, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run_manage(demo_database(tmp_path), "demo", "--port", port)
    assert refused.returncode == 1
    assert port in refused.stderr
    assert "Traceback" not in refused.stderr
