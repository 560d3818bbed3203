"""The admin site speaks of people and places by name, not by code or account."""

import pytest
from django.urls import reverse
from django.utils import timezone

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.codes.grades import school_year
from tests import factories as make
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def cadre(login):
    make.child("远小山", living_in=make.other_village())
    user = make.admin_of(make.village())
    user.client = login(user)
    return user


def main_part(response) -> str:
    return response.content.decode().split('<div class="breadcrumbs">', 1)[1]


def test_a_saved_record_is_named_in_the_message_and_in_the_way_back(cadre):
    child = make.child("王小明", living_in=make.village())
    url = reverse("admin:registry_child_change", args=[child.pk])
    page = cadre.client.get(url)
    assert "&rsaquo; 王小明" in page.content.decode()
    assert "王小明" not in page.content.decode().split("<title>")[1].split("</title>")[0], "titles reach histories"
    saved = cadre.client.post(url, form_data(page, "child_form"), follow=True).content.decode()
    assert f'Saved: <a href="{url}">王小明</a>' in saved
    again = form_data(cadre.client.get(url), "child_form", _continue="1")
    assert cadre.client.post(url, again).url == url


def test_a_new_record_is_named_and_the_next_one_may_follow(cadre):
    url = reverse("admin:registry_child_add")
    filled = {"name": "王小明", "sex": "1", "birth_date": "2016-05-04", "id_reason": "尚未落户", "_addanother": "1"}
    answer = cadre.client.post(url, form_data(cadre.client.get(url), "child_form", **filled), follow=True)
    assert ">王小明</a>" in answer.content.decode() and "Registered: " in answer.content.decode()
    assert answer.redirect_chain[-1][0] == url


@pytest.mark.parametrize("model", ["registry_child", "visits_visit", "pairing_pairing", "pairing_carer"])
def test_the_name_is_the_link_in_each_list(cadre, model):
    child = make.child("王小明", living_in=make.village())
    make.visit(child, by=cadre)
    make.carer("王小明", at=make.village()).pairings.create(child=child, seat=1)
    page = main_part(cadre.client.get(reverse(f"admin:{model}_changelist")))
    [row] = [line for line in page.split("<tr>") if "<th" in line and "王小明" in line]
    assert row.split("</a>")[0].endswith(">王小明")


def test_the_history_names_the_record_and_keeps_looks_apart_from_changes(cadre):
    child = make.child("王小明", living_in=make.village())
    child.village_id, child.boards = make.village().code, True
    child.save()
    cadre.client.get(reverse("admin:registry_child_change", args=[child.pk]))
    page = main_part(cadre.client.get(reverse("admin:registry_child_history", args=[child.pk])))
    changes, views = page.split("Who viewed it")
    assert "&rsaquo; 王小明" not in changes and ">王小明</a>" in changes
    assert "created" in changes and cadre.name not in changes and cadre.name in views


@pytest.fixture
def postings(login):
    """Two teachers of a class of the same grade and number in two schools, before a system administrator."""
    year = school_year(timezone.localdate()) - 4  # the fifth grade
    near, far = make.school_class(entry_year=year), make.school_class(make.other_school(), entry_year=year)
    make.post(make.user(Role.TEACHER, name="周敏", username="zm"), near)
    make.post(make.user(Role.TEACHER, name="吴远", username="wy"), far)
    return login(make.user(Role.ADMIN))


def search(client, model: str, words: str) -> str:
    return main_part(client.get(reverse(f"admin:registry_{model}_changelist"), {"q": words}))


def test_a_posting_shows_the_person_and_the_class_with_its_school(postings):
    page = search(postings, "posting", "")
    assert "周敏 · zm" in page and "吴远 · wy" in page
    assert f"class 1 · {make.school().name}" in page and f"class 1 · {make.other_school().name}" in page


@pytest.mark.parametrize("words", ["百里洲", "五年级 百里洲", "周敏", "zm"])
def test_a_posting_is_found_by_person_and_place(postings, words):
    page = search(postings, "posting", words)
    assert "周敏 · zm" in page and "吴远" not in page


@pytest.mark.parametrize("words", ["五年级", "五", "5", "五(1)班", str(school_year(timezone.localdate()) - 4)])
def test_a_class_is_found_by_its_grade_and_by_its_year(postings, words):
    make.school_class(entry_year=school_year(timezone.localdate()) - 1, number=3)
    page = search(postings, "schoolclass", words)
    assert page.count(">Grade 5") == 2 and "class 3" not in page


def test_the_postings_on_the_page_of_an_account_say_the_class_with_its_school(postings):
    teacher = User.objects.get(username="zm")
    page = main_part(postings.get(reverse("admin:accounts_user_change", args=[teacher.pk])))
    assert f"class 1 · {make.school().name}" in page and teacher.postings.get().code not in page
