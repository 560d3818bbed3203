"""Accounts and postings in the admin: rights need a second person's approval, and nobody promotes themselves."""

import datetime as dt

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from carebase.accounts.grants import grant_refusal
from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from registry.models import Posting
from tests import factories as make
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


def admin_url(model: str, page: str, *args) -> str:
    return reverse(f"admin:{model}_{page}", args=args)


@pytest.fixture
def waiting():
    """A posting that another coordinator asked for."""
    return make.post(make.user(Role.VILLAGE), make.village(), approved=False)


POSTINGS = "/admin/registry/posting/"


def approve(client, *postings, page=None):
    """Approve postings as the list shows them now, or as an earlier `page` of it did."""
    chosen = {"action": ["approve"], "_selected_action": [posting.pk for posting in postings]}
    data = form_data(page or client.get(POSTINGS), "changelist-form", **chosen)
    return client.post(POSTINGS, data, follow=True)


def test_a_coordinator_approves_a_posting_that_another_asked_for(login, waiting):
    approver = make.coordinator_of(make.township())
    approve(login(approver), waiting)
    waiting.refresh_from_db()
    assert waiting.approved_by == approver


def test_nobody_approves_what_they_asked_for_or_their_own_posting(login, waiting):
    approver = make.coordinator_of(make.township())
    waiting.requested_by = approver
    waiting.save()
    own = make.post(approver, make.other_village(), approved=False)
    shown = approve(login(approver), waiting, own).content.decode()
    assert "requested this posting yourself" in shown and "your own posting" in shown
    assert not Posting.objects.filter(pk__in=[waiting.pk, own.pk]).exclude(approved_by=None).exists()


def test_a_posting_far_away_cannot_be_approved(login):
    foreign = make.post(make.user(Role.VILLAGE), make.far_village(), approved=False)
    approve(login(make.coordinator_of(make.township())), foreign)
    foreign.refresh_from_db()
    assert foreign.approved_by is None


def test_the_list_of_postings_says_in_which_role(login, waiting):
    shown = login(make.coordinator_of(make.township())).get(POSTINGS).content.decode()
    assert "village committee admin</td>" in shown and "coordinator</td>" in shown


def test_what_has_changed_since_the_list_was_opened_is_not_approved(login, waiting):
    beside = make.post(make.user(Role.VILLAGE), make.village(), approved=False)
    same = make.post(make.user(Role.VILLAGE), make.village(), approved=False)
    client = login(make.coordinator_of(make.township()))
    page = client.get(POSTINGS)
    waiting.user.role = Role.COORDINATOR
    waiting.user.save()
    beside.division = make.other_village()
    beside.save()
    assert approve(client, waiting, beside, same, page=page).content.decode().count("Look again") == 2
    assert set(Posting.objects.filter(pk__in=[waiting.pk, beside.pk, same.pk], approved_by=None)) == {waiting, beside}
    approve(client, waiting, beside)
    assert not Posting.objects.awaiting_approval().exists()


def test_who_gave_the_role_does_not_approve_what_another_asked_for_before(login, waiting):
    client = login(make.coordinator_of(make.county()))
    assert change_account(client, waiting.user, role="coordinator").status_code == 302
    assert "requested this posting yourself" in approve(client, waiting).content.decode()
    assert Posting.objects.get(pk=waiting.pk).approved_by is None
    approve(login(make.coordinator_of(make.township())), waiting)
    assert Posting.objects.get(pk=waiting.pk).approved_by is not None


def test_a_coordinator_ends_the_posting_of_no_peer_superior_or_auditor_but_of_one_below(login):
    coordinator, place = make.coordinator_of(make.township()), make.township()
    beyond = [
        make.post(make.user(Role.AUDITOR), place),
        make.coordinator_of(place).postings.get(),
        make.post(make.coordinator_of(make.county()), place),
        coordinator.postings.get(),
    ]
    below = make.admin_of(make.village()).postings.get()
    client, ended = login(coordinator), "2026-01-01"
    statuses = [change_posting(client, posting, ends_on=ended).status_code for posting in [*beyond, below]]
    assert statuses == [403, 403, 403, 403, 302]
    assert [posting.user for posting in Posting.objects.exclude(ends_on=None)] == [below.user]
    assert client.get(admin_url("registry_posting", "change", beyond[0].pk)).status_code == 200, "to be read"


def test_a_posting_stays_with_its_person(login):
    posting = make.admin_of(make.village()).postings.get()
    client, other = login(make.user(Role.ADMIN)), make.user(Role.VILLAGE)
    assert change_posting(client, posting, user=other.pk, ends_on="2031-01-01").status_code == 302
    assert (Posting.objects.get(pk=posting.pk).user, other.postings.count()) == (posting.user, 0)


def change_posting(client, posting, **changes):
    url = admin_url("registry_posting", "change", posting.pk)
    return client.post(url, form_data(client.get(url), "posting_form", **changes))


