"""Every page of the admin × role → status. A model or a role without its row fails at collection."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.models import Division, Posting, School, SchoolClass
from tests import factories as make

pytestmark = pytest.mark.django_db
ROLES = ("village", "coordinator", "admin", "teacher", "auditor")
PAGES = ("changelist", "add", "change", "history", "delete", "autocomplete")
OK, REFUSED, GONE = 200, 403, 404
NOBODY = dict.fromkeys(ROLES, REFUSED)


def allowed(**roles: int) -> dict[str, int]:
    return NOBODY | roles


def rows(view: dict, add: dict, change: dict, search: dict | None = None) -> dict[str, dict[str, int]]:
    """Return the expected status of each page by role; deleting is nobody's."""
    return {
        "changelist": view,
        "add": add,
        "change": change,
        "history": change,
        "delete": NOBODY,
        "autocomplete": search or view,
    }


DESK = allowed(village=OK, coordinator=OK)
OFFICES = allowed(coordinator=OK, admin=OK)
EXPECTED = {
    "registry.child": rows(DESK, DESK, DESK),
    "registry.division": rows(OFFICES, allowed(admin=OK), OFFICES),
    "registry.school": rows(OFFICES, OFFICES, OFFICES),
    "registry.schoolclass": rows(OFFICES, OFFICES, OFFICES),
    "registry.term": rows(OFFICES, allowed(admin=OK), OFFICES),
    "registry.posting": rows(OFFICES, OFFICES, OFFICES),
    "registry.definition": rows(OFFICES, OFFICES, OFFICES),
    "accounts.user": rows(OFFICES, OFFICES, OFFICES),
    "visits.visit": rows(DESK, DESK, DESK),
    "pairing.carer": rows(DESK, DESK, DESK),
    "pairing.pairing": rows(DESK, DESK, DESK),
    "activities.activity": rows(DESK, DESK, DESK),
    "activities.donation": rows(DESK, DESK, DESK),
}
# A field that points to the model, by which the autocomplete is asked.
SOURCES = {
    "registry.child": ("visits", "visit", "child"),
    "registry.division": ("registry", "school", "division"),
    "registry.school": ("registry", "schoolclass", "school"),
    "registry.schoolclass": ("registry", "child", "school_class"),
    "registry.posting": None,
    "registry.definition": None,
    "registry.term": None,
    "accounts.user": ("registry", "posting", "user"),
    "visits.visit": None,
    "pairing.carer": ("pairing", "pairing", "carer"),
    "pairing.pairing": None,
    "activities.activity": ("activities", "donation", "activity"),
    "activities.donation": None,
}


def test_every_model_of_the_admin_has_its_row():
    registered = {model._meta.label_lower for model in admin.site._registry if model._meta.app_label != "auth"}
    assert registered == set(EXPECTED) == set(SOURCES)


@pytest.fixture
def people() -> dict[str, User]:
    """One of each role at the same place."""
    return {
        "village": make.admin_of(make.village()),
        "coordinator": make.coordinator_of(make.township()),
        "admin": make.user(Role.ADMIN),
        "teacher": make.teacher_of(make.school_class()),
        "auditor": make.user(Role.AUDITOR),
    }


def scene(people: dict, suffix: str = "", place: Division | None = None) -> dict:
    """Return one record of each model, at `place` where it has one."""
    place = place or make.village()
    child = make.child(f"孩{suffix}", living_in=place)
    carer = make.carer(f"帮{suffix}", at=place)
    return {
        "registry.child": child,
        "registry.division": place,
        "registry.school": make.school(),
        "registry.schoolclass": make.school_class(),
        "registry.term": make.term(),
        "registry.definition": make.definition(place.code, division=place),
        "registry.posting": Posting.objects.filter(user=people["village"]).get(),
        "accounts.user": people["village"],
        "visits.visit": make.visit(child, people["village"]),
        "pairing.carer": carer,
        "pairing.pairing": carer.pairings.create(child=child, seat=1),
        "activities.activity": make.activity(at=place),
        "activities.donation": make.donation(at=place),
    }


def address(label: str, page: str, pk="") -> str:
    if page == "autocomplete":
        app, model, field = SOURCES[label]
        return f"{reverse('admin:autocomplete')}?app_label={app}&model_name={model}&field_name={field}&term="
    name = f"admin:{label.replace('.', '_')}_{page}"
    return reverse(name, args=[pk] if page in {"change", "history", "delete"} else [])


CASES = [
    (label, page, role)
    for label in EXPECTED
    for page in PAGES
    for role in ROLES
    if page != "autocomplete" or SOURCES[label]
]


@pytest.mark.parametrize(("label", "page", "role"), CASES)
def test_each_page_answers_each_role_as_the_table_says(label, page, role, people, login):
    obj = scene(people)[label]
    response = login(people[role]).get(address(label, page, obj.pk))
    assert response.status_code == EXPECTED[label][page][role]


FOREIGN = [label for label in EXPECTED if label not in {"registry.term", "registry.school", "registry.schoolclass"}]


@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("label", FOREIGN)
def test_a_record_of_a_place_far_away_is_not_there(label, page, people, login):
    far = make.far_village()
    other = people | {"village": make.admin_of(far)}
    foreign = scene(other, "远", far)[label]
    response = login(people["coordinator"]).get(address(label, page, foreign.pk))
    assert response.status_code == GONE


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["head", "carer", "counsellor", "teacher", "auditor"])
def test_nobody_else_enters_the_desk(role, method, login):
    client = login(make.user(role))
    assert getattr(client, method)("/admin/").status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client):
    assert client.get("/admin/registry/child/").url.startswith("/login/")


def test_the_address_of_any_record_cannot_be_asked_for_by_its_key(login):
    child = make.child(living_in=make.far_village())
    kind = ContentType.objects.get_for_model(child)
    client = login(make.admin_of(make.village()))
    assert client.get(f"/admin/r/{kind.pk}/{child.pk}/").status_code == 404


@pytest.mark.parametrize("label", [label for label in EXPECTED if label not in {"registry.division", "registry.term"}])
def test_a_list_needs_as_many_queries_for_three_rows_as_for_one(label, people, login, django_assert_max_num_queries):
    role = "coordinator" if EXPECTED[label]["changelist"]["coordinator"] == OK else "admin"
    client = login(people[role])
    client.get("/admin/")  # the first request of a session writes it
    scene(people, "一")
    with django_assert_max_num_queries(8) as one:
        assert client.get(address(label, "changelist")).status_code == 200
    for number in (2, 3):
        furnish(people, number)
    with django_assert_max_num_queries(8) as three:
        assert client.get(address(label, "changelist")).status_code == 200
    assert len(one) == len(three)


def furnish(people: dict, number: int) -> None:
    """Add one more village of the township with one record of each model."""
    place = make.village(f"村{number}", f"99010110130{number}")
    scene(people | {"village": make.admin_of(place)}, f"{number}", place)
    school = School.objects.create(code=f"214200010{number}", name=f"校{number}", division=place)
    SchoolClass.objects.create(school=school, entry_year=2020, number=number)
