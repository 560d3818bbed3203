"""The application in production: started as the README says, on PostgreSQL, behind a proxy that terminates TLS.

One walk signs in as every role, opens every kind of page and sends every kind of form, admin actions included. Nothing
wraps it in a transaction.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import psycopg2
import pytest
from django.db import connection

from carebase.accounts.roles import Role
from tests import production
from tests.http_browser import CLIENT_ADDRESS, Browser
from tests.site_walk import SiteWalk
from tests.tunnel import Tunnel

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite ignores locks outside of transactions"),
]
ERROR = re.compile(r"^(?:[\w.]+(?:Error|Exception)\b.*|Internal Server Error.*)", re.M)
# Pages that may show a form that nobody's walk can send so that it is accepted, and why.
MAY_REFUSE = {
    "login": "who signs in has no walk yet",
    "child-enrol": "needs pupils without a class, whom only some imports bring",
    "transfer-detail": "an offer that was accepted before cannot be declined",
    "import-columns": "the import may be saved or cancelled by then",
    "pairing-create": "the carers may be full by then",
    "child-departure": "both parents may be away already",
}
WALKS: dict[str, SiteWalk] = {}


class Site(NamedTuple):
    """The running server, its log, and the way to its database."""

    port: int
    log: Path
    tunnel: Tunnel
    database: str

    def read_log(self) -> str:
        return self.log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("production")
    with production.postgres_database(os.environ["DATABASE_URL"], f"production_{os.getpid()}") as database:
        production.load(folder, database)
        with Tunnel(database) as tunnel, production.serve(folder, tunnel.url) as (port, log):
            yield Site(port, log, tunnel, database)


def test_the_command_of_the_readme_serves_over_tls_and_knows_the_address_of_the_client(site):
    browser = Browser(site.port)
    assert browser.get("/").location.startswith("/login/")
    assert browser.get("/login/").status == 200
    SiteWalk(browser).sign_in("auditor")
    with psycopg2.connect(site.database) as database, database.cursor() as cursor:
        cursor.execute("SELECT address FROM audit_event WHERE action = 'sign_in' ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == (CLIENT_ADDRESS,)


def test_a_request_that_did_not_come_over_tls_is_redirected(site):
    answer = Browser(site.port).send("GET", "/login/", **{"X-Forwarded-Proto": "http"})
    assert (answer.status, answer.location) == (301, "https://carebase.example.org/login/")


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/nowhere/", "/static/css/carebase.css", "/reports/term.csv"])
def test_an_answer_to_head_has_no_body_and_the_connection_can_be_used_again(site, path):
    browser = Browser(site.port)
    assert browser.send("HEAD", path).status == browser.get(path).status
    socket = browser.connection.sock
    browser.send("HEAD", path)
    assert browser.get("/healthz").body == b"ok"
    assert browser.connection.sock is socket


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "系统暂时无法使用"), ("en", "The registry is temporarily unavailable")]
)
def test_a_stopped_database_is_said_in_words_until_it_is_back(site, language, words):
    walk, stranger = SiteWalk(Browser(site.port)), SiteWalk(Browser(site.port))
    walk.sign_in("head")
    sending = stranger.sign_in_form("head")
    walk.browser.headers = stranger.browser.headers = {"Accept-Language": language}
    paths = ("/", "/login/", "/children/", "/children/papers/", "/reports/term.csv", "/nowhere/")
    with site.tunnel.closed():
        answers = [walk.browser.get(path) for path in paths]
        answers += [stranger.browser.get("/login/"), stranger.transmit(sending)]
        health = Browser(site.port).get("/healthz")
    assert [(answer.status, words in answer.text) for answer in answers] == [(503, True)] * len(answers)
    assert (health.status, health.body) == (503, b"database")
    assert walk.browser.get("/children/").status == 200


@pytest.mark.parametrize("role", Role)
def test_nothing_that_a_role_reads_and_sends_is_an_error(site, role):
    logged, walk = len(site.read_log()), SiteWalk(Browser(site.port))
    walk.sign_in(role)
    walk.run()
    WALKS[role] = walk
    assert not walk.faults + ERROR.findall(site.read_log()[logged:])


def test_every_form_was_accepted_from_somebody():
    if set(WALKS) != set(Role):
        pytest.skip("needs the walks of all roles")
    shown = set().union(*(walk.shown_by for walk in WALKS.values()))
    accepted = set().union(*(walk.accepted for walk in WALKS.values()))
    read_only = {kind for kind in shown if kind[0].startswith("admin:") and not kind[-1]}  # a form without a button
    refused = {kind for kind in shown - accepted - read_only if kind[0] not in MAY_REFUSE}
    assert not refused, "give what the form needs in GIVEN of tests/site_walk.py"