@pytest.mark.parametrize(("ends_on", "kept"), [("2030-01-01", True), ("2032-01-01", False), ("", False)])
def test_a_posting_that_is_shortened_stays_approved_and_one_that_is_prolonged_does_not(ends_on, kept, login):
    posting = make.post(make.user(Role.VILLAGE), make.village(), ends_on=dt.date(2031, 1, 1))
    assert change_posting(login(make.coordinator_of(make.township())), posting, ends_on=ends_on).status_code == 302
    posting.refresh_from_db()
    assert (posting.approved_by is not None) == kept


def test_a_posting_that_is_moved_waits_for_a_second_person_again(login):
    posting = make.post(make.user(Role.VILLAGE), make.village())
    mover = make.coordinator_of(make.township())
    assert change_posting(login(mover), posting, division=make.other_village().pk).status_code == 302
    posting.refresh_from_db()
    assert posting.approved_by is None and posting.requested_by == mover


def new_account(client, **changes):
    url = admin_url("accounts_user", "add")
    filled = {"username": "xin", "name": "新人", "role": "village", "initial_password": "长长的初始口令一二三"}
    place = {
        "postings-0-division": make.village().pk,
        "postings-0-starts_on": "2026-01-01",
        "postings-0-reason": "任命",
    }
    return client.post(url, form_data(client.get(url), "user_form", **(filled | place | changes)))


def test_a_new_account_must_change_its_password_and_its_posting_waits(login):
    coordinator = make.coordinator_of(make.township())
    assert new_account(login(coordinator)).status_code == 302
    made = User.objects.get(username="xin")
    posting = made.postings.get()
    assert made.must_change_password and made.check_password("长长的初始口令一二三")
    assert posting.requested_by == coordinator and posting.approved_by is None


def test_an_account_posted_twice_is_no_error_about_its_name(login):
    client = login(make.coordinator_of(make.township()))
    sent = [new_account(client, form_token="the-same-form") for _time in range(2)]
    assert sent[1].url == admin_url("accounts_user", "change", User.objects.get(username="xin").pk)


def test_a_coordinator_creates_no_administrator_and_no_account_out_of_scope(login):
    client = login(make.coordinator_of(make.township()))
    assert new_account(client, role="admin").status_code == 200
    make.far_village()
    assert new_account(client, **{"postings-0-division": "990101102201"}).status_code == 200
    assert not User.objects.filter(username="xin").exists()


def test_nobody_changes_their_own_account_nor_a_coordinator_one_posted_elsewhere(login):
    coordinator = make.coordinator_of(make.township())
    both = make.admin_of(make.village())
    make.post(both, make.far_village())
    client = login(coordinator)
    for account in (coordinator, both):
        assert client.post(admin_url("accounts_user", "change", account.pk), {"role": "admin"}).status_code == 403


def test_with_another_role_the_postings_wait_to_be_approved_again(login):
    account = make.admin_of(make.village())
    client, url = login(make.user(Role.ADMIN)), admin_url("accounts_user", "change", account.pk)
    assert client.post(url, form_data(client.get(url), "user_form", role="coordinator")).status_code == 302
    assert account.postings.get().approved_by is None


GIVEN = "长长的初始口令一二三"
SIGN_IN_PASSWORD = "only-the-owner-knows"


def set_password(client, account, password=GIVEN):
    url = admin_url("accounts_user", "change", account.pk)
    return client.post(url, form_data(client.get(url), "user_form", initial_password=password))


def take_over(account) -> Client:
    """Sign in with the password that somebody set, and choose another."""
    client = Client()
    assert client.post("/login/", {"username": account.username, "password": GIVEN}).url == "/"
    new = {"new_password1": SIGN_IN_PASSWORD, "new_password2": SIGN_IN_PASSWORD}
    assert client.post(reverse("password-change"), {"old_password": GIVEN, **new}).url == "/"
    return client


def test_who_set_the_password_of_an_approver_cannot_approve_as_them_for_a_day(login):
    upper, below = make.coordinator_of(make.county()), make.coordinator_of(make.township())
    asked = make.post(make.user(Role.VILLAGE), make.village(), approved=False)
    asked.requested_by = upper
    asked.save()
    with time_machine.travel(NOW, tick=False) as clock:
        assert set_password(login(upper), below).status_code == 302
        clock.shift(3600)
        taken = take_over(below)
        assert "11/21/2026" in approve(taken, asked).content.decode(), "from when it is possible"
        clock.shift(24 * 3600 - 60)
        below.refresh_from_db()
        taken.force_login(below)
        approve(taken, asked)
        asked.refresh_from_db()
        assert asked.approved_by is None
        clock.shift(61)
        approve(taken, asked)
    asked.refresh_from_db()
    assert asked.approved_by == below


