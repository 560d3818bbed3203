"""A role is added at run time, as one definition, and every page is opened with it: nothing else has to know it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Reach, permission_names
from registry.models import Child
from tests import factories as f
from tests.page_walk import ASKED, OBJECTS, PAGES, address, objects

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
OFFICER = "officer"


@pytest.fixture
def officer(monkeypatch) -> User:
    """An account of a township officer, who looks at the files of the township and writes nothing."""
    viewed = ("registry_child", "registry_guardianship", "visits_visit", "activities_activity")
    named = {"label": "township officer", "description": "Looks at the files of the township."}
    permissions = permission_names(**dict.fromkeys(viewed, "view"))
    f.role(monkeypatch, OFFICER, permissions, Reach.PLACES, enters_admin_site=True, **named)
    return f.posted_user(OFFICER, f.township())


@pytest.fixture
def scene(officer) -> dict[str, dict]:
    """The objects of a village of the township, and of a village of the other one."""
    own = f.child("王小明", school_class=f.school_class())
    far = f.child("赵小兰", living_in=f.far_village(), school_class=f.school_class(f.other_school()))
    return {
        "own": objects(f.admin_of(f.village()), own, f.village(), f.village()),
        "other": objects(f.admin_of(f.far_village()), far, f.far_village(), f.far_village()),
    }


def answer(client, page: str, method: str, at: dict) -> int:
    data = {"field": "id_number"} if page == "child-unmask" else {}
    if page in ASKED:
        data = {ASKED[page]: at[ASKED[page]].code, "term": "2026-autumn"}
    return getattr(client, method)(address(page, at), data).status_code


def test_every_page_answers_a_new_role_and_shows_it_nothing_of_the_other_township(officer, scene, login):
    client = login(officer)
    pages = [page for page in PAGES if page != "logout"]
    for method in ("get", "post"):
        answers = {(page, whose): answer(client, page, method, scene[whose]) for page in pages for whose in scene}
        assert not {case for case, status in answers.items() if status >= 500}
        foreign = {page: answers[page, "other"] for page in pages if page in OBJECTS}
        assert set(foreign.values()) <= {403, 404, 405}, foreign
    opened = ("child-detail", "visit-detail", "activity-detail", "child-guardianship")
    assert {answer(client, page, "get", scene["own"]) for page in opened} == {200}
    assert answer(client, "child-update", "get", scene["own"]) == 403


@pytest.mark.parametrize("page", ["child-list", "visit-list", "visit-overdue", "alone-list", "entrustment-list"])
def test_a_list_holds_the_rows_of_its_places_and_not_of_the_other_township(officer, login, page):
    f.term()
    for name, place in (("王小明", f.village()), ("赵小兰", f.far_village())):
        child = f.child(name, living_in=place)
        if page == "alone-list":
            f.guardianship(child, name="", alone=True, found_on=f.today())
        elif page == "entrustment-list":
            f.guardianship(child, entrusted=True)
        elif page == "visit-list":
            f.visit(child, f.admin_of(place))
    shown = login(officer).get(reverse(page)).content.decode()
    assert "王小明" in shown and "赵小兰" not in shown


def test_the_activities_are_those_of_its_places(officer, login):
    f.activity("中秋慰问", at=f.village()), f.activity("重阳慰问", at=f.far_village())
    shown = login(officer).get(reverse("activity-list")).content.decode()
    assert "中秋慰问" in shown and "重阳慰问" not in shown


def test_every_page_of_the_admin_answers_it(officer, scene, login):
    client = login(officer)
    for model, site in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        visible = officer.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        assert client.get(reverse(f"{name}_changelist")).status_code == (200 if visible else 403)
        assert client.get(reverse(f"{name}_add")).status_code == 403
        for row in model._default_manager.all()[:5]:
            for page in ("change", "history", "delete"):
                status = client.get(reverse(f"{name}_{page}", args=[row.pk])).status_code
                own = visible and site.model.objects.visible_to(officer).contains(row)
                assert status == 200 if own and page != "delete" else status in {302, 403, 404}, (row, page)


def test_the_admin_lists_its_own_children(officer, scene, login):
    shown = login(officer).get("/admin/registry/child/").content.decode()
    assert "王小明" in shown and "赵小兰" not in shown
    assert login(officer).get("/admin/").status_code == 200
    assert set(Child.objects.visible_to(officer)) == {scene["own"]["child"], scene["own"]["twin"]}


def test_it_is_named_and_can_be_given(officer, login):
    assert officer.get_role_display() == "township officer"
    page = login(f.user("admin")).get(reverse("admin:accounts_user_change", args=[officer.pk])).content.decode()
    assert "Looks at the files of the township." in page and '<option value="officer" selected>' in page


def test_the_home_page_answers_it(officer, login):
    assert login(officer).get("/").status_code == 200
