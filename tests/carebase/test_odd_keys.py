"""Keys and words that no page offers, posted to the forms of the admin site: an error at the field, all else kept."""

import pytest
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.search import SELECT_LIMIT
from registry.models import Posting, School, SchoolClass
from tests import factories as f
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ODD = ["abc", "\0", "1\0", "-1", "9" * 30, "1" * 5000, "汉" * 3000, "100%", "%(value)s", "{% load x %}"]
RELATIONS = {"school": "division", "schoolclass": "school", "definition": "division", "posting": "user"}


@pytest.fixture(scope="module")
def administrator(module_db):
    """There are more places, schools, classes and accounts than a select offers."""
    for number in range(SELECT_LIMIT + 1):
        place = f.village(f"村{number}", f"9901011013{number:02}")
        school = School.objects.create(code=f"21420001{number:02}", name=f"校{number}", division=place)
        SchoolClass.objects.create(school=school, entry_year=2020, number=1)
        f.user(Role.TEACHER)
    return f.user(Role.ADMIN)


def post(client, url: str, model: str, **changes):
    return client.post(url, form_data(client.get(url), f"{model}_form", reason="换届", **changes))


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("model", RELATIONS)
def test_an_odd_key_or_odd_words_are_an_error_at_the_field(model, value, administrator, login):
    client, field = login(administrator), RELATIONS[model]
    url = reverse(f"admin:registry_{model}_add")
    words = {f"{field}-words": value, f"{field}-shown": "", f"{field}-choice": value, field: ""}
    assert post(client, url, model, **words).status_code == 200
    response = post(client, url, model, **{field: value, f"{field}-words": "", f"{field}-shown": ""})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors


@pytest.mark.parametrize("key", ["-1", "abc", "\0", "9" * 30, "1" * 5000])
def test_approving_what_is_not_in_the_list_is_said(key, login):
    posting = f.post(f.user(Role.TEACHER), f.school_class(), approved=False)
    url = reverse("admin:registry_posting_changelist")
    response = login(f.user(Role.ADMIN)).post(url, {"action": "approve", "_selected_action": [key]}, follow=True)
    assert response.status_code == 200 and response.context["messages"]
    assert Posting.objects.get(pk=posting.pk).approved_by is None


@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("key", ["abc", "-1", "9" * 30, "1" * 5000, "%00", "1%00", "_00", "..."])
def test_an_address_with_an_odd_key_is_not_found(page, key, login):
    client = login(f.user(Role.ADMIN))
    for model in ("registry/division", "registry/posting", "accounts/user"):
        assert client.get(f"/admin/{model}/{key}/{page}/").status_code == 404
