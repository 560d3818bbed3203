"""A real Chromium against the real demonstration, served by its own command from a database of its own."""

import os
import shutil

import pytest
from django.db import connection
from playwright.sync_api import sync_playwright

from tests import production
from tests.demo_process import serve_demo

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Without these a browser looks for its maker's hosts at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "carebase-demo"


def required(what: str) -> bool:
    return what in os.environ.get("CAREBASE_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def chromium():
    """A browser; without one the tests are left out aloud, or fail where CAREBASE_REQUIRE names it."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        reason = "No Chromium on this machine: the browser tests are left out."
        pytest.fail(reason) if required("browser") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(request, tmp_path_factory):
    """The address of a fresh demonstration, without the last slash; on PostgreSQL where the tests run there."""
    folder = tmp_path_factory.mktemp("site")
    if connection.vendor == "postgresql":
        with production.postgres_database(os.environ["DATABASE_URL"], f"browser_{os.getpid()}") as database:
            production.load(folder, database, **production.ON_THIS_MACHINE)
            with production.serve(folder, database, **production.ON_THIS_MACHINE) as (port, _log):
                yield f"http://127.0.0.1:{port}"
        return
    with serve_demo(request.getfixturevalue("demo_database")(folder)) as (address, _process):
        yield address.rstrip("/")


class Person:
    """Somebody at a browser, signed in by one of the demonstration's accounts."""

    def __init__(self, page, site: str, username: str):
        self.page, self.site = page, site
        page.goto(f"{site}/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main button[type=submit], main button.btn-primary").first.click()

    def open(self, path: str):
        response = self.page.goto(self.site + path)
        assert response.status < 400, f"{path}: {response.status}"
        return self.page


@pytest.fixture
def person(chromium, site):
    """`person("teacher", width=360)` signs somebody in, in Chinese, and returns them."""
    contexts = []

    def sign_in(username: str, *, width: int = 1440) -> Person:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        return Person(context.new_page(), site, username)

    yield sign_in
    for context in contexts:
        context.close()
