"""Sight begins and ends with posting and pairing, both; and a carer's reach gives no more than a carer's rights."""

import datetime as dt

import pytest
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import ROLES, Role
from pairing.models import Pairing
from registry.models import Child, Referral
from tests import factories as f
from visits.models import Visit
from visits.querysets import VisitQuerySet

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LAST_WEEK, YESTERDAY, TODAY, TOMORROW = (f.today() + dt.timedelta(days=days) for days in (-7, -1, 0, 1))
ACTIVE = (LAST_WEEK, None)


def accompanying(role: str, child: Child, *, posted=f.school, **days) -> User:
    """Return an account of a role that accompanies a child of another school."""
    user = f.posted_user(role, posted())
    Pairing.objects.create(child=child, carer=f.carer(user=user), seat=1, **{"started_on": LAST_WEEK} | days)
    return user


def pupil_elsewhere() -> Child:
    return f.child("李小刚", living_in=f.far_village(), school_class=f.school_class(f.other_school()))


@pytest.mark.parametrize(
    ("posted", "linked", "sees"),
    [
        (ACTIVE, ACTIVE, True),
        ((LAST_WEEK, TODAY), (TODAY, None), True),
        ((LAST_WEEK, YESTERDAY), ACTIVE, False),
        ((TOMORROW, None), ACTIVE, False),
        (ACTIVE, (TOMORROW, None), False),
        (ACTIVE, (LAST_WEEK, TODAY), False),
        (ACTIVE, (LAST_WEEK, TOMORROW), True),
        (None, ACTIVE, False),
    ],
)
@pytest.mark.parametrize("role", [Role.CARER, Role.COUNSELLOR])
def test_sight_takes_a_posting_and_a_pairing_or_referral_of_today(login, role, posted, linked, sees):
    user, child = f.user(role), f.child()
    f.carer("陈老师"), f.child("陈小红")
    if posted:
        f.post(user, f.other_village(), starts_on=posted[0], ends_on=posted[1])
    first, end = linked
    if role == Role.CARER:
        ending = {"ended_on": end, "ending": "other"} if end else {}
        Pairing.objects.create(child=child, carer=f.carer(user=user), seat=1, started_on=first, **ending)
    else:
        Referral.objects.create(child=child, counsellor=user, referred_on=first, ended_on=end)
    assert list(Child.objects.visible_to(user)) == ([child] if sees else [])
    client = login(user)
    assert client.get(child.get_absolute_url()).status_code == (200 if sees else 404)
    assert client.get(f"/visits/new/?child={child.code}").status_code == (200 if sees else 404)
    home = client.get("/")
    assert bool(home.context["lists"][0]["rows"]) == sees
    assert bool(home.context["notice"]) == (posted is None or posted[0] > TODAY or posted[1] == YESTERDAY)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.HEAD])
def test_whoever_accompanies_a_child_may_do_what_a_carer_may_and_no_more(role):
    child = pupil_elsewhere()
    user = accompanying(role, child)
    usable = {name for name in ROLES[role].permissions if user.has_perm(name, child)}
    assert usable == ROLES[role].permissions & ROLES[Role.CARER].permissions and "visits.add_visit" in usable
    for permission in ROLES[role].permissions:
        assert Child.objects.permitted_to(user, permission).contains(child) == (permission in usable)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.HEAD])
def test_who_reaches_a_child_in_two_ways_has_the_rights_of_both(role):
    child = f.child(school_class=f.school_class())
    user = accompanying(role, child, posted=f.school_class if role == Role.TEACHER else f.school)
    assert {name for name in ROLES[role].permissions if user.has_perm(name, child)} == ROLES[role].permissions


FORBIDDEN = ("child-update", "child-history", "child-form", "child-photo", "child-close", "child-guardianship")
FORBIDDEN += ("child-left-behind", "child-survey", "transfer-create", "child-departure")


def test_a_head_who_accompanies_a_child_of_another_school_gets_no_page_that_changes_it(login):
    child, own = pupil_elsewhere(), f.child(school_class=f.school_class())
    client = login(accompanying(Role.HEAD, child))
    assert {name: client.get(reverse(name, args=[own.code])).status_code for name in FORBIDDEN} == dict.fromkeys(
        FORBIDDEN, 200
    )
    assert {name: client.get(reverse(name, args=[child.code])).status_code for name in FORBIDDEN} == dict.fromkeys(
        FORBIDDEN, 404
    )
    assert client.post(reverse("child-unmask", args=[child.code]), {"field": "id_number"}).status_code == 404
    assert client.post(reverse("transfer-create", args=[child.code]), {"reason": "x"}).status_code == 404


def test_the_file_has_no_buttons_that_would_lead_nowhere(login):
    child = pupil_elsewhere()
    client = login(accompanying(Role.HEAD, child))
    page = client.get(child.get_absolute_url())
    text = page.content.decode()
    shown = [entry["label"] for entry in (*page.context["actions"], *page.context["links"])]
    assert shown == ["Log a visit"]
    assert reverse("child-unmask", args=[child.code]) not in text and child.id_number not in text
    assert f"/pairing/new/?child={child.code}" not in text


def test_the_lists_of_ones_office_leave_out_who_is_only_accompanied(login):
    child = pupil_elsewhere()
    own = f.child("陈小红", schooling="primary", school=f.school())
    Child.objects.get(pk=child.pk)
    child.school_class, child.school, child.schooling = None, f.other_school(), "primary"
    child.save()
    client = login(accompanying(Role.HEAD, child))
    listed = client.get(reverse("child-list")).content.decode()
    assert child.name in listed and own.name in listed
    enrolment = client.get(reverse("child-enrol")).content.decode()
    assert own.name in enrolment and child.name not in enrolment
    client.post(reverse("child-enrol"), {"school_class": f.school_class().pk, "children": [child.pk]})
    child.refresh_from_db()
    assert child.school == f.other_school()


def test_what_a_model_hides_from_a_user_is_not_acted_on_either(monkeypatch):
    child, user = f.child(school_class=f.school_class()), f.head_of(f.school())
    hidden = f.visit(child, user)
    assert Visit.objects.permitted_to(user, "visits.change_visit").contains(hidden)
    monkeypatch.setattr(VisitQuerySet, "visible_to", lambda self, user: self.none())
    assert not Visit.objects.permitted_to(user, "visits.change_visit").exists()
