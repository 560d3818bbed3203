"""The way back of each page of the census."""

import pytest
from django.test import Client
from django.urls import reverse

from registry import ways_back
from registry.work import WORK
from tests import factories as f

pytestmark = pytest.mark.django_db


def way_back(user, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).context["way_back"]["url"]


@pytest.mark.parametrize("page", [work.page for work in WORK])
def test_a_list_leads_back_to_the_work(page):
    coordinator = f.posted("coordinator", f.township())
    assert way_back(coordinator, reverse(page)) == reverse("census-work")


@pytest.mark.parametrize(
    "page, above",
    [
        ("child-left-behind", "child-detail"),
        ("child-departure", "child-left-behind"),
        ("child-guardianship-new", "child-guardianship"),
        ("child-history", "child-detail"),
    ],
)
def test_a_page_of_a_child_leads_back_to_its_file(page, above):
    f.child()
    child, head = f.child(school_class=f.school_class()), f.head_of(f.school())
    assert way_back(head, reverse(page, args=[child.code])) == reverse(above, args=[child.code])


def test_who_does_no_census_work_is_not_led_there():
    assert ways_back.above("need-list", None, f.posted("carer", f.village())) is None


def test_the_children_themselves_have_the_menu():
    client = Client()
    client.force_login(f.head_of(f.school()))
    assert client.get("/children/").context["way_back"] is None
