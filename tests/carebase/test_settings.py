"""Settings: safe by default, and refused in production where they are unsafe."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "k1:" + base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode()
SOUND = {
    "PRODUCTION": "1",
    "ALLOWED_HOSTS": "care.example.org",
    "SECRET_KEY": "Zq8v-3Lr7TnXw2Yb5Kd9Mf4Gh6Js1Pc0Ae-UiOoBtNxQyRzSvWk",
    "FIELD_KEYS": KEY,
    "INDEX_KEY": "n3Vw8Xq1Lr7TzYb5Kd9Mf4Gh6Js0PcAe",
    "TRAIL_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "sqlite:///:memory:",
}


def run(*args: str, env: dict) -> subprocess.CompletedProcess:
    """Run Python in the project's folder with `env` as its whole environment, and no DEBUG of ours."""
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "carebase.settings"}
    return subprocess.run(
        [sys.executable, *args], cwd=ROOT, env=base | env, capture_output=True, text=True, timeout=120
    )


def settings_under(env: dict) -> dict:
    names = ["DEBUG", "PRODUCTION", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT"]
    names += ["SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME"]
    code = f"import json; from carebase import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names}}}))"
    result = run("-c", code, env=env)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refusal(env: dict) -> str:
    result = run("-c", "import carebase.settings", env=env)
    return result.stderr if result.returncode else ""


def test_without_any_environment_it_serves_this_machine_only():
    settings = settings_under({})
    assert settings["DEBUG"] is False and settings["PRODUCTION"] is False
    assert set(settings["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}


def test_valid_settings_start_in_production_with_secure_cookies():
    settings = settings_under(SOUND)
    assert settings["PRODUCTION"] and settings["SECURE_SSL_REDIRECT"] and settings["SESSION_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_NAME"] == "__Host-session"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "care.example.org,*.example.org"}, "ALLOWED_HOSTS"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + SOUND["SECRET_KEY"]}, "SECRET_KEY"),
        ({"TRAIL_KEY": ""}, "TRAIL_KEY"),
        ({"TRAIL_KEY": "c2hvcnQ="}, "TRAIL_KEY"),
        ({"FIELD_KEYS": ""}, "FIELD_KEYS"),
        ({"FIELD_KEYS": "k1"}, "FIELD_KEYS"),
        ({"FIELD_KEYS": "k1:c2hvcnQ="}, "FIELD_KEYS"),
        ({"FIELD_KEYS": f"{KEY},"}, "FIELD_KEYS"),
        ({"INDEX_KEY": ""}, "INDEX_KEY"),
        ({"INDEX_KEY": "short"}, "INDEX_KEY"),
    ],
)
def test_production_refuses_and_says_what_is_wrong(wrong, word):
    message = refusal(SOUND | wrong)
    assert "Carebase does not start in production" in message
    assert word in message.partition("does not start in production")[2]


@pytest.mark.parametrize("sign", [{"DEBUG": "0"}, {"ALLOWED_HOSTS": "care.example.org"}, {"PRODUCTION": "1"}])
def test_any_sign_of_production_requires_real_keys(sign):
    assert "SECRET_KEY" in refusal(sign)


def test_a_refusal_never_repeats_a_secret():
    message = refusal(SOUND | {"DEBUG": "1"})
    assert message and SOUND["SECRET_KEY"] not in message and KEY not in message


def test_the_deployment_check_finds_nothing_under_production():
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", env=SOUND)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr
