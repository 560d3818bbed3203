"""Every page of the admin site as every role, walked once; the table is the second half of `access.txt`.

A model or a role without its line or column stops the collection with its name.
"""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.models import Division, Posting, School, SchoolClass
from tests import factories as make
from tests.page_faults import text_of
from tests.page_walk import ADMIN, FOREIGN, ROLES, status

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
# Lists of what there can be three of below one township.
CHANGE_LISTS = sorted(
    {page for page, *_rest in ADMIN if page.endswith("_changelist")} - {"admin:registry_term_changelist"}
)
LINES = {"changelist": "-", "add": "-", "change": "own", "history": "own", "delete": "own"}
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


def gaps() -> list[str]:
    """Return what the table lacks or has too much, each in a sentence; `page_walk.gaps` looks at the roles."""
    wanted = set()
    for model in admin.site._registry:
        if model._meta.app_label == "auth":
            continue
        label = model._meta.label_lower
        if label not in SOURCES:
            return [f"{label} is not named in SOURCES of {__name__}"]
        wanted |= {(f"admin:{label.replace('.', '_')}_{page}", "GET", whose) for page, whose in LINES.items()}
        wanted |= {(f"admin:{label.replace('.', '_')}_autocomplete", "GET", "-")} if SOURCES[label] else set()
    own = {line for line in ADMIN if line[2] != "other"}
    return [f"{' '.join(line)} has no line" for line in sorted(wanted - own)] + [
        f"{' '.join(line)} is not in the admin site" for line in sorted(own - wanted)
    ]


if found := gaps():
    raise pytest.Collector.CollectError("tests/access.txt: " + "; ".join(found))


@pytest.fixture(scope="module")
def people(module_db) -> dict[str, User]:
    """One of each role at the same place."""
    return {role: make.one_of(role) for role in Role}


def scene(village_admin: User, name: str, place: Division) -> dict:
    """Return one record of each model, at `place` where it has one; whatever is named has `name` in it."""
    child = make.child(name, living_in=place)
    carer = make.carer(f"{name}的老师", at=place)
    return {
        "registry.child": child,
        "registry.division": place,
        "registry.school": make.school(),
        "registry.schoolclass": make.school_class(),
        "registry.term": make.term(),
        "registry.definition": make.definition(place.code, name=f"{name}村的定义", division=place),
        "registry.posting": Posting.objects.filter(user=village_admin).get(),
        "accounts.user": village_admin,
        "visits.visit": make.visit(child, village_admin),
        "pairing.carer": carer,
        "pairing.pairing": carer.pairings.create(child=child, seat=1),
        "activities.activity": make.activity(f"{name}的生日", at=place),
        "activities.donation": make.donation(at=place, donor=f"{name}的邻居"),
    }


def model_and_page(name: str) -> tuple[str, str]:
    """Return ("registry.child", "change") of "admin:registry_child_change"."""
    app, model, page = name.removeprefix("admin:").split("_")
    return f"{app}.{model}", page


def address(name: str, kept: dict) -> str:
    label, page = model_and_page(name)
    if page == "autocomplete":
        app, model, field = SOURCES[label]
        return f"{reverse('admin:autocomplete')}?app_label={app}&model_name={model}&field_name={field}&term="
    return reverse(name, args=[kept[label].pk] if page in {"change", "history", "delete"} else [])


@pytest.fixture(scope="module")
def kept(people) -> dict[str, dict]:
    """One record of each model at the place of all, and one far away."""
    own = scene(people[Role.VILLAGE], "孩", make.village())
    stranger = make.posted_user(Role.VILLAGE, make.far_village(), name=f"{FOREIGN}的村干部")
    return {"own": own, "other": scene(stranger, FOREIGN, make.far_village()), "-": own}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_answers_a_role_as_the_table_says_and_names_nobody_far_away(role, people, kept):
    client, wrong = Client(), []
    if role in people:
        client.force_login(people[role])
    for line, expected in ADMIN.items():
        page, _way, whose = line
        response = client.get(address(page, kept[whose]))
        if (answer := status(page, response)) != expected[role]:
            wrong.append(f"{' '.join(line)}: answers {answer}, in the table stands {expected[role]}")
        elif role != Role.ADMIN and FOREIGN in text_of(response):
            wrong.append(f"{' '.join(line)}: tells of a place far away")
    assert not wrong, "\n".join(["", *wrong])


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


@pytest.fixture(scope="module")
def queries(people, kept) -> dict[str, tuple[list, list]]:
    """What each list asks the database with one village of records in sight, and with three."""
    with transaction.atomic():
        one = {page: asked_by(page, people) for page in CHANGE_LISTS}
        furnish(2), furnish(3)
        three = {page: asked_by(page, people) for page in CHANGE_LISTS}
        transaction.set_rollback(True)
    return {page: (one[page], three[page]) for page in CHANGE_LISTS}


def asked_by(page: str, people: dict) -> list[dict]:
    role = Role.COORDINATOR if ADMIN[page, "GET", "-"][Role.COORDINATOR] == "200" else Role.ADMIN
    client = Client()
    client.force_login(people[role])
    client.get("/admin/")  # the first request of a session writes it
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(page, {})).status_code == 200
    return captured.captured_queries


@pytest.mark.parametrize("page", CHANGE_LISTS)
def test_a_list_needs_as_many_queries_for_three_rows_as_for_one(page, queries):
    one, three = queries[page]
    assert len(one) == len(three) <= 8


def furnish(number: int) -> None:
    """Add one more village of the township with one record of each model."""
    place = make.village(f"村{number}", f"99010110130{number}")
    scene(make.admin_of(place), f"{number}", place)
    school = School.objects.create(code=f"214200010{number}", name=f"校{number}", division=place)
    SchoolClass.objects.create(school=school, entry_year=2020, number=number)
