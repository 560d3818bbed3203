"""Activities in the admin site: one page for the event, its goods and the children present."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from activities import admin_forms
from activities.models import Activity, Goods, Handout
from tests import factories as make
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ADD = "admin:activities_activity_add"
GOODS = (("书包", 34, "3400.00"), ("文具", 34, "2600.00"), ("图书", 34, "1000.00"))


@pytest.fixture
def children():
    """Two children of the village, and one of the next."""
    make.child("远小山", living_in=make.other_village())
    return [make.child(name, living_in=make.village()) for name in ("王近", "李近")]


@pytest.fixture
def cadre(login):
    user = make.admin_of(make.village())
    user.client = login(user)
    return user


def lines(goods=GOODS) -> dict:
    data = {}
    for number, (item, quantity, value) in enumerate(goods):
        row = {"item": item, "quantity": quantity, "value": value}
        data |= {f"goods-{number}-{name}": content for name, content in row.items()}
    return data


def record_visit(client, children, **changes):
    """Fill in what the cadre types on 1 June; the office is preset."""
    url = reverse(ADD)
    typed = {"title": "六一慰问", "kind": "festival_visit", "held_on": "2026-06-01", "children_reached": 34}
    ticked = {"present": [child.pk for child in children]}
    return client.post(url, form_data(client.get(url), "activity_form", **(typed | lines() | ticked | changes)))


def change(client, activity, **changes):
    url = reverse("admin:activities_activity_change", args=[activity.pk])
    return client.post(url, form_data(client.get(url), "activity_form", **changes))


def test_the_first_of_june_is_recorded_on_one_page(cadre, children):
    assert record_visit(cadre.client, children, give_each="on").status_code == 302
    made = Activity.objects.get()
    assert (made.division, made.held_on, made.children_reached) == (make.village(), dt.date(2026, 6, 1), 34)
    assert sum(line.value for line in made.goods.all()) == Decimal(7000)
    assert set(made.children.all()) == set(children)
    assert Handout.objects.count() == 6


def test_one_box_puts_everyone_on_the_list_and_nobody_of_the_next_village(cadre, children):
    assert record_visit(cadre.client, [], everyone="on", children_reached="").status_code == 302
    made = Activity.objects.get()
    assert set(made.children.all()) == set(children)
    page = cadre.client.get(reverse("admin:activities_activity_change", args=[made.pk])).content.decode()
    assert "7000.00" in page, "the value of all goods"
    row = cadre.client.get(reverse("admin:activities_activity_changelist")).content.decode()
    assert '<td class="field-children_count">2</td>' in row, "without a head count, those on the list are counted"


def test_a_head_count_stands_before_the_list(cadre, children):
    record_visit(cadre.client, children, children_reached=34)
    row = cadre.client.get(reverse("admin:activities_activity_changelist")).content.decode()
    assert '<td class="field-children_count">34</td>' in row


def test_the_children_of_the_next_village_are_no_choice_and_cannot_be_sent(cadre, children):
    foreign = make.child("远大山", living_in=make.other_village())
    assert "远" not in cadre.client.get(reverse(ADD)).content.decode()
    assert record_visit(cadre.client, [*children, foreign]).status_code == 200
    assert not Activity.objects.exists()


def test_too_few_pieces_are_refused_and_nothing_typed_is_lost(cadre, children):
    response = record_visit(cadre.client, children, give_each="on", **{"goods-0-quantity": 1})
    assert "书包" in response.content.decode() and "left" in response.content.decode()
    assert not Activity.objects.exists() and not Goods.objects.exists()


def test_children_whom_others_put_on_the_list_stay_on_it(cadre, children):
    record_visit(cadre.client, children[:1])
    made = Activity.objects.get()
    foreign = make.child("远大山", living_in=make.other_village())
    made.attendances.create(child=foreign)
    assert change(cadre.client, made, present=[children[1].pk]).status_code == 302
    assert set(made.children.all()) == {children[1], foreign}


def test_a_tick_that_another_made_meanwhile_is_not_undone(cadre, children):
    record_visit(cadre.client, [])
    made = Activity.objects.get()
    url = reverse("admin:activities_activity_change", args=[made.pk])
    data = form_data(cadre.client.get(url), "activity_form")
    made.attendances.create(child=children[0])
    assert cadre.client.post(url, data | {"present": [children[1].pk]}).status_code == 302
    assert set(made.children.all()) == set(children)


def test_goods_that_were_handed_out_are_neither_taken_away_nor_named_by_receiver(cadre, children):
    record_visit(cadre.client, children, give_each="on")
    made = Activity.objects.get()
    shown = change(cadre.client, made, **{"goods-0-DELETE": "on"}).content.decode()
    assert "depend on this one" in shown and made.goods.count() == 3
    assert change(cadre.client, made, **{"goods-0-quantity": 1}).status_code == 200
    assert made.goods.first().quantity == 34


def test_where_children_are_too_many_to_tick_the_page_says_so(cadre, children, monkeypatch):
    monkeypatch.setattr(admin_forms, "MAX_CHOICES", 1)
    url = reverse(ADD)
    response = cadre.client.get(url)
    assert "too many children" in response.content.decode()
    data = form_data(response, "activity_form", title="六一慰问", kind="festival_visit")
    assert cadre.client.post(url, data).status_code == 302
