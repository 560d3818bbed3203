"""Forty guesses at one instant: no more passwords are checked than one may try in a quarter of an hour."""

import threading

import pytest
from django.test import Client
from django.urls import reverse

from carebase.accounts.models import PasswordAttempt, User
from carebase.accounts.roles import Role
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
AT_ONCE = 40


@pytest.fixture
def checked(monkeypatch):
    """The passwords that are checked, of accounts that exist or not."""
    checks, lock = [], threading.Lock()
    plain = {name: getattr(User, name) for name in ("check_password", "set_password")}

    def counting(name):
        def check(self, password):
            with lock:
                checks.append(password)
            return plain[name](self, password)

        return check

    f.with_password(f.user(Role.HEAD, username="head"))
    for name in plain:
        monkeypatch.setattr(User, name, counting(name))
    return checks


def guess(path: str, fields: dict, *, user=None, address="10.0.0.{}"):
    """Return functions that post a wrong password each, from addresses of their own."""

    def post(number):
        client = Client(REMOTE_ADDR=address.format(number))
        if user:
            client.force_login(user)
        return lambda: client.post(path, {name: value.format(number) for name, value in fields.items()})

    return [post(number) for number in range(AT_ONCE)]


@pytest.mark.parametrize("name", ["head", "nobody"])
def test_of_forty_guesses_at_once_five_are_tried_and_none_later(name, checked, tmp_path):
    guesses = guess("/login/", {"username": name, "password": "wrong {}"})
    with shared_database(tmp_path):
        assert run_concurrently(guesses) == [DONE] * AT_ONCE
        for post in guesses[:10]:
            post()
        assert len(checked) == PasswordAttempt.objects.count() == 5


def test_of_forty_names_tried_at_once_from_one_address_twenty_are_tried(checked, tmp_path):
    fields = {"username": "name{}", "password": "wrong"}
    with shared_database(tmp_path):
        assert run_concurrently(guess("/login/", fields, address="10.0.0.1")) == [DONE] * AT_ONCE
        assert len(checked) <= 20


def test_of_forty_guesses_at_once_of_the_old_password_five_are_tried(checked, tmp_path):
    fields = {"old_password": "wrong {}", "new_password1": "quite-new-phrase", "new_password2": "quite-new-phrase"}
    guesses = guess(reverse("password-change"), fields, user=User.objects.get())
    with shared_database(tmp_path):
        assert run_concurrently(guesses) == [DONE] * AT_ONCE
        for post in guesses[:10]:
            post()
        assert len([password for password in checked if password.startswith("wrong")]) == 5


def test_of_forty_guesses_at_once_before_a_value_in_full_five_are_tried(checked, tmp_path, settings):
    settings.STEP_UP_MINUTES = 0
    teacher, child = f.with_password(f.teacher_of(f.school_class())), f.child(school_class=f.school_class())
    checked.clear()
    fields = {"field": "id_number", "purpose": "check", "password": "wrong {}"}
    guesses = guess(reverse("child-unmask", args=[child.code]), fields, user=teacher)
    with shared_database(tmp_path):
        assert run_concurrently(guesses) == [DONE] * AT_ONCE
        for post in guesses[:10]:
            post()
        assert len(checked) == 5


def test_right_passwords_at_once_or_often_block_nobody(checked, tmp_path):
    right = guess("/login/", {"username": "head", "password": f.PASSWORD})
    with shared_database(tmp_path):
        for post in right:
            assert post().status_code == 302
        assert not PasswordAttempt.objects.exists()
