"""Pairings in the admin site are saved by the services, which enforce the carer's capacity."""

import pytest
from django.urls import reverse

from pairing.models import Pairing
from tests import factories as make
from tests.form_data import form_data

pytestmark = pytest.mark.django_db
ADD = "admin:pairing_pairing_add"


@pytest.fixture
def user(login):
    make.child("远小山", living_in=make.other_village())
    return login(make.admin_of(make.village()))


def begin(user, child, carer):
    url = reverse(ADD)
    return user.post(url, form_data(user.get(url), "pairing_form", child=child.pk, carer=carer.pk))


def end(user, pairing, **changes):
    url = reverse("admin:pairing_pairing_change", args=[pairing.pk])
    return user.post(url, form_data(user.get(url), "pairing_form", **changes))


def test_a_pairing_is_begun_on_a_seat(user):
    child, carer = make.child(), make.carer(at=make.village())
    assert begin(user, child, carer).status_code == 302
    assert Pairing.objects.get().seat == 1


def test_a_full_carer_is_refused_with_a_reason_and_the_choice_is_kept(user):
    carer = make.carer("李近", at=make.village(), capacity=1)
    begin(user, make.child("王一"), carer)
    shown = begin(user, second := make.child("王二"), carer).content.decode()
    assert "already has 1 child" in shown and f'value="{second.pk}" selected' in shown
    assert Pairing.objects.count() == 1


def test_a_pairing_sent_twice_is_one(user):
    child, carer, url = make.child(), make.carer(at=make.village()), reverse(ADD)
    data = form_data(user.get(url), "pairing_form", child=child.pk, carer=carer.pk)
    assert [user.post(url, data).status_code for _time in range(2)] == [302, 302]
    assert Pairing.objects.count() == 1


def test_a_pairing_ends_with_a_day_and_a_reason(user):
    begin(user, make.child(), make.carer(at=make.village()))
    pairing = Pairing.objects.get()
    assert end(user, pairing, ended_on=str(make.today())).status_code == 200
    assert end(user, pairing, ended_on=str(make.today()), ending="other").status_code == 302
    pairing.refresh_from_db()
    assert (pairing.ended_on, pairing.ending) == (make.today(), "other")


def test_a_capacity_below_the_present_load_is_refused(user):
    carer = make.carer(at=make.village())
    for name in ("王一", "王二"):
        begin(user, make.child(name), carer)
    url = reverse("admin:pairing_carer_change", args=[carer.pk])
    shown = user.post(url, form_data(user.get(url), "carer_form", capacity=1)).content.decode()
    assert "is paired with 2 children now" in shown


def test_more_than_three_children_need_a_coordinator_in_the_admin_too(user, login):
    carer = make.carer(at=make.village())
    url = reverse("admin:pairing_carer_change", args=[carer.pk])
    shown = user.post(url, form_data(user.get(url), "carer_form", capacity=4)).content.decode()
    assert "A coordinator may allow more" in shown
    coordinator = login(make.coordinator_of(make.township()))
    data = form_data(coordinator.get(url), "carer_form", capacity=4, capacity_reason="本村无其他帮扶人")
    assert coordinator.post(url, data).status_code == 302
    carer.refresh_from_db()
    assert (carer.capacity, carer.capacity_set_on) == (4, make.today())


def test_a_carer_with_children_stops_knowingly_in_the_admin_too(user):
    carer = make.carer(at=make.village())
    begin(user, make.child(), carer)
    url = reverse("admin:pairing_carer_change", args=[carer.pk])
    data = {name: value for name, value in form_data(user.get(url), "carer_form").items() if name != "active"}
    assert "still paired with this carer" in user.post(url, data).content.decode()
    assert user.post(url, data | {"keep_children": ["on"]}).status_code == 302
    carer.refresh_from_db()
    assert not carer.active
