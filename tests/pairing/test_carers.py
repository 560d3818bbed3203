"""Carers in the browser: of the own school or village, with an enforced number of children."""

import datetime as dt

import pytest
from django.db import IntegrityError
from django.urls import reverse

from carebase.accounts.roles import Role
from pairing.models import Carer
from pairing.services import pair
from tests import factories as f
from tests.form_values import form_values

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
    assert ["李老师", "百里洲镇中心小学", "1", "1", "1", "yes"] in rows
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


# More than three, and no more


def answers(client, carer: Carer, **changes) -> dict:
    return form_values(client.get(reverse("carer-update", args=[carer.code]))) | changes


def save(client, carer: Carer, **changes):
    return client.post(reverse("carer-update", args=[carer.code]), answers(client, carer, **changes))


def with_children(head, *names: str, **fields) -> Carer:
    carer = f.carer("李老师", **fields)
    for name in names:
        pair(child=f.child(name, school_class=f.school_class()), carer=carer, by=head, started_on=f.today())
    return carer


def test_a_head_gives_a_carer_up_to_three_children(head, login):
    carer, client = f.carer("李老师", capacity=2), login(head)
    assert save(client, carer, capacity=3).status_code == 302
    refused = save(client, carer, capacity=4, name="李芳")
    assert "A coordinator may allow more" in refused.content.decode() and "李芳" in refused.content.decode()
    client.post(reverse("carer-create"), {"name": "新老师", "school": f.school().pk, "capacity": 4, "active": "on"})
    assert set(Carer.objects.values_list("name", "capacity")) == {("李老师", 3)}


def test_a_coordinator_allows_more_with_a_reason_that_is_kept_with_the_name(head, login):
    carer, coordinator = f.carer("李老师"), f.coordinator_of(f.township())
    assert "capacity_reason" in save(login(coordinator), carer, capacity=5).context["form"].errors
    assert save(login(coordinator), carer, capacity=5, capacity_reason="全校只有两名教师").status_code == 302
    carer.refresh_from_db()
    approved = (carer.capacity, carer.capacity_reason, carer.capacity_set_by, carer.capacity_set_on)
    assert approved == (5, "全校只有两名教师", coordinator, f.today())
    assert save(login(head), carer, name="李芳").status_code == 302, "what was allowed stays when a head saves"
    page = login(head).get(carer.get_absolute_url()).content.decode()
    assert "全校只有两名教师" in page and coordinator.name in page
    assert "A coordinator may allow more" in save(login(head), carer, capacity=6).content.decode()


def test_the_database_wants_a_reason_for_more_than_three():
    with pytest.raises(IntegrityError):
        f.carer("李老师", capacity=4, capacity_reason="")


def test_who_takes_no_more_children_keeps_the_present_ones_knowingly(head, login):
    carer, client = with_children(head, "张一", "张二"), login(head)
    shown = answers(client, carer)
    del shown["active"]
    refused = client.post(reverse("carer-update", args=[carer.code]), shown | {"name": "李芳"})
    text = refused.content.decode()
    assert "2 children are still paired with this carer" in text and "李芳" in text
    assert f'href="{carer.get_absolute_url()}"' in text and Carer.objects.get().active
    assert client.post(reverse("carer-update", args=[carer.code]), shown | {"keep_children": "on"}).status_code == 302
    assert not Carer.objects.get().active and Carer.objects.get().pairings.open().count() == 2


def test_whoever_has_no_children_stops_without_a_question(head, login):
    with_children(head, "张一")
    carer, client = f.carer("陈老师"), login(head)
    shown = answers(client, carer)
    assert "keep_children" not in client.get(reverse("carer-update", args=[carer.code])).content.decode()
    del shown["active"]
    assert client.post(reverse("carer-update", args=[carer.code]), shown).status_code == 302


def test_the_home_page_counts_those_who_take_no_more_and_still_have_children(head, login):
    with_children(head, "张一", active=True)
    leaving = with_children(head, "张二")
    leaving.active = False
    leaving.save()
    f.carer("陈老师", active=False), f.carer("外校老师", at=f.other_school(), active=False)
    (task,) = (task for task in login(head).get("/").context["tasks"] if "take no more" in task["title"])
    assert task["count"] == "1"
    rows = login(head).get(task["url"]).context["rows"]
    assert [row["url"] for row in rows] == [leaving.get_absolute_url()]
    assert not any(
        "take no more" in task["title"] for task in login(f.head_of(f.other_school())).get("/").context["tasks"]
    )


def test_a_pairing_for_a_later_day_takes_a_place_but_is_no_child_now(head, login):
    carer = with_children(head, "张一")
    later = f.child("张二", school_class=f.school_class())
    pair(child=later, carer=carer, by=head, started_on=f.today() + dt.timedelta(days=1))
    (row,) = login(head).get(reverse("carer-list")).context["rows"]
    assert row["cells"][2:5] == ["1", "2", "3"]


def test_the_page_of_a_carer_says_when_the_account_sees_nothing(head, login):
    waiting, posted = f.user(Role.CARER, name="周主任"), f.posted_user(Role.CARER, f.school(), name="吴老师")
    pages = [login(head).get(f.carer(user=user).get_absolute_url()).content.decode() for user in (waiting, posted)]
    assert "周主任 (no posting in force" in pages[0] and "no posting in force" not in pages[1]


def test_nobody_hands_over_the_carer_that_they_are_at_another_office(login):
    """A head who accompanies a pupil of another school sees the own carer's row there, and does not change it."""
    head, other = f.head_of(f.school()), f.teacher_of(f.school_class())
    carer = f.carer("陈校长", at=f.other_school(), user=head)
    url = reverse("carer-detail", args=[carer.code])
    page = login(head).get(url)
    assert page.status_code == 200 and f"{url}edit/" not in page.content.decode()
    assert login(head).post(f"{url}edit/", {"name": "陈校长", "user": other.pk}).status_code == 404
