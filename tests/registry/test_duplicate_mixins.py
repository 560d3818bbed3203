"""The duplicate check in the forms of a child, in the browser and in the admin site."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.codes.id_number import build_id_number
from registry.models import Child
from tests import factories as f
from tests.form_data import form_data
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BORN = dt.date(2016, 5, 4)
NEW = {"name": "王晓鸣", "sex": "1", "birth_date": "2016-05-04", "id_number": "", "id_reason": "尚未落户"}
CONFIRMED = {"another_child": "on"}


@pytest.fixture
def teacher(login):
    """The teacher of a class, signed in; in the other school there are children too."""
    f.child("陈小红", school_class=f.school_class())
    return login(f.teacher_of(f.school_class()))


def register(client, **changes):
    url = reverse("child-create")
    places = {"village": f.village().pk, "school_class": f.school_class().pk}
    return client.post(url, form_values(client.get(url)) | NEW | places | changes)


def text(response) -> str:
    return response.content.decode()


def test_a_possible_duplicate_is_not_saved_without_confirmation(teacher):
    child = f.child("王小明", school_class=f.school_class())
    response = register(teacher)
    assert Child.objects.filter(name="王晓鸣").count() == 0
    assert child.get_absolute_url() in text(response) and "王小明" in text(response) and "合心村" in text(response)
    assert "This child may already be registered. Compare before you continue." in text(response)
    assert form_values(response)["name"] == "王晓鸣"


def test_the_checkbox_confirms_it(teacher):
    f.child("王小明", school_class=f.school_class())
    assert register(teacher, **CONFIRMED).status_code == 302
    assert Child.objects.filter(name="王晓鸣").exists()


def test_an_unnecessary_confirmation_changes_nothing(teacher):
    f.child("王小明", living_in=f.other_village())
    assert register(teacher, **CONFIRMED).status_code == 302


def test_files_with_different_numbers_are_shown_as_possible_twins(teacher):
    f.child("王小明", school_class=f.school_class())
    response = register(teacher, id_number=build_id_number("990000", BORN, 377), id_reason="")
    assert "they may be twins" in text(response)
    assert not Child.objects.filter(name="王晓鸣").exists()


def test_of_a_file_out_of_scope_only_the_office_is_shown(teacher):
    f.child("王小明", school_class=f.school_class(f.other_school()), hukou_place="隐秘处")
    shown = text(register(teacher))
    assert "Such a child is registered elsewhere. Please ask 小白山乡中心小学." in shown
    assert "王小明" not in shown and Child.objects.get(name="王小明").code not in shown and "隐秘处" not in shown
    assert register(teacher, **CONFIRMED).status_code == 302


def test_the_same_number_links_to_the_file_and_cannot_be_confirmed(teacher):
    child = f.child("李四", birth_date=BORN, school_class=f.school_class())
    response = register(teacher, id_number=child.id_number, id_reason="", **CONFIRMED)
    assert "Open that file instead" in text(response) and child.get_absolute_url() in text(response)
    assert child.id_number not in text(response).replace(f'value="{child.id_number}"', "")
    assert not Child.objects.filter(name="王晓鸣").exists()


def test_an_existing_file_is_saved_without_confirmation(teacher):
    f.child("王小明", school_class=f.school_class())
    other = f.child("王晓鸣", school_class=f.school_class())
    url = other.get_absolute_url() + "edit/"
    assert teacher.post(url, form_values(teacher.get(url)) | {"hukou_place": "宜昌"}).status_code == 302


def test_the_number_of_another_file_is_refused_in_an_existing_file_too(teacher):
    taken = f.child("赵六", school_class=f.school_class(f.other_school())).id_number
    child = f.child("王晓鸣", school_class=f.school_class())
    url = child.get_absolute_url() + "edit/"
    response = teacher.post(url, form_values(teacher.get(url)) | {"id_number": taken})
    assert "Please ask 小白山乡中心小学" in text(response)
    child.refresh_from_db()
    assert child.id_number != taken


def test_the_empty_form_runs_no_query_for_duplicates(teacher):
    few = asked(teacher)
    for _number in range(3):
        f.child("王小明", school_class=f.school_class())
    assert asked(teacher) == few


def asked(client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("child-create"))
    return len(captured.captured_queries)


def test_invalid_names_and_dates_are_still_refused(teacher):
    response = register(teacher, name="不详", birth_date="2016-13-45")
    assert response.status_code == 200 and "Write the child" in text(response)


# In the admin site


def admin_register(client, **changes):
    url = reverse("admin:registry_child_add")
    return client.post(url, form_data(client.get(url), "child_form", **NEW, village=f.village().pk, **changes))


def test_the_admin_site_asks_for_confirmation_too(login):
    client = login(f.admin_of(f.village()))
    child = f.child("王小明")
    response = admin_register(client)
    assert child.get_absolute_url() in text(response) and 'name="another_child"' in text(response)
    assert not Child.objects.filter(name="王晓鸣").exists()
    assert admin_register(client, **CONFIRMED).status_code == 302
    assert Child.objects.filter(name="王晓鸣").exists()
