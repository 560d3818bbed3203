"""Hostile inputs at every field of every form, and in every address, of every role: a word, never an error.

Each form is first sent as it is accepted; then one field at a time is changed, and all is undone again. The values are
drawn by a seeded generator, on average HOSTILE_VALUES of them for each field: 0.2 by default, and 2 for 10,000 inputs.
"""

import os
import random
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from django.urls import resolve

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.management.demo_data.loader import load_demonstration
from tests.http_browser import ClientBrowser
from tests.site_walk import ON_EVERY_PAGE, SiteWalk, was_accepted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
VALUES_PER_FIELD = float(os.environ.get("HOSTILE_VALUES", "0.2"))
SCRIPTS = ["<script>alert(7)</script>", '"><img src=x onerror=alert(7)>', "</textarea><svg onload=alert(7)>"]
ALIVE = ["<script>alert(7)", "<img src=x onerror", "<svg onload", "51317"]  # 51317: a template was evaluated
VALUES = [
    *SCRIPTS, "{{ 7331|add:43986 }}", "{% load x %}", "${7*7}", "' OR 1=1 --", "%s%n%00", "../../etc/passwd",
    "", " ", "\0", "a\0b", "1\0", "\r\nX-Evil: 1", "\x1b[31m\x7f", "\u202egpj.exe", "\ufeff", b"\xff\xfe\x80",
    "-1", "0", "1.5", "1e309", "NaN", "１２", "٣", "1" * 400, "2147483648", "9223372036854775808",
    "-9223372036854775809", "abc", "没有", "None", "true", "[]", "{}", "=cmd|' /C calc'!A0", "a" * 5000,
    "汉" * 3000, "𠮷👩" * 40, "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "25:61",
]  # fmt: skip
NAMES = ["page", "q", "suggest", "term", "child", "division", "o", "p", "all", "e", "_changelist_filters"]


class HostileWalk(SiteWalk):
    def __init__(self, browser, seed: str):
        super().__init__(browser)
        self.random, self.inputs = random.Random(seed), 0

    def draw(self) -> list:
        whole, part = divmod(VALUES_PER_FIELD, 1)
        return self.random.sample(VALUES, int(whole) + (self.random.random() < part))

    def send(self, kind, sending):
        with self.browser.undone():
            accepted = was_accepted(self.transmit(sending))
        if accepted and kind[0] not in ON_EVERY_PAGE:
            for name in dict.fromkeys(control.name for control in sending.form.controls):
                for value in self.draw() if name != "csrfmiddlewaretoken" else []:
                    changed = sending.with_value(name, value)
                    self.attack(f"{name} of {sending.form.action}", value, self.transmit, changed)
        super().send(kind, sending)

    def read(self, path: str) -> None:
        super().read(path)
        base, query = urlsplit(path).path, dict(parse_qsl(urlsplit(path).query))
        for name in sorted({*query, *self.random.sample(NAMES, 2)}):
            for value in self.draw():
                self.attack(f"{name} of {base}", value, self.browser.get, f"{base}?{urlencode(query | {name: value})}")
        for part in sorted({str(part) for part in resolve(base).kwargs.values()} & set(base.split("/"))):
            for value in self.draw():
                hostile = base.replace(f"/{part}/", f"/{quote(value, safe='')}/", 1)
                self.attack(f"{part} of {base}", value, self.browser.get, hostile)

    def attack(self, where: str, value, ask, *args) -> None:
        """Send one input, look at the answer and what it leads to, and undo it."""
        self.inputs += 1
        what = f"{value!r:.40} as {where}"
        with self.browser.undone():
            answer = self.look(ask(*args), what)
            if answer.location and value in SCRIPTS:
                answer = self.look(self.browser.get(answer.location), what)
            self.faults += [f"{what}: {alive} is alive" for alive in ALIVE if alive in answer.text]


@pytest.fixture(scope="module")
def demonstration(module_db):
    load_demonstration()


@pytest.mark.parametrize("role", Role)
def test_a_hostile_input_is_answered_with_a_word_and_is_never_alive(role, demonstration):
    walk = HostileWalk(ClientBrowser(User.objects.get(username=role)), role)
    walk.run()
    print(f"{role}: {walk.inputs} inputs, {len(walk.accepted)} forms accepted")
    assert not walk.faults, "\n".join(["", *walk.faults])
    assert walk.inputs > 20 * VALUES_PER_FIELD
