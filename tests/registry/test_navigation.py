"""The parent link of each census page."""

import pytest
from django.test import Client
from django.urls import reverse

from carebase import navigation
from registry.task_menu import TASKS
from tests import factories as f

pytestmark = pytest.mark.django_db


def parent_url(user, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).context["parent_link"]["url"]


def test_every_task_is_a_page_with_a_title():
    assert [task.page for task in TASKS if not navigation.PAGES[task.page].title] == []


@pytest.mark.parametrize("page", [task.page for task in TASKS])
def test_a_list_leads_back_to_the_task_menu(page):
    coordinator = f.posted_user("coordinator", f.township())
    assert parent_url(coordinator, reverse(page)) == reverse("census-work")


@pytest.mark.parametrize(
    "page, above",
    [
        ("child-left-behind", "child-detail"),
        ("child-departure", "child-left-behind"),
        ("child-guardianship-new", "child-guardianship"),
        ("child-history", "child-detail"),
        ("transfer-create", "child-detail"),
    ],
)
def test_a_page_of_a_child_leads_back_to_its_file(page, above):
    f.child()
    child, head = f.child(school_class=f.school_class()), f.head_of(f.school())
    assert parent_url(head, reverse(page, args=[child.code])) == reverse(above, args=[child.code])


def test_a_page_of_a_round_leads_back_to_the_round():
    coordinator = f.posted_user("coordinator", f.township())
    f.census_round(f.village(), coordinator)
    census_round = f.census_round(f.township(), coordinator)
    here = reverse("round-update", args=[census_round.code])
    assert parent_url(coordinator, here) == reverse("round-detail", args=[census_round.code])


def test_who_does_no_census_work_is_not_led_there():
    assert navigation.parent_link("need-list", {}, f.posted_user("carer", f.village())) is None


def test_the_children_themselves_have_the_menu():
    client = Client()
    client.force_login(f.head_of(f.school()))
    assert client.get("/children/").context["parent_link"] is None
