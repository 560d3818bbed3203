"""A child changes village, school or class across offices only by a transfer, whichever page one tries it on."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from registry.duplicates.services import merge_files
from registry.history.revert import revert
from registry.history.revisions import file_events, group_revisions
from registry.imports import staging, writer
from registry.models import Child
from registry.transfers.placement import moved_places
from tests import factories as f
from tests import workbooks
from tests.form_data import form_data
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def child() -> Child:
    """A pupil of one village and class; another village, school and class are there."""
    f.far_village(), f.other_village(), f.school_class(number=2), f.school_class(f.other_school())
    return f.child("王小明", school_class=f.school_class())


def editor(who: str) -> User:
    match who:
        case Role.TEACHER:
            return f.teacher_of(f.school_class())
        case Role.HEAD:
            return f.head_of(f.school())
        case Role.VILLAGE:
            return f.admin_of(f.village())
    return f.coordinator_of(f.township() if who == "township" else f.county())


def places(child: Child) -> tuple:
    stored = Child.objects.get(pk=child.pk)
    return stored.village, stored.school, stored.school_class


def save(client, child: Child, **changes):
    url = reverse("child-update", args=[child.code])
    return client.post(url, form_values(client.get(url)) | changes)


@pytest.mark.parametrize("who", [Role.TEACHER, Role.HEAD, Role.VILLAGE, "township", "county"])
@pytest.mark.parametrize("name", ["village", "school"])
def test_the_form_moves_nobody_to_another_village_or_school(login, child, who, name):
    user, before = editor(who), places(child)
    other = {"village": f.other_village(), "school": f.other_school()}[name]
    response = save(login(user), child, **{name: other.pk, "hukou_place": "枝江老屋"})
    errors = response.context["form"].errors
    assert places(child) == before and list(errors)[0] == name
    assert "枝江老屋" in response.content.decode(), "nothing typed is lost"
    if who == "county":  # the others may not choose some of these places at all
        assert "only by a transfer" in errors[name][0]
        assert f'<a href="{reverse("transfer-create", args=[child.code])}">' in response.content.decode()


def test_a_teacher_may_choose_another_village_but_only_learns_whom_to_ask(login, child):
    response = save(login(editor(Role.TEACHER)), child, village=f.other_village().pk)
    assert "Ask the school head or the village committee" in str(response.context["form"].errors["village"])
    assert reverse("transfer-create", args=[child.code]) not in response.content.decode()


@pytest.mark.parametrize(
    ("who", "moves"), [(Role.TEACHER, False), (Role.HEAD, True), (Role.VILLAGE, False), ("township", True)]
)
def test_within_a_school_those_who_place_pupils_change_the_class(login, child, who, moves):
    user = editor(who)
    if who == Role.TEACHER:
        f.post(user, f.school_class(number=2))
    response = save(login(user), child, school_class=f.school_class(number=2).pk)
    assert response.status_code == (302 if moves else 200)
    assert places(child)[2] == f.school_class(number=2 if moves else 1)


def test_a_school_or_class_that_is_not_known_yet_may_be_filled_in_and_not_emptied(login):
    child = f.child()
    assert save(login(f.admin_of(f.village())), child, school=f.school().pk).status_code == 302
    assert places(child)[1] == f.school()
    assert save(login(f.coordinator_of(f.township())), child, school="").status_code == 200
    assert places(child)[1] == f.school()


def test_the_admin_site_moves_nobody_either(login, child):
    client, url = login(f.coordinator_of(f.county())), reverse("admin:registry_child_change", args=[child.pk])
    data = form_data(client.get(url), "child_form", village=f.other_village().pk, hukou_place="枝江老屋")
    text = client.post(url, data).content.decode()
    assert "only by a transfer" in text and f'<a href="{reverse("transfer-create", args=[child.code])}">' in text
    assert "枝江老屋" in text and places(child)[0] == f.village()
    assert client.post(url, data | {"village": [f.village().pk]}).status_code == 302


def test_a_class_stays_in_its_school_in_the_admin_site(login):
    row = f.school_class()
    client, url = (
        login(f.posted_user(Role.ADMIN, f.county())),
        f"/admin/registry/schoolclass/{f.school_class().pk}/change/",
    )
    client.post(url, form_values(client.get(url)) | {"school": f.other_school().pk, "number": 3})
    row.refresh_from_db()
    assert (row.school, row.number) == (f.school(), 3)


def test_pupils_are_placed_in_classes_of_their_own_school_only(login):
    child, unknown = (f.child(schooling="primary", **place) for place in ({"school": f.school()}, {}))
    client, other = login(f.coordinator_of(f.county())), f.school_class(f.other_school())
    response = client.post(reverse("child-enrol"), {"school_class": other.pk, "children": [child.pk, unknown.pk]})
    assert "only by a transfer" in response.content.decode()
    assert places(child)[1:] == (f.school(), None) and places(unknown)[2] is None, "all or nobody"
    client.post(reverse("child-enrol"), {"school_class": other.pk, "children": [unknown.pk]})
    assert places(unknown)[2] == other


def test_a_sheet_updates_a_file_but_leaves_the_child_where_it_is():
    by = f.coordinator_of(f.county())
    f.village(), f.other_village()
    first = staging.stage_file(name="a.xlsx", data=workbooks.official_form(workbooks.row()), term=f.term(), by=by)
    writer.save_batch(batch=first, by=by)
    child = Child.objects.get()
    moved = workbooks.row(residence=workbooks.row()["residence"].replace(child.village.name, "关志村"), boards="是")
    second = staging.stage_file(name="b.xlsx", data=workbooks.official_form(moved), term=f.term(), by=by)
    (row,) = second.rows.all()
    assert "village" not in [name for name, *_values in row.changes] and row.status == "changed"
    assert any("Only a transfer moves a child" in text for _column, text, _severity in row.notes)
    writer.save_batch(batch=second, by=by)
    child.refresh_from_db()
    assert child.village.name != "关志村" and child.boards is True


def test_a_merge_keeps_the_file_where_it_is(child):
    by = f.coordinator_of(f.county())
    gone = f.child("王小明", living_in=f.other_village(), birth_date=child.birth_date)
    with pytest.raises(ValidationError, match="Keep the file that is in the right place"):
        merge_files(kept=child, gone=gone, choices={"village": "gone"}, by=by)
    assert places(child)[0] == f.village() and not Child.objects.get(pk=gone.pk).closed_on
    merge_files(kept=gone, gone=child, choices={"school": "gone"}, by=by)
    assert places(gone) == (f.other_village(), f.school(), f.school_class()), "an unknown school is filled in"


def test_an_earlier_class_is_put_back_only_by_who_places_pupils(child):
    child.school_class = f.school_class(number=2)
    child.save()
    revision = next(group_revisions(file_events(child)))
    with pytest.raises(ValidationError, match="move a child to another class"):
        revert(child=child, revision=revision, by=f.teacher_of(f.school_class(number=2)))
    assert places(child)[2] == f.school_class(number=2)
    revert(child=child, revision=revision, by=f.head_of(f.school()))
    assert places(child)[2] == f.school_class()


def test_an_earlier_village_is_not_put_back(child):
    child.village = f.other_village()
    child.save()
    with pytest.raises(ValidationError, match="only by a transfer"):
        revert(child=child, revision=next(group_revisions(file_events(child))), by=f.coordinator_of(f.county()))


def test_what_a_form_does_not_mention_is_not_moved(child):
    assert moved_places(child, {}, f.teacher_of(f.school_class())) == []
    assert moved_places(child, {"village_id": child.village_id}, f.teacher_of(f.school_class())) == []
