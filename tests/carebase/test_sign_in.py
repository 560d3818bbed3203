"""Signing in and out: throttling, session lifetime, passwords, and their audit events."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from carebase.models import Demonstration
from tests import factories as f
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/login/"
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
WRONG = "Please enter a correct user name"
LOCKED = "Too many failed sign-ins"


@pytest.fixture
def account():
    return f.with_password(f.user(Role.HEAD, username="head"))


@pytest.fixture
def other():
    return f.with_password(f.user(Role.AUDITOR, username="auditor"))


def sign_in(client, username="head", password=PASSWORD, address="10.0.0.1", **more):
    data = {"username": username, "password": password, **more}
    return client.post(LOGIN, data, REMOTE_ADDR=address)


def errors(response) -> str:
    return " ".join(response.context["form"].non_field_errors()) if response.context else ""


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def count(action) -> int:
    return Event.objects.filter(action=action).count()


def test_signing_in_redirects_home_and_writes_one_event(client, account, other):
    assert sign_in(client).url == "/"
    [event] = Event.objects.filter(action=Action.SIGN_IN)
    assert (event.user, event.address) == (account, "10.0.0.1")


def test_a_failure_writes_one_event_without_the_typed_name(client, account):
    sign_in(client, username="my-secret-password", password="x")
    [event] = Event.objects.filter(action=Action.SIGN_IN_FAILED)
    assert "my-secret" not in str(Event.objects.values())
    assert event.account and event.user is None


def test_signing_out_is_only_by_post_and_writes_one_event(client, account):
    sign_in(client)
    assert client.get(reverse("logout")).status_code == 405
    assert signed_in(client)
    assert client.post(reverse("logout")).url == LOGIN
    assert not signed_in(client)
    assert [event.user for event in Event.objects.filter(action=Action.SIGN_OUT)] == [account]


def test_an_unknown_name_is_answered_like_a_wrong_password_and_like_a_closed_account(client, account):
    f.with_password(f.user(Role.HEAD, username="gone", is_active=False))
    told = {
        errors(sign_in(client, name, secret)) for name, secret in [("head", "x"), ("nobody", "x"), ("gone", PASSWORD)]
    }
    assert len(told) == 1 and "" not in told


@pytest.mark.parametrize("name", ["head", "nobody"])
def test_after_five_failures_an_account_waits_known_or_not(client, account, name):
    for number in range(5):
        assert LOCKED not in errors(sign_in(client, name, "wrong", address=f"10.0.1.{number}"))
    assert LOCKED in errors(sign_in(client, name, PASSWORD, address="10.0.2.1"))
    assert not signed_in(client)


def test_the_same_name_in_capitals_or_with_spaces_counts_as_the_same(client, account):
    for name in ("head", "HEAD", " head", "Head ", "head"):
        sign_in(client, name, "wrong")
    assert LOCKED in errors(sign_in(client))


def test_a_locked_account_locks_nobody_else(client, account, other):
    for number in range(5):
        sign_in(client, "head", "wrong", address=f"10.0.1.{number}")
    assert sign_in(client, "auditor").status_code == 302


def test_after_twenty_failures_an_address_waits_and_other_addresses_do_not(client, account):
    for number in range(20):
        sign_in(client, f"guess{number}", "wrong")
    assert LOCKED in errors(sign_in(client))
    assert sign_in(client, address="10.0.0.2").status_code == 302


def test_the_wait_ends_and_is_not_prolonged_by_trying(client, account):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            sign_in(client, password="wrong")
        for _ in range(14):
            clock.shift(60)
            assert LOCKED in errors(sign_in(client))
        clock.shift(61)
        assert sign_in(client).status_code == 302
    assert count(Action.SIGN_IN_FAILED) == 5  # trying while one waits does not fill the trail


def test_what_was_signed_in_before_stays_signed_in_while_the_account_waits(client, account):
    sign_in(client)
    stranger = client.__class__()
    for _ in range(6):
        sign_in(stranger, password="wrong", address="10.0.9.9")
    assert client.get(reverse("password-change")).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_never_redirects_to_another_site(client, account, target):
    assert sign_in(client, next=target).url == "/"


def test_next_redirects_to_the_wanted_page(client, account):
    asked = client.get(reverse("child-list"))
    assert asked.url == f"{LOGIN}?next=/children/"
    assert sign_in(client, next="/children/").url == "/children/"


def test_the_admin_site_has_no_sign_in_of_its_own(client):
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/").url == f"{LOGIN}?next=/admin/"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def test_a_session_ends_after_half_an_hour_without_use_and_the_page_says_why(client, account, clock):
    sign_in(client)
    client.get(reverse("password-change"))
    clock.shift(31 * 60)
    sent = client.get("/password/?a=1")
    assert sent.url == f"{LOGIN}?next=/password/%3Fa%3D1"
    assert "was not used for a while" in client.get(sent.url).content.decode()
    assert "was not used for a while" not in client.get(LOGIN).content.decode()
    assert count(Action.SIGN_OUT) == 1


def test_a_session_in_use_goes_on(client, account, clock):
    sign_in(client)
    for _ in range(5):
        clock.shift(29 * 60)
        assert client.get(reverse("password-change")).status_code == 200


def test_a_session_in_use_ends_after_twelve_hours_all_the_same(client, account, clock):
    sign_in(client)
    for _ in range(25):
        clock.shift(29 * 60)
        response = client.get(reverse("password-change"))
    assert response.status_code == 302
    assert "signed in for a long time" in client.get(response.url).content.decode()


def test_what_an_idle_session_posts_is_not_saved(client, account, clock):
    sign_in(client)
    client.get(reverse("password-change"))
    clock.shift(31 * 60)
    data = {"old_password": PASSWORD, "new_password1": "quite-new-phrase", "new_password2": "quite-new-phrase"}
    assert client.post(reverse("password-change"), data).url.startswith(LOGIN)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_a_deactivated_account_is_out_at_once(client, account, other):
    sign_in(client)
    account.is_active = False
    account.save()
    assert client.get(reverse("password-change")).url.startswith(LOGIN)


def test_a_new_role_holds_from_the_next_page_on(client, account):
    sign_in(client)
    assert client.get(reverse("child-list")).status_code == 200
    account.role = Role.AUDITOR
    account.save()
    assert client.get(reverse("child-list")).status_code == 403


def change(client, new, old=PASSWORD):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("password-change"), data)


def test_an_initial_password_is_changed_before_anything_else(client, account):
    account.must_change_password = True
    account.save()
    sign_in(client)
    for page in ("/", "/children/", "/admin/", "/reports/"):
        assert client.get(page).url == reverse("password-change")
    page = client.get(reverse("password-change"))
    assert page.context["forced"] and page.context["navigation"] is None
    assert change(client, "quite-new-phrase").url == "/"
    assert client.get(reverse("child-list")).status_code == 200


def test_the_initial_password_is_not_kept_by_changing_it_to_itself(client, account):
    account.must_change_password = True
    account.save()
    sign_in(client)
    assert "other than the current one" in change(client, PASSWORD).content.decode()
    account.refresh_from_db()
    assert account.must_change_password


@pytest.mark.parametrize(
    "password",
    ["short-one", "password123", "1234567890", "the-long-head-of-all", "a" * 129],
    ids=lambda text: text[:14],
)
def test_a_weak_or_boundless_password_is_refused(client, account, password):
    account.name = "The Long Head of All"
    account.save()
    sign_in(client)
    assert change(client, password).status_code == 200
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_the_old_password_must_be_known(client, account):
    sign_in(client)
    assert change(client, "quite-new-phrase", old="wrong").status_code == 200
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_a_new_password_is_no_way_to_guess_the_current_one(client, account):
    sign_in(client)
    guessed = change(client, PASSWORD, old="wrong").content.decode()
    assert "other than the current one" not in guessed and "old password was entered incorrectly" in guessed


def test_a_changed_password_writes_an_event_without_it(client, account):
    sign_in(client)
    change(client, "quite-new-phrase")
    [event] = Event.objects.filter(action=Action.CHANGE, user=account)
    assert event.object_code == str(account.pk)
    assert "phrase" not in str(Event.objects.values())


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client, account):
    other_device = client.__class__()
    sign_in(client)
    sign_in(other_device)
    change(client, "quite-new-phrase")
    assert client.get(reverse("child-list")).status_code == 200
    assert other_device.get(reverse("child-list")).status_code == 302


@pytest.mark.parametrize("forced", [False, True])
def test_the_language_is_chosen_before_sign_in_and_during_a_forced_change(client, account, forced):
    if forced:
        account.must_change_password = True
        account.save()
        sign_in(client)
    page = reverse("password-change") if forced else LOGIN
    assert 'lang="en"' in client.get(page).content.decode()
    assert client.post(reverse("set_language"), {"language": "zh-hans", "next": page}).url == page
    assert 'lang="zh-hans"' in client.get(page).content.decode()


def test_the_language_switch_leads_to_no_other_site(client):
    response = client.post(reverse("set_language"), {"language": "en", "next": "https://evil.example/"})
    assert response.url == "/"


def test_the_demonstrations_accounts_are_named_only_in_a_demonstration(client):
    assert Demonstration.PASSWORD not in client.get(LOGIN).content.decode()
    Demonstration.objects.create()
    assert Demonstration.PASSWORD in client.get(LOGIN).content.decode()


def test_no_page_after_sign_in_is_cached(client, account):
    sign_in(client)
    assert "no-store" in client.get(reverse("child-list"))["Cache-Control"]
    assert "no-store" in client.get(reverse("event-list"))["Cache-Control"]  # a refusal too


def test_a_post_without_a_csrf_token_is_refused(account):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    assert not signed_in(strict)