def test_with_a_fresh_password_nobody_appoints_creates_accounts_or_sets_roles_and_nothing_typed_is_lost(login):
    below = make.coordinator_of(make.township())
    other = make.admin_of(make.village())
    assert set_password(login(make.user(Role.ADMIN)), below).status_code == 302
    taken = take_over(below)
    refused = new_account(taken)
    assert "a short while ago" in refused.content.decode() and 'value="xin"' in refused.content.decode()
    url = admin_url("accounts_user", "change", other.pk)
    assert taken.post(url, form_data(taken.get(url), "user_form", role="head")).status_code == 200
    assert set_password(taken, other).status_code == 200
    posting = other.postings.get()
    assert change_posting(taken, posting, division=make.other_village().pk).status_code == 200
    inline = {"postings-1-division": make.village().pk, "postings-1-starts_on": "2026-01-01", "postings-1-reason": "任"}
    inline |= {"postings-TOTAL_FORMS": "2"}
    assert taken.post(url, form_data(taken.get(url), "user_form", **inline)).status_code == 200
    other.refresh_from_db()
    assert other.role == Role.VILLAGE and other.postings.get().division == make.village()
    assert not User.objects.filter(username="xin").exists()
    assert change_account(taken, other, is_active="").status_code == 302, "to end rights is no grant"


def test_with_a_fresh_password_no_right_is_given_to_an_account_that_may_not_sign_in_either(login):
    below, other = make.coordinator_of(make.township()), make.with_password(make.admin_of(make.village()))
    assert set_password(login(make.user(Role.ADMIN)), below).status_code == 302
    taken = take_over(below)
    for given in ({"role": "head"}, {"initial_password": GIVEN}):
        assert change_account(taken, other, is_active="", **given).status_code == 200
    assert new_account(taken, is_active="").status_code == 200
    other.refresh_from_db()
    assert other.role == Role.VILLAGE and other.check_password(make.PASSWORD) and other.is_active
    assert not User.objects.filter(username="xin").exists()


def change_account(client, account, **fields):
    url = admin_url("accounts_user", "change", account.pk)
    return client.post(url, form_data(client.get(url), "user_form", **fields))


def test_a_second_administrator_that_one_made_approves_nothing_for_a_day(login, waiting):
    client = login(make.user(Role.ADMIN))
    url = admin_url("accounts_user", "add")
    fields = {"username": "second", "name": "二号", "role": "admin", "initial_password": GIVEN}
    assert client.post(url, form_data(client.get(url), "user_form", **fields)).status_code == 302
    second = User.objects.get(username="second")
    approve(take_over(second), waiting)
    waiting.refresh_from_db()
    assert waiting.approved_by is None


def test_an_account_in_a_new_role_waits_too(login):
    account = make.coordinator_of(make.township())
    assert change_account(login(make.user(Role.ADMIN)), account, role="admin").status_code == 302
    account.refresh_from_db()
    assert "a short while ago" in grant_refusal(account)


@override_settings(APPROVAL_WAIT_HOURS=0)
def test_an_installation_may_do_without_the_wait(login):
    below = make.coordinator_of(make.township())
    set_password(login(make.user(Role.ADMIN)), below)
    below.refresh_from_db()
    assert grant_refusal(below) == ""


def test_a_coordinator_sets_the_password_of_no_peer_but_of_one_below(login):
    coordinator, peer = make.coordinator_of(make.county()), make.coordinator_of(make.county())
    below = make.coordinator_of(make.township())
    client = login(coordinator)
    url = admin_url("accounts_user", "change", peer.pk)
    assert client.post(url, {"initial_password": GIVEN}).status_code == 403
    assert set_password(client, below).status_code == 302
    assert set_password(login(below), make.admin_of(make.village())).status_code == 302


def test_an_administrator_deactivates_another_and_neither_signs_in_as_them_nor_changes_their_role(login):
    peer = make.with_password(make.user(Role.ADMIN))
    client = login(make.user(Role.ADMIN))
    assert "changepassword" in client.get(admin_url("accounts_user", "change", peer.pk)).content.decode()
    assert change_account(client, peer, initial_password=GIVEN, role="auditor", is_active="").status_code == 302
    peer.refresh_from_db()
    assert peer.check_password(make.PASSWORD) and peer.role == Role.ADMIN and not peer.is_active


def test_the_owner_and_the_others_above_hear_who_set_a_password(login):
    setter, other_admin = make.user(Role.ADMIN, name="林涛"), make.user(Role.ADMIN)
    account, upper = make.coordinator_of(make.township()), make.coordinator_of(make.county())
    stranger = make.coordinator_of(make.division("990102000000", "别县"))
    set_password(login(setter), account)
    signed_in = Client()
    signed_in.post("/login/", {"username": account.username, "password": GIVEN})
    assert "林涛" in signed_in.get(reverse("password-change")).content.decode()
    assert "林涛" in take_over(account).get("/").content.decode()
    for user, told in ((other_admin, True), (upper, True), (setter, False), (stranger, False)):
        assert ("password set by somebody else" in login(user).get("/").content.decode()) == told, user
    [event] = Event.objects.filter(action=Action.CHANGE, detail__password="set")
    assert (event.user, event.object_code) == (setter, str(account.pk))


def test_whoever_made_the_first_account_on_the_server_chose_its_password(client):
    created = User.objects.create_superuser("root", GIVEN, name="根")
    assert not created.must_change_password and grant_refusal(created) == ""
    client.post("/login/", {"username": "root", "password": GIVEN})
    assert "Someone else set" not in client.get(reverse("password-change")).content.decode()
    assert client.get("/").status_code == 200
