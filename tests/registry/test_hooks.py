"""What apps add to the registry: found by itself, in order, and only for whom it is meant."""

import pytest
from django.test import modify_settings
from django.urls import reverse

from registry import hooks
from registry.papers.layout import Paper, PaperPage
from tests import factories as f

reverse("home")  # loads the addresses, and with them the views that register the registry's own
HOOKS = [name for name, value in vars(hooks).items() if isinstance(value, hooks.Hook)]


@pytest.fixture
def restored():
    """Leave nothing behind of what a test registers."""
    kept = {name: list(getattr(hooks, name)) for name in HOOKS}
    yield
    for name, entries in kept.items():
        getattr(hooks, name)[:] = entries


def test_every_hook_has_somebody_who_uses_it():
    assert [name for name in HOOKS if not getattr(hooks, name)] == []


def test_the_hooks_of_an_app_are_found_by_themselves(tmp_path, monkeypatch, restored):
    (tmp_path / "newcomer").mkdir()
    (tmp_path / "newcomer/__init__.py").touch()
    (tmp_path / "newcomer/hooks.py").write_text("from registry.hooks import on_close\non_close('new')(print)\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert not hooks.on_close.find("new")
    with modify_settings(INSTALLED_APPS={"append": "newcomer"}):
        assert hooks.on_close.find("new")


@pytest.mark.django_db
def test_a_filter_registered_later_is_offered_and_narrows_the_list(restored, login):
    hooks.child_filter("girls", "girls only")(lambda children: children.filter(sex="2"))
    girl, boy = f.child("王小红", sex="2", school_class=f.school_class()), f.child(school_class=f.school_class())
    page = login(f.head_of(f.school())).get("/children/", {"show": "girls"}).content.decode()
    assert "girls only" in page and girl.code in page and boy.code not in page


@pytest.mark.django_db
def test_a_panel_registered_later_stands_in_its_order_and_only_for_who_may_see_it(restored, login):
    child = f.child(school_class=f.school_class())
    table = {"columns": [], "rows": [], "actions": [], "empty_text": "none yet"}
    hooks.child_panel(order=15, permission="registry.merge_child")(lambda child, user: table | {"title": "Cases"})

    def titles(user) -> list[str]:
        return [panel["title"] for panel in login(user).get(child.get_absolute_url()).context["related"]]

    assert titles(f.head_of(f.school()))[:3] == ["Carer", "Cases", "Visits and talks"]
    assert "Cases" not in titles(f.teacher_of(child.school_class))


@pytest.mark.django_db
def test_a_task_registered_later_stands_on_the_home_page_unless_one_finds_it_elsewhere(restored, login):
    entry = {"title": "Cases", "text": "", "url": "/", "label": "Open", "count": "", "kind": ""}
    hooks.home_task(order=1, permission="registry.view_child", unless="registry.enrol_child")(lambda office: entry)
    f.school_class()
    assert login(f.teacher_of(f.school_class())).get("/").context["tasks"][0]["title"] == "Cases"
    assert login(f.head_of(f.school())).get("/").context["tasks"][0]["title"] != "Cases"


@pytest.mark.django_db
def test_a_document_registered_later_is_offered_and_printed(restored, login):
    f.school_class(), f.term()
    made = Paper("roll", "名单", (10,), [PaperPage("名单", [])])
    hooks.document("roll", "Class roll", text="Who is in the class.", order=15)(lambda ask: made)
    client = login(f.head_of(f.school()))
    asked = {"class": f.school_class().key}
    listed = [paper["title"] for paper in client.get(reverse("paper-list"), asked).context["papers"]]
    assert listed[:3] == ["Children's files", "Class roll", "Contact cards"]
    assert "名单" in client.get(reverse("paper-print", args=["roll"]), asked).content.decode()
    assert client.get(reverse("paper-print", args=["scroll"]), asked).status_code == 404
