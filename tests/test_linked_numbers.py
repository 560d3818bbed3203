"""Every number that links to a list is the number of its rows, on each page of each role and around each due day.

A link to a list carries the number that stands beside it in `data-count`. The walk begins at the home page and opens
each kind of page that it finds a link to.
"""

import datetime as dt
import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import Resolver404, resolve

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.management.demo_data.loader import load_demonstration
from registry.imports import staging
from registry.models import Child, Posting, Round, Term, Transfer
from registry.transfers import services as transfers
from tests import factories as f

pytestmark = pytest.mark.postgres
LOADED, DUE = dt.date(2026, 11, 20), dt.date(2026, 12, 4)
CLOCKS = (DUE - dt.timedelta(days=1), DUE, DUE + dt.timedelta(days=9), dt.date(2027, 2, 15))
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"([^>]*)')
COUNT = re.compile(r'data-count="([^"]*)"')
FEWEST = {Role.VILLAGE: 10, Role.HEAD: 10, Role.COORDINATOR: 10, Role.TEACHER: 3}
MANY = 40  # pages of one list; more would be a loop


def at(day: dt.date):
    return time_machine.travel(
        dt.datetime(*day.timetuple()[:3], 12, tzinfo=dt.timezone(dt.timedelta(hours=8))), tick=False
    )


@pytest.fixture(scope="module")
def demonstration(module_db):
    """Load it before the due day of its rounds; then children come and go, offers are answered, and work arrives."""
    with at(LOADED):
        load_demonstration()
        assert {each.due_on for each in Round.objects.running()} == {DUE}
        village = User.objects.get(username="village")
        sheet = "姓名,性别,出生日期,村\n王新来,男,2016-05-04,合心村".encode()
        staging.stage_file(name="新来.csv", data=sheet, term=Term.objects.current(), by=village)
        transfers.withdraw_transfer(
            transfer=Transfer.objects.open().first(), by=Transfer.objects.open().first().offered_by
        )
        for ends_on in (None, LOADED):
            f.post(f.user(Role.TEACHER), f.school_class(number=1), ends_on=ends_on, approved=False)
    waiting = Child.objects.filter(village="990101101201", surveys__term=Term.objects.order_by("-pk").first())
    waiting = Child.objects.filter(village="990101101201").exclude(pk__in=waiting.values("pk")).order_by("pk")
    for child, closed_on in zip(
        waiting[:3], (DUE, DUE + dt.timedelta(days=1), DUE + dt.timedelta(days=5)), strict=True
    ):
        child.closed_on, child.closing = closed_on, "moved"
        child.save()
    f.child("王迟来", opened_on=DUE + dt.timedelta(days=1))


@pytest.fixture
def loaded(demonstration, db):
    pass


def kind_of(url: str) -> str:
    """Return the name of the page at `url`; "" for files, the admin site, and what is no page."""
    path = urlsplit(url).path
    if "." in path or path.startswith(("/admin/", "/static/")):
        return ""
    try:
        return resolve(path).url_name + ("?" if urlsplit(url).query else "")
    except Resolver404:
        return ""


def links(page, url: str):
    """Yield (address, number or "") of each link."""
    for href, more in LINK.findall(page.content.decode()):
        counted = COUNT.search(more)
        yield urljoin(url, unescape(href)).partition("#")[0], unescape(counted[1]) if counted else ""


def rows_of(client: Client, url: str) -> int:
    """Return how many rows the list at `url` has on all its pages."""
    page = client.get(url)
    assert page.status_code == 200, url
    if "cl" in (page.context or {}):
        return page.context["cl"].result_count
    total, glue = len(page.context["rows"]), "&" if "?" in url else "?"
    for number in range(2, MANY):
        if not page.context["page_obj"].has_next():
            return total
        page = client.get(f"{url}{glue}page={number}")
        total += len(page.context["rows"])
    raise AssertionError(f"{url} does not end")


def is_true(number: str, rows: int) -> bool:
    """Return whether what a page says is true of a list of `rows`."""
    limit = int(re.search("[0-9]+", number)[0])
    if number.startswith("at least"):
        return rows >= limit
    return rows > limit if number.startswith("more than") else rows == limit


def walk(client: Client) -> dict[str, dict[str, str]]:
    """Open one page of each kind; return for each page the numbers of its links by their addresses."""
    numbers, seen, waiting = {}, set(), ["/"]
    while waiting:
        url = waiting.pop(0)
        kind = kind_of(url)
        if kind in seen | {"", "logout"}:
            continue
        seen.add(kind)
        page = client.get(url)
        if page.status_code == 200 and "text/html" in page["Content-Type"]:
            numbers[url] = numbers_of(page, url)
            waiting += [address for address, _number in links(page, url)]
    return numbers


def numbers_of(page, url: str) -> dict[str, str]:
    return {address: number for address, number in links(page, url) if number}


@pytest.mark.parametrize("role", Role)
def test_a_number_is_the_number_of_rows_behind_it(loaded, role):
    user, client, wrong = User.objects.get(username=role), Client(), []
    with at(CLOCKS[0]):
        client.force_login(user)
        pages = [url for url, numbers in walk(client).items() if numbers]
    for clock in CLOCKS:
        with at(clock):
            client.force_login(user)
            numbers = {url: numbers_of(client.get(url), url) for url in pages}
            counted = {address: rows_of(client, address) for found in numbers.values() for address in found}
        said = [(url, *pair) for url, found in numbers.items() for pair in found.items()]
        wrong += [(clock, *each, counted[each[1]]) for each in said if not is_true(each[2], counted[each[1]])]
    assert not wrong
    assert len(said) >= FEWEST.get(role, 0)


def test_the_scene_has_what_could_be_miscounted(loaded):
    with at(CLOCKS[2]):
        coordinator = User.objects.get(username="coordinator")
        assert Posting.objects.filter(approved_by=None).count() > Posting.objects.awaiting_approval().count() == 1
        assert Transfer.objects.visible_to(coordinator).count() > Transfer.objects.open().count()
        assert Child.objects.exclude(closed_on=None).count() == 3
