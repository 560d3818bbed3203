"""Donations in the browser: of the own office; anonymous ones and estimates are displayed as such."""

import pytest
from django.urls import reverse

from activities.models import Donation
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def head():
    return f.head_of(f.school())


def answers(**more):
    return {
        "kind": "cash",
        "donor": "校友会",
        "received_on": "2026-05-20",
        "amount": "300",
        "school": f.school().pk,
    } | more


def test_a_head_registers_a_donation_for_an_activity(head, login):
    activity, client = f.activity("读书会", at=f.school()), login(head)
    f.activity("外校活动", at=f.other_school())
    shown = client.get(reverse("donation-create")).content.decode()
    assert "读书会" in shown
    assert "外校活动" not in shown
    response = client.post(reverse("donation-create"), answers(activity=activity.code))
    donation = Donation.objects.get()
    assert response.url == donation.get_absolute_url()
    assert (donation.activity, donation.office) == (activity, f.school())
    assert "校友会" in client.get(activity.get_absolute_url()).content.decode()


def test_an_activity_of_another_school_is_no_choice(head, login):
    other = f.activity("外校活动", at=f.other_school())
    response = login(head).post(reverse("donation-create"), answers(activity=other.code))
    assert "Select a valid choice" in response.content.decode()
    assert not Donation.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"), [({"amount": "0"}, "amount"), ({"received_on": "2999-01-01"}, "received_on")]
)
def test_a_refusal_keeps_what_was_typed(head, login, wrong, field):
    response = login(head).post(reverse("donation-create"), answers(purpose="买书", **wrong) | wrong)
    assert field in response.context["form"].errors
    assert "买书" in response.content.decode()
    assert not Donation.objects.exists()


def test_donations_to_another_school_are_out_of_reach(head, login):
    other, own = f.donation(at=f.other_school(), donor="外人"), f.donation(at=f.school(), donor="校友会")
    client = login(head)
    rows = client.get(reverse("donation-list")).context["rows"]
    assert [row["cells"][0] for row in rows] == ["校友会"]
    assert client.get(own.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("donation-update", args=[other.code])).status_code == 404


def test_a_teacher_keeps_activities_but_no_donations(login):
    donation, client = f.donation(at=f.school()), login(f.teacher_of(f.school_class()))
    assert client.get(reverse("donation-list")).status_code == 403
    assert client.get(donation.get_absolute_url()).status_code == 403
    activity = f.activity("读书会", at=f.school())
    related = client.get(activity.get_absolute_url()).context["related"]
    assert "Donations" not in [table["title"] for table in related]


def test_an_anonymous_estimate_is_displayed_as_such(head, login):
    f.donation(at=f.school(), amount="7000", about=True)
    (row,) = login(head).get(reverse("donation-list")).context["rows"]
    assert row["cells"][0] == "anonymous"
    assert row["cells"][2].startswith("about 7")


def test_an_edit_shows_the_activity_chosen_before_and_keeps_it(head, login):
    activity = f.activity("读书会", at=f.school())
    donation = f.donation(at=f.school(), activity=activity)
    url, client = reverse("donation-update", args=[donation.code]), login(head)
    assert f'<option value="{activity.code}" selected>' in client.get(url).content.decode()
    assert client.post(url, answers(activity=activity.code, purpose="买书", version=1)).status_code == 302
    donation.refresh_from_db()
    assert (donation.activity, donation.purpose) == (activity, "买书")


def test_an_activity_of_another_office_stays_tied_when_the_donation_is_edited(head, login):
    activity = f.activity("六一慰问", at=f.village())
    donation = f.donation(at=f.school(), activity=activity)
    url, client = reverse("donation-update", args=[donation.code]), login(head)
    assert f'<option value="{activity.code}" selected>' in client.get(url).content.decode()
    client.post(url, answers(activity=activity.code, version=1))
    donation.refresh_from_db()
    assert donation.activity == activity


def test_a_stale_edit_writes_nothing_and_shows_both(head, login):
    donation = f.donation(at=f.school(), donor="校友会")
    donation.amount = 500
    donation.save()
    response = login(head).post(reverse("donation-update", args=[donation.code]), answers(version=1))
    assert response.status_code == 409
    assert {(row["mine"], row["theirs"]) for row in response.context["rows"] if row["name"] == "amount"} == {
        ("300", "500.00")
    }
    donation.refresh_from_db()
    assert donation.amount == 500
