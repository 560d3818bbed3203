"""The two directions of the row rule say the same, for every role there is and for one that is added."""

import datetime as dt
import random
import runpy
from enum import Enum
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils.functional import SimpleLazyObject

from carebase.accounts import roles
from carebase.accounts.models import User
from carebase.accounts.roles import ROLES, Reach, Role, RoleDefinition, permission_names
from pairing.models import Pairing
from registry import access
from registry.access import users_who_see
from registry.models import Child, Referral
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SEES = "registry.view_child"
YESTERDAY, TOMORROW = (f.today() + dt.timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def everybody(monkeypatch) -> RoleDefinition:
    """A role that nobody thought of, which reaches children in every way at once."""
    definition = RoleDefinition(
        label="liaison officer", description="", reach=set(Reach), permissions=permission_names(registry_child="view")
    )
    monkeypatch.setitem(ROLES, "liaison", definition)
    return definition


def populate(rng: random.Random) -> tuple[list[Child], list[User]]:
    """Return children of all kinds of places, and accounts of each role with postings and links at random."""
    villages = [f.village(), f.other_village(), f.far_village(), f.township()]
    schools = [f.school(), f.other_school()]
    classes = [f.school_class(school, number=number) for school in schools for number in (1, 2)]
    children = []
    for number in range(10):
        placed = rng.choice([{}, {"school": rng.choice(schools)}, {"school_class": rng.choice(classes)}])
        children.append(f.child(f"孩{number}", living_in=rng.choice(villages), **placed))
    users = [f.user(role) for role in ROLES for _ in range(3)]
    places = [*villages, f.county(), f.division("990101102000", ""), *schools, *classes]
    for account in users:
        for place in rng.sample(places, rng.randint(1, 5)):
            days = rng.choice([{}, {}, {"ends_on": f.today()}, {"ends_on": YESTERDAY}, {"starts_on": TOMORROW}])
            f.post(account, place, **days, approved=rng.random() < 0.8)
    for child in children:
        Referral.objects.create(child=child, counsellor=rng.choice(users), **period(rng, "referred_on"))
    carers = [f.carer(user=account) for account in users if rng.random() < 0.6]
    for child in children:
        carer, days = rng.choice(carers), period(rng, "started_on")
        days |= {"ending": "other"} if "ended_on" in days else {}
        Pairing.objects.create(child=child, carer=carer, seat=carer.pairings.count() + 1, **days)
    return children, users


def period(rng: random.Random, first: str) -> dict:
    """Return the days of a pairing or a referral: mostly a current one, also future and ended ones."""
    return rng.choice(
        [{}, {}, {first: YESTERDAY}, {first: TOMORROW}, {first: YESTERDAY, "ended_on": f.today()}]
        + [{first: YESTERDAY, "ended_on": YESTERDAY}, {first: YESTERDAY, "ended_on": TOMORROW}]
    )


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("everybody")
def test_a_user_sees_a_child_exactly_when_among_those_who_see_it(seed):
    children, users = populate(random.Random(seed))
    seen = {(account.pk, child.pk) for account in users for child in Child.objects.visible_to(account)}
    asked = {(account.pk, child.pk) for child in children for account in users_who_see(child, permission=SEES)}
    assert seen == asked
    kinds = {account.role for account in users if account.pk in {user for user, _child in seen}}
    assert "liaison" in kinds and len(kinds) > 3 and len(seen) < len(users) * len(children)


@pytest.mark.parametrize("permission", ["visits.add_visit", "registry.change_child", "registry.view_survey"])
def test_a_permission_is_used_on_the_same_children_whichever_way_one_asks(permission):
    children, users = populate(random.Random(permission))
    rows = {(account.pk, child.pk) for account in users for child in Child.objects.permitted_to(account, permission)}
    one = {(account.pk, child.pk) for account in users for child in children if account.has_perm(permission, child)}
    asked = {(account.pk, child.pk) for child in children for account in users_who_see(child, permission=permission)}
    assert rows == one == asked and rows
    assert rows <= {(account.pk, child.pk) for account in users for child in Child.objects.visible_to(account)}


@pytest.mark.usefixtures("everybody")
def test_the_condition_on_many_rows_says_the_same_as_the_question_about_one_child():
    children, users = populate(random.Random(4))
    links = Referral.objects.annotate(sees=access.user_sees_child("counsellor", permission=SEES))
    for link in links.select_related("child"):
        assert link.sees == users_who_see(link.child, permission=SEES).filter(pk=link.counsellor_id).exists()
    assert {link.sees for link in links} == {True, False}


def test_the_scope_of_a_user_is_built_once_a_request():
    account = f.head_of(f.school())
    lazy = SimpleLazyObject(lambda: User.objects.get(pk=account.pk))
    assert access.scope_of(lazy) is access.scope_of(lazy)
    assert access.scope_of(lazy).children() is access.scope_of(lazy).children()
    assert access.scope_of(lazy) is not access.scope_of(account)


def test_a_role_without_the_permission_is_not_among_them():
    child = f.child(school_class=f.school_class())
    coordinator, teacher = f.coordinator_of(f.county()), f.teacher_of(f.school_class())
    assert set(users_who_see(child, permission=SEES)) == {coordinator, teacher}
    assert set(users_who_see(child, permission="registry.import_child")) == {coordinator}


def test_a_child_of_no_school_is_not_seen_by_who_is_posted_to_none():
    child = f.child()
    f.posted_user(Role.HEAD, f.village()), f.posted_user(Role.TEACHER, f.village())
    village = f.admin_of(f.village())
    assert list(users_who_see(child, permission=SEES)) == [village]


def test_a_reach_that_there_is_not_is_refused_when_the_role_is_said():
    with pytest.raises(ValueError, match="moon"):
        RoleDefinition(label="x", description="x", reach={"moon"}, permissions=permission_names())


def test_a_kind_of_reach_without_its_rule_stops_the_start(monkeypatch):
    longer = Enum("Reach", {kind.name: kind.value for kind in Reach} | {"MOON": "the children of the moon"})
    monkeypatch.setattr(roles, "Reach", longer)
    with pytest.raises(ImproperlyConfigured, match="needs a rule"):
        runpy.run_path(access.__file__)


def test_a_role_without_its_definition_stops_the_start():
    text = Path(roles.__file__).read_text(encoding="utf-8")
    longer = text.replace('    ADMIN = "admin"\n', '    ADMIN = "admin"\n    GHOST = "ghost"\n')
    with pytest.raises(ImproperlyConfigured, match="ghost"):
        exec(compile(longer, "roles", "exec"), {"__name__": "roles_with_a_ghost"})


def test_an_account_of_a_role_that_nobody_defined_is_an_error_and_not_an_empty_page():
    ghost = f.posted_user("ghost", f.village())
    with pytest.raises(KeyError):
        Child.objects.visible_to(ghost)
    with pytest.raises(KeyError):
        ghost.has_perm(SEES)


def test_a_row_is_locked_for_who_sees_it_and_refused_to_others():
    child, far = f.child(), f.child(living_in=f.far_village())
    village = f.admin_of(f.village())
    assert Child.objects.lock_visible_to(village, child.pk) == child
    with pytest.raises(Exception, match="This child is outside your area"):
        Child.objects.lock_visible_to(village, far.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite knows no row locks")
def test_a_row_is_locked_in_an_open_transaction_only():
    child, village = f.child(), f.admin_of(f.village())
    with pytest.raises(transaction.TransactionManagementError):
        Child.objects.lock_visible_to(village, child.pk)
