"""Pairings in the browser: scope, role, refusals that lose nothing, two people at one pairing."""

import datetime as dt

import pytest
from django.urls import reverse

from carebase.accounts.roles import Role
from pairing.models import Pairing
from pairing.services import end, pair
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def head():
    return f.head_of(f.school())


def pupil(name="王小明"):
    return f.child(name, school_class=f.school_class())


def stranger(name="陈小红"):
    return f.child(name, living_in=f.far_village(), school_class=f.school_class(f.other_school()))


def form_url(child) -> str:
    return f"{reverse('pairing-create')}?child={child.code}"


def answers(child, carer, **more):
    return {"child": child.code, "carer": carer.code, "started_on": f.today(), **more}


def paired(head, child, carer):
    return pair(child=child, carer=carer, by=head, started_on=f.today())


def test_a_head_pairs_a_child_and_comes_back_to_its_page(head, login):
    child, carer = pupil(), f.carer()
    response = login(head).post(form_url(child), answers(child, carer))
    assert response.url == child.get_absolute_url()
    assert (Pairing.objects.get().carer, Pairing.objects.get().seat) == (carer, 1)


def test_the_choice_says_how_much_room_each_carer_has_and_leaves_out_other_schools(head, login):
    carer = f.carer("李老师")
    paired(head, pupil("张一"), carer)
    paired(head, pupil("张二"), carer)
    f.carer("外校老师", at=f.other_school())
    f.carer("退休老师", active=False)
    page = login(head).get(form_url(pupil())).content.decode()
    assert "李老师 (2 of 3)" in page
    assert "外校老师" not in page
    assert "退休老师" not in page


def test_a_full_carer_is_refused_with_a_reason_and_nothing_typed_is_lost(head, login):
    carer, child = f.carer("李老师", capacity=1), pupil()
    paired(head, pupil("张一"), carer)
    day = f.today() - dt.timedelta(days=2)
    response = login(head).post(form_url(child), answers(child, carer, started_on=day))
    page = response.content.decode()
    assert response.status_code == 200
    assert "李老师 already has 1 child, the agreed maximum; choose another carer." in page
    assert str(day) in page
    assert f'<option value="{carer.code}" selected>' in page
    assert Pairing.objects.count() == 1


def test_a_child_or_carer_of_another_school_is_out_of_reach(head, login):
    child, carer, other = pupil(), f.carer(), f.carer("外校老师", at=f.other_school())
    client = login(head)
    assert client.get(form_url(stranger())).status_code == 404
    assert client.post(form_url(child), answers(stranger(), carer)).status_code == 404
    assert "Select a valid choice" in client.post(form_url(child), answers(child, other)).content.decode()
    assert not Pairing.objects.exists()


def test_a_form_sent_twice_pairs_once(head, login):
    child, carer, client = pupil(), f.carer(), login(head)
    token = client.get(form_url(child)).context["form"]["form_token"].value()
    for _ in range(2):
        assert client.post(form_url(child), answers(child, carer, form_token=token)).url == child.get_absolute_url()
    assert Pairing.objects.count() == 1


def test_without_a_child_one_is_sent_to_choose_one(head, login):
    assert login(head).get(reverse("pairing-create")).url == reverse("child-list")


def test_the_list_shows_open_pairings_of_ones_own_children(head, login):
    other_head = f.head_of(f.other_school())
    paired(other_head, stranger(), f.carer("外校老师", at=f.other_school()))
    paired(head, pupil("张一"), f.carer("李老师"))
    done = paired(head, pupil("张二"), f.carer("陈老师"))
    end(pairing=done, ended_on=f.today(), ending="other", by=head)
    client = login(head)

    def names(**query):
        return [row["cells"][0] for row in client.get(reverse("pairing-list"), query).context["rows"]]

    assert names() == ["张一"]
    assert names(show="ended") == ["张二"]
    assert sorted(names(show="all")) == ["张一", "张二"]
    assert names(q="李") == ["张一"]
    assert names(q="陈") == []


def test_a_pairing_out_of_scope_is_not_found(head, login):
    other = paired(f.head_of(f.other_school()), stranger(), f.carer("外校老师", at=f.other_school()))
    client = login(head)
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("pairing-end", args=[other.code])).status_code == 404


def test_a_teacher_reads_pairings_and_makes_none(head, login):
    child, carer = pupil(), f.carer()
    pairing = paired(head, child, carer)
    client = login(f.teacher_of(child.school_class))
    assert client.get(pairing.get_absolute_url()).status_code == 200
    for url in (form_url(child), reverse("pairing-end", args=[pairing.code]), reverse("carer-list")):
        assert client.get(url).status_code == 403
    assert client.post(form_url(child), answers(child, carer)).status_code == 403


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.AUDITOR, Role.ADMIN])
def test_roles_without_pairing_are_refused(login, role):
    client = login(f.user(role))
    for name in ("pairing-list", "pairing-create", "carer-list", "carer-create"):
        assert client.get(reverse(name)).status_code == 403


def test_a_carer_sees_the_child_while_paired_and_no_longer(head, login):
    account, child = f.one_of(Role.CARER), pupil()
    pairing = paired(head, child, f.carer(user=account))
    client = login(account)
    assert client.get(pairing.get_absolute_url()).status_code == 200
    end(pairing=pairing, ended_on=f.today(), ending="other", by=head)
    assert client.get(pairing.get_absolute_url()).status_code == 404


def test_a_pairing_ends_with_its_reason(head, login):
    pairing = paired(head, pupil(), f.carer())
    url, client = reverse("pairing-end", args=[pairing.code]), login(head)
    assert client.get(url).context["form"]["ended_on"].value() == f.today()
    refused = client.post(url, {"ended_on": f.today(), "ending": "", "version": 1})
    assert "This field is required" in refused.content.decode()
    assert client.post(url, {"ended_on": f.today(), "ending": "carer_left", "version": 1}).status_code == 302
    pairing.refresh_from_db()
    assert (pairing.ended_on, pairing.ending) == (f.today(), "carer_left")


def test_two_who_end_one_pairing_see_both_reasons_and_choose(head, login):
    pairing = paired(head, pupil(), f.carer())
    url, client = reverse("pairing-end", args=[pairing.code]), login(head)
    end(pairing=pairing, ended_on=f.today(), ending="carer_left", by=head)
    mine = {"ended_on": f.today(), "ending": "child_left", "version": 1}
    conflict = client.post(url, mine)
    assert conflict.status_code == 409
    assert "the carer left" in conflict.content.decode()
    assert "the child left" in conflict.content.decode()
    chosen = mine | {"version": conflict.context["version"], "choose-ending": "mine"}
    assert client.post(url, chosen).status_code == 302
    pairing.refresh_from_db()
    assert pairing.ending == "child_left"


@pytest.mark.parametrize("items", [1, 3])
def test_the_pages_take_as_many_queries_for_one_pairing_as_for_three(
    head, login, django_assert_num_queries, django_assert_max_num_queries, items
):
    carer = f.carer()
    for number in range(items):
        pairing = paired(head, pupil(f"张{number}"), carer)
        f.carer(f"老师{number}")
    free, client = pupil("赵四"), login(head)
    client.get(reverse("pairing-list"))  # the first request of a session notes when it was
    with django_assert_num_queries(5):
        client.get(reverse("pairing-list"))
    with django_assert_num_queries(5):
        client.get(reverse("carer-list"))
    with django_assert_num_queries(5):
        client.get(form_url(free))
    for url in (pairing.get_absolute_url(), carer.get_absolute_url(), reverse("pairing-end", args=[pairing.code])):
        with django_assert_max_num_queries(12):
            client.get(url)
