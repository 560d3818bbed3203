"""The menu and the parent links: every page of the site declares its place."""

import re

import pytest
from django.urls import get_resolver, reverse

from carebase.accounts.roles import permission_names
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


def test_every_page_declares_its_parent():
    assert SITE - set(PAGES) == set(), "declare them with carebase.navigation.page"


def test_every_page_is_in_the_menu_or_below_one_that_is():
    assert {name for name in SITE if not any(PAGES[page].menu for page in page_and_ancestors(name))} == ALONE


def test_the_parent_exists_and_its_url_can_be_built_from_the_child():
    below = {name: PAGES[name].parent for name in SITE & set(PAGES) if PAGES[name].parent}
    assert {name: parent for name, parent in below.items() if parent not in SITE} == {}
    needed = {name: converters(parent) for name, parent in below.items() if PAGES[parent].title}
    assert {name: keys for name, keys in needed.items() if not keys <= converters(name)} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page, entry",
    [("home", "home"), ("visit-overdue", "visit-list"), ("need-list", "census-work"), ("child-create", "child-list")],
)
def test_a_page_marks_its_nearest_menu_entry(login, page, entry):
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
def test_without_the_nearest_entry_the_next_is_marked_and_no_parent_link_shown(login, monkeypatch):
    f.role(monkeypatch, "officer", permission_names(registry_child="view", registry_need="view"))
    page = login(f.user("officer")).get(reverse("need-list"))
    assert menu_of(page) == ["/", "/children/*"] and page.context["parent_link"] is None
