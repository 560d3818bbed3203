"""The menu and the way back: every page of the site says where it belongs."""

import re

import pytest
from django.urls import get_resolver, reverse

from carebase.accounts.roles import may
from carebase.navigation import PAGES, page_and_ancestors
from tests import factories as f
from tests.page_walk import patterns

SITE = {name for where, name in patterns(get_resolver()) if where != "admin/login/"}
ALONE = {"healthz", "login", "logout", "password-change", "set_language", "job-detail"}  # they belong to nothing


def menu_of(page) -> list[str]:
    """Return the addresses of the menu, the marked one with a star."""
    printed = re.search(r'<nav class="site-navigation".*?</nav>', page.content.decode(), re.DOTALL)[0]
    return [f"{url}*" if marked else url for url, marked in re.findall(r'<a href="([^"]*)"( class="active")?', printed)]


def converters(name: str) -> set[str]:
    return set(PAGES[name].pattern.pattern.converters)


def test_every_page_declares_what_stands_above_it():
    assert SITE - set(PAGES) == set(), "declare them with carebase.navigation.page"


def test_every_page_is_of_the_menu_or_below_one_that_is():
    assert {name for name in SITE if not any(PAGES[above].menu for above in page_and_ancestors(name))} == ALONE


def test_the_page_above_exists_and_its_address_is_known_below():
    below = {name: PAGES[name].parent for name in SITE & set(PAGES) if PAGES[name].parent}
    assert {name: parent for name, parent in below.items() if parent not in SITE} == {}
    needed = {name: converters(parent) for name, parent in below.items() if PAGES[parent].title}
    assert {name: keys for name, keys in needed.items() if not keys <= converters(name)} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page, entry",
    [("home", "home"), ("visit-overdue", "visit-list"), ("need-list", "census-work"), ("child-create", "child-list")],
)
def test_a_page_marks_the_nearest_entry_above_it(login, page, entry):
    shown = menu_of(login(f.admin_of(f.village())).get(reverse(page)))
    assert [url for url in shown if url.endswith("*")] == [f"{reverse(entry)}*"]


@pytest.mark.django_db
def test_a_page_of_a_child_marks_the_children(login):
    child = f.child(school_class=f.school_class())
    shown = menu_of(login(f.head_of(f.school())).get(reverse("child-history", args=[child.code])))
    assert shown[:3] == ["/", "/children/*", "/children/work/"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role, addresses",
    [
        ("carer", ["/*", "/children/", "/visits/", "/pairing/"]),
        ("auditor", ["/*", "/reports/", "/audit/"]),
        ("admin", ["/*", "/admin/"]),
    ],
)
def test_the_menu_holds_in_order_what_one_may_open(login, role, addresses):
    assert menu_of(login(f.user(role)).get("/")) == addresses


@pytest.mark.django_db
def test_who_lacks_the_nearest_entry_is_marked_the_one_above_it_and_not_led_back_there(login, monkeypatch):
    f.role(monkeypatch, "officer", may(registry_child="view", registry_need="view"))
    page = login(f.user("officer")).get(reverse("need-list"))
    assert menu_of(page) == ["/", "/children/*"] and page.context["way_back"] is None
