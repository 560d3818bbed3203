"""Definitions are data: who keeps which, and what is refused."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from carebase.accounts.roles import Role
from registry.models import Definition
from tests import factories as f
from tests.form_data import form_data
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ADD = "admin:registry_definition_add"
TYPED = {
    "code": "HX1",
    "name": "枝江市留守儿童",
    "source": "枝民发〔2025〕1号",
    "valid_from": "2025-01-01",
    "months": "6",
}


def add(client, **typed):
    url = reverse(ADD)
    return client.post(url, form_data(client.get(url), "definition_form", **(TYPED | typed)), follow=True)


def test_a_coordinator_keeps_variants_of_their_own_range_only(login):
    national, far = f.definition("N1"), f.definition("F1", division=f.far_village())
    client = login(f.coordinator_of(f.township()))
    add(client, division=f.village().pk)
    assert Definition.objects.get(code="HX1").division == f.village()
    pages = [reverse("admin:registry_definition_change", args=[foreign.pk]) for foreign in (national, far)]
    assert [client.get(page).status_code for page in pages] == [200, 404], "the general one is read"
    assert [client.post(page, TYPED).status_code for page in pages] == [403, 404]


@pytest.mark.parametrize("where", ["", "990101102201"])
def test_a_coordinator_makes_no_general_definition_and_none_for_others(where, login):
    f.far_village()
    add(login(f.coordinator_of(f.township())), division=where)
    assert not Definition.objects.filter(code="HX1").exists()


def test_the_administrator_changes_a_threshold_without_touching_code(login):
    add(login(f.user(Role.ADMIN)), months="3")
    assert (Definition.objects.get(code="HX1").months, Definition.objects.get(code="HX1").division) == (3, None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"months": 3, "days": 90}, "months or days"),
        ({"months": 121}, "ten years"),
        ({"below_age": 0}, "An age"),
        ({"valid_to": f.dt.date(2015, 1, 1)}, "The last day is before"),
        ({"code": "留守"}, "Latin letters"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_with_a_reason(fields, words):
    made = Definition(**({"code": "X1", "name": "x", "source": "x", "valid_from": f.dt.date(2016, 1, 1)} | fields))
    with pytest.raises(ValidationError, match=words):
        made.full_clean()


def test_the_file_keeps_whether_the_registration_is_rural_unknown_or_not(login):
    child, other = f.child(school_class=f.school_class()), f.child("李小红", hukou_rural=True)
    client, url = login(f.teacher_of(f.school_class())), child.get_absolute_url() + "edit/"
    for typed, kept in (("yes", True), ("no", False), ("", None)):
        client.post(url, form_values(client.get(url)) | {"hukou_rural": typed})
        child.refresh_from_db(), other.refresh_from_db()
        assert (child.hukou_rural, other.hukou_rural) == (kept, True)
