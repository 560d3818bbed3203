"""Carers in the browser: of the own school or village, with an enforced number of children."""

import pytest
from django.urls import reverse

from carebase.accounts.roles import Role
from pairing.models import Carer
from pairing.services import pair
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def head():
    return f.head_of(f.school())


def test_a_head_registers_a_carer_of_the_own_school(head, login):
    f.other_school()
    client = login(head)
    form = client.get(reverse("carer-create")).context["form"]
    assert form["school"].value() == f.school().pk
    assert "division" not in form.fields
    client.post(reverse("carer-create"), {"name": "李老师", "school": f.school().pk, "capacity": 3, "active": "on"})
    assert (Carer.objects.get().office, Carer.objects.get().capacity) == (f.school(), 3)


def test_a_carer_is_not_registered_at_another_school(head, login):
    data = {"name": "李老师", "school": f.other_school().pk, "capacity": 3}
    response = login(head).post(reverse("carer-create"), data)
    assert "Select a valid choice" in response.content.decode()
    assert not Carer.objects.exists()


def test_a_village_registers_its_cadre_with_the_village_preset(login):
    f.other_village()
    client = login(f.admin_of(f.village()))
    form = client.get(reverse("carer-create")).context["form"]
    assert form["division"].value() == f.village().pk
    assert [str(choice) for choice in form.fields["division"].queryset] == ["合心村"]
    data = {"name": "周主任", "division": f.village().pk, "capacity": 2, "active": "on"}
    assert client.post(reverse("carer-create"), data).url == Carer.objects.get().get_absolute_url()


def test_a_coordinator_chooses_exactly_one_office(login):
    school, client = f.school(), login(f.coordinator_of(f.township()))
    data = {"name": "周主任", "division": f.village().pk, "school": school.pk, "capacity": 2}
    assert "Choose exactly one" in client.post(reverse("carer-create"), data).content.decode()
    assert not Carer.objects.exists()


def test_a_carer_of_another_school_is_not_found(head, login):
    other = f.carer("外校老师", at=f.other_school())
    client = login(head)
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("carer-update", args=[other.code])).status_code == 404
    assert "外校老师" not in client.get(reverse("carer-list")).content.decode()


def test_the_list_says_who_has_room(head, login):
    full, child = f.carer("李老师", capacity=1), f.child(school_class=f.school_class())
    f.carer("陈老师")
    pair(child=child, carer=full, by=head, started_on=f.today())
    client = login(head)
    rows = [row["cells"] for row in client.get(reverse("carer-list")).context["rows"]]
    assert ["李老师", "百里洲镇中心小学", "1", "1", "yes"] in rows
    found = client.get(reverse("carer-list"), {"room": "on"}).context["rows"]
    assert [row["cells"][0] for row in found] == ["陈老师"]


def test_the_number_of_children_is_not_lowered_below_those_accompanied(head, login):
    carer = f.carer("李老师")
    for name in ("张一", "张二"):
        child = f.child(name, school_class=f.school_class())
        pair(child=child, carer=carer, by=head, started_on=f.today())
    url, client = reverse("carer-update", args=[carer.code]), login(head)
    data = {"name": "李老师", "school": f.school().pk, "active": "on", "version": 1}
    refused = client.post(url, data | {"capacity": 1})
    assert "is paired with 2 children now" in refused.content.decode()
    assert client.post(url, data | {"capacity": 2}).status_code == 302
    carer.refresh_from_db()
    assert carer.capacity == 2


def test_an_account_tied_by_a_coordinator_stays_when_a_head_saves(head, login):
    account = f.user(Role.CARER, name="周主任")
    f.user(Role.CARER, name="隐名")
    carer = f.carer("李老师", user=account)
    url, client = reverse("carer-update", args=[carer.code]), login(head)
    form = client.get(url).context["form"]
    assert form["user"].value() == account.pk
    assert account in form.fields["user"].queryset
    assert "隐名" not in client.get(url).content.decode()
    answers = {"name": "李老师", "school": f.school().pk, "user": account.pk, "capacity": 2, "version": 1}
    assert client.post(url, answers).status_code == 302
    carer.refresh_from_db()
    assert (carer.user, carer.capacity) == (account, 2)


def test_a_stale_save_of_a_carer_shows_both_and_the_choice_is_saved(head, login):
    carer = f.carer("李老师")
    url, client = reverse("carer-update", args=[carer.code]), login(head)
    mine = {"name": "李老师", "school": f.school().pk, "capacity": 2, "active": "on", "version": 1}
    carer.name = "李芳"
    carer.save()
    conflict = client.post(url, mine)
    assert conflict.status_code == 409
    assert {row["name"] for row in conflict.context["rows"]} == {"name", "capacity"}
    chosen = mine | {"version": conflict.context["version"], "choose-name": "theirs", "choose-capacity": "mine"}
    client.post(url, chosen)
    carer.refresh_from_db()
    assert (carer.name, carer.capacity) == ("李芳", 2)


def test_the_page_of_a_carer_names_no_child_of_another_scope(head, login):
    carer = f.carer("李老师")
    own = f.child("张一", school_class=f.school_class())
    pair(child=own, carer=carer, by=head, started_on=f.today())
    moved = f.child("陈小红", school_class=f.school_class())
    pair(child=moved, carer=carer, by=head, started_on=f.today())
    moved.school_class = f.school_class(f.other_school())
    moved.save()
    page = login(head).get(carer.get_absolute_url()).content.decode()
    assert "张一" in page
    assert "陈小红" not in page
