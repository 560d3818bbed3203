"""Accounts and postings in the admin: rights need a second person's approval, and nobody promotes themselves."""

import datetime as dt

import pytest
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.models import Posting
from tests import factories as make
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def admin_url(model: str, page: str, *args) -> str:
    return reverse(f"admin:{model}_{page}", args=args)


@pytest.fixture
def waiting():
    """A posting that another coordinator asked for."""
    return make.post(make.user(Role.VILLAGE), make.village(), approved=False)


def approve(client, *postings):
    data = {"action": "approve", "_selected_action": [posting.pk for posting in postings], "index": "0"}
    return client.post(admin_url("registry_posting", "changelist"), data, follow=True)


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
