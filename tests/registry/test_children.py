"""The child's list, page, form, the showing of one masked value, and the placing in classes."""

import datetime as dt

import pytest
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.codes.id_number import build_id_number
from registry.models import Absence, Child, Guardianship, Relative
from tests import factories as f
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SECRETS = {
    "residence": "三组十二号",
    "father_phone": "13812345678",
    "mother_id_number": build_id_number("990000", dt.date(1990, 3, 8), 8),
    "guardian_phone": "0717-1234567",
    "guardian_id_number": build_id_number("990000", dt.date(1960, 3, 8), 18),
    "guardian_address": "四组八号",
}


@pytest.fixture
def teacher():
    return f.teacher_of(f.school_class())


@pytest.fixture
def child():
    """A child whose every restricted blank is filled, beside another child of the class."""
    f.child("陈小红", school_class=f.school_class())
    child = f.child(school_class=f.school_class(), residence=SECRETS["residence"])
    Relative.objects.create(child=child, relation="51", name="王大山", phone=SECRETS["father_phone"])
    Relative.objects.create(child=child, relation="52", name="李芳", id_number=SECRETS["mother_id_number"])
    given = {name.removeprefix("guardian_"): value for name, value in SECRETS.items() if name.startswith("guardian_")}
    Guardianship.objects.create(child=child, name="李奶奶", relation="63", **given)
    return child


def leaked(page, child) -> set[str]:
    text = page.content.decode()
    return {value for value in [child.id_number, *SECRETS.values()] if value in text}


def edit(client, child, **changes):
    url = child.get_absolute_url() + "edit/"
    return client.post(url, form_values(client.get(url)) | changes)


def said(response) -> dict[str, list[str]]:
    return response.context["form"].errors if response.context else {}


NEW = {
    "name": "张小花",
    "sex": "2",
    "birth_date": "2016-05-04",
    "id_number": build_id_number("990000", dt.date(2016, 5, 4), 2),
}


def register(client, **changes):
    url = reverse("child-create")
    places = {"village": f.village().pk, "school_class": f.school_class().pk}
    return client.post(url, form_values(client.get(url)) | NEW | places | changes)


# What nobody reads in passing


@pytest.mark.parametrize("page", ["", "edit/"])
def test_no_page_of_the_file_holds_a_restricted_value(teacher, child, login, page):
    response = login(teacher).get(child.get_absolute_url() + page)
    assert response.status_code == 200 and "王大山" in response.content.decode()
    assert leaked(response, child) == set()


def test_the_list_holds_no_restricted_value(teacher, child, login):
    response = login(teacher).get(reverse("child-list"))
    assert child.name in response.content.decode() and leaked(response, child) == set()


def test_a_refused_form_holds_no_restricted_value_either(teacher, child, login):
    response = edit(login(teacher), child, name="")
    assert said(response)["name"] and leaked(response, child) == set()


def test_the_trail_as_its_auditor_reads_it_holds_no_restricted_value(teacher, child, client):
    client.force_login(teacher)
    edit(client, child, residence="五组一号", father_phone="13900000000", guardian_address="无")
    client.force_login(f.posted_user("auditor", f.county()))
    response = client.get(reverse("event-list"))
    assert child.code in response.content.decode()
    assert leaked(response, child) == set() and "五组一号" not in response.content.decode()


def test_the_admin_site_of_the_village_holds_no_restricted_value(child, login):
    client = login(f.admin_of(f.village()))
    for name in ("change", "history"):
        response = client.get(reverse(f"admin:registry_child_{name}", args=[child.pk]))
        assert response.status_code == 200 and leaked(response, child) == set()
    assert leaked(client.get(reverse("admin:registry_child_changelist")), child) == set()


def test_the_title_of_no_page_names_the_child(teacher, child, login):
    for page in ("", "edit/"):
        text = login(teacher).get(child.get_absolute_url() + page).content.decode()
        assert child.name not in text.partition("<title>")[2].partition("</title>")[0]


def unmask(client, child, field="guardian_phone", **more):
    url = reverse("child-unmask", args=[child.code])
    return client.post(url, {"field": field, "purpose": "contact"} | more)


@pytest.mark.parametrize("field", ["id_number", *SECRETS])
def test_one_restricted_value_is_shown_at_a_time_and_that_is_recorded(teacher, child, login, field):
    response = unmask(login(teacher), child, field)
    assert leaked(response, child) == {SECRETS.get(field, child.id_number)}
    [event] = Event.objects.filter(action=Action.UNMASK)
    detail = {"field": field, "purpose": "contact"}
    assert (event.user, event.subject, event.detail) == (teacher, child.code, detail)
    assert not Event.objects.filter(action=Action.VIEW).exists()


@pytest.mark.parametrize("field", ["", "name", "nonsense", "father_name", "\0"])
def test_what_is_not_masked_cannot_be_unmasked(teacher, child, login, field):
    assert login(teacher).post(reverse("child-unmask", args=[child.code]), {"field": field}).status_code == 404
    assert not Event.objects.filter(action=Action.UNMASK).exists()


def test_unmasking_is_not_for_all_who_see_the_file_nor_by_address(teacher, child, client):
    counsellor = f.one_of("counsellor")
    child.referrals.create(counsellor=counsellor, reason="失眠")
    url = reverse("child-unmask", args=[child.code])
    client.force_login(counsellor)
    page = client.get(child.get_absolute_url())
    assert page.status_code == 200 and url not in page.content.decode()
    assert unmask(client, child).status_code == 403
    client.force_login(teacher)
    assert client.get(url).status_code == 404
    assert not Event.objects.filter(action=Action.UNMASK).exists()


# The form


def test_a_child_is_registered_and_found_by_its_initials(teacher, login):
    client = login(teacher)
    assert register(client).status_code == 302
    child = Child.objects.get()
    assert (child.name, child.school, child.id_confirmed_by) == ("张小花", f.school(), None)
    assert "张小花" in client.get(reverse("child-list"), {"q": "zxh"}).content.decode()
    assert "张小花" not in client.get(reverse("child-list"), {"q": "wxm"}).content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id_number": NEW["id_number"][:-1] + ("3" if NEW["id_number"][-1] != "3" else "4")}, "id_number"),
        ({"id_number": ""}, "id_reason"),
        ({"sex": "1"}, "sex"),
        ({"birth_date": "2016-05-05"}, "birth_date"),
        ({"birth_date": "2999-01-01", "id_reason": "x"}, "birth_date"),
        ({"birth_date": "1980-01-01", "id_reason": "x"}, "__all__"),
        ({"father_phone": "12"}, "father_phone"),
        ({"father_left_on": "2025-01-01"}, "father_away"),
        ({"father_away": "yes", "father_left_on": "2999-01-01"}, "father_left_on"),
        ({"father_name": "—", "father_away": "yes"}, "father_away"),
        ({"entrusted": "yes"}, "guardian_name"),
        ({"guardian_name": "李奶奶", "guardian_since": "2999-01-01"}, "guardian_since"),
        ({"disability": "61"}, "__all__"),
        ({"village": "990101101000"}, "village"),
        ({"village": "\0"}, "village"),
        ({"school": "9" * 30}, "school"),
        ({"name": "\0"}, "name"),
    ],
)
def test_what_is_wrong_is_an_error_of_its_field_and_nothing_is_saved(teacher, login, wrong, field):
    response = register(login(teacher), **wrong)
    assert field in said(response)
    assert not Child.objects.exists() and not Relative.objects.exists()


def test_a_difference_from_the_number_is_saved_with_a_reason_and_who_confirmed_it(teacher, login):
    response = register(login(teacher), sex="1", id_reason="户口登记有误")
    assert Child.objects.get().id_confirmed_by == teacher
    assert "you confirmed why" in login(teacher).get(response.url).content.decode()


def test_without_a_number_the_reason_is_enough(teacher, login):
    assert register(login(teacher), id_number="", id_reason="尚未落户").status_code == 302
    assert Child.objects.get().id_number_index is None


def test_an_unknown_county_is_asked_about_and_saved(teacher, login, monkeypatch):
    monkeypatch.setattr("registry.identity.county_known", lambda *args, **options: False)
    response = register(login(teacher))
    assert Child.objects.exists()
    assert "unknown county code" in login(teacher).get(response.url).content.decode()


def test_the_same_number_is_not_registered_twice_not_even_where_one_cannot_see(teacher, login):
    hidden = f.child("隐小名", living_in=f.far_village(), sex="2", id_number=NEW["id_number"])
    response = register(login(teacher))
    sentence = "A child with this ID number is already registered elsewhere. Please ask 中心村."
    assert said(response)["id_number"] == [sentence]
    assert "隐小名" not in response.content.decode()
    assert list(Child.objects.all()) == [hidden]


def test_the_number_itself_can_be_typed_again_into_its_own_file(teacher, child, login):
    assert edit(login(teacher), child, id_number=child.id_number).status_code == 302


def test_an_empty_restricted_field_keeps_its_value_and_a_word_removes_it(teacher, child, login):
    edit(login(teacher), child, father_phone="无", residence="")
    child.refresh_from_db()
    assert child.residence == SECRETS["residence"]
    assert child.relatives.get(relation="51").phone == ""


@pytest.mark.parametrize(("name", "shown"), [("—", "—"), ("不详", "不详"), ("", "Not filled")])
def test_the_three_states_of_a_relative_go_through_form_and_page(teacher, child, login, name, shown):
    client = login(teacher)
    edit(client, child, grandfather_name=name, grandmother_name="王奶奶")
    page = client.get(child.get_absolute_url())
    entry = next(i for s in page.context["sections"] for i in s["items"] if str(i["label"]) == "Paternal grandfather")
    assert (entry["value"] or "Not filled") == shown
    assert form_values(client.get(child.get_absolute_url() + "edit/"))["grandfather_name"] == name


def test_the_dead_whose_name_is_recorded_are_shown_and_kept_as_dead(teacher, child, login):
    child.relatives.create(relation="61", name="王老山", state="deceased")
    client = login(teacher)
    edit(client, child, grandmother_name="王奶奶")
    page = client.get(child.get_absolute_url()).content.decode()
    assert "王老山 (deceased)" in page and "王奶奶 (" not in page


def test_saving_does_not_move_a_child_who_lives_or_learns_beyond_what_one_may_choose(login):
    far = f.child(living_in=f.far_village(), school_class=f.school_class())
    assert edit(login(f.teacher_of(f.school_class())), far, hukou_place="枝江").status_code == 302
    far.refresh_from_db()
    assert (far.village, far.hukou_place) == (f.far_village(), "枝江")
    learner = f.child("李小刚", school_class=f.school_class(f.other_school()))
    assert edit(login(f.admin_of(f.village())), learner, hukou_place="枝江").status_code == 302
    learner.refresh_from_db()
    assert learner.school_class == f.school_class(f.other_school())


def test_a_class_of_another_school_is_refused(login):
    head, other = f.head_of(f.school()), f.other_school()
    f.post(head, other)
    response = register(login(head), school=other.pk)
    assert "school_class" in said(response)


def test_markup_in_a_name_or_an_address_stays_text(teacher, child, login):
    client = login(teacher)
    edit(client, child, hukou_place="<script>alert(1)</script>", father_work_place="{{ user }}")
    page = client.get(child.get_absolute_url()).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "{{ user }}" in page


# The page


def test_the_page_says_since_when_a_parent_is_away(teacher, child, login):
    Absence.objects.create(child=child, parent="51", left_on=f.today() - dt.timedelta(days=40), destination="深圳")
    page = login(teacher).get(child.get_absolute_url()).content.decode()
    assert "father away since" in page.lower() and "40 days" in page


def test_the_page_of_another_class_is_not_found(child, login):
    stranger = f.teacher_of(f.school_class(number=2))
    for page in ("", "edit/"):
        assert login(stranger).get(child.get_absolute_url() + page).status_code == 404
    assert login(stranger).post(reverse("child-unmask", args=[child.code]), {"field": "id_number"}).status_code == 404
    assert unmask(login(stranger), child).status_code == 404


# Placing in classes


@pytest.fixture
def pupils():
    school = f.school()
    return [f.child(name, school=school, schooling="primary") for name in ("孙一", "孙二")]


def enrol(client, children, place=None):
    data = {"school_class": (place or f.school_class()).pk, "children": [child.pk for child in children]}
    return client.post(reverse("child-enrol"), data)


def test_ticked_pupils_are_placed_and_the_others_are_not(pupils, login):
    client = login(f.head_of(f.school()))
    assert enrol(client, pupils[:1]).status_code == 302
    placed, waiting = (Child.objects.get(pk=child.pk) for child in pupils)
    assert (placed.school_class, waiting.school_class) == (f.school_class(), None)
    page = client.get(reverse("child-enrol")).content.decode()
    assert "孙二" in page and "孙一" not in page
    assert [event.object_code for event in Event.objects.filter(action=Action.CHANGE)] == [placed.code]


def test_only_own_pupils_and_own_classes_are_offered_and_taken(pupils, login):
    far = f.child("赵小兰", living_in=f.far_village(), school=f.other_school(), schooling="primary")
    client = login(f.head_of(f.school()))
    assert "赵小兰" not in client.get(reverse("child-enrol")).content.decode()
    assert said(enrol(client, [*pupils, far]))["children"]
    assert said(enrol(client, pupils, f.school_class(f.other_school())))["school_class"]
    assert not Child.objects.exclude(school_class=None).exists()


def test_a_pupil_whom_another_has_placed_meanwhile_is_not_moved(pupils, login):
    other = f.school_class(number=2)
    pupils[0].school_class = other
    pupils[0].save()
    assert said(enrol(login(f.head_of(f.school())), pupils))["children"]
    assert {child.school_class for child in Child.objects.all()} == {other, None}


@pytest.mark.parametrize("key", ["x", "\0", "9" * 30, "-1"])
def test_a_invalid_choice_is_refused(pupils, login, key):
    data = {"school_class": f.school_class().pk, "children": [key]}
    assert said(login(f.head_of(f.school())).post(reverse("child-enrol"), data))["children"]


def test_a_teacher_does_not_place_pupils(pupils, teacher, login):
    assert login(teacher).get(reverse("child-enrol")).status_code == 403
    assert enrol(login(teacher), pupils).status_code == 403


@pytest.mark.parametrize("name", ["王 3", "—", "不详", "无", "外出务工"])
def test_a_child_has_a_name_of_its_own_as_on_the_paper(teacher, login, name):
    f.child("陈小红", school_class=f.school_class())
    response = register(login(teacher), name=name)
    assert said(response)["name"]
    assert [child.name for child in Child.objects.all()] == ["陈小红"]


def test_the_only_class_of_a_teacher_is_chosen_in_advance_and_of_two_none(teacher, login):
    mine = f.school_class()
    client = login(teacher)
    assert form_values(client.get(reverse("child-create")))["school_class"] == str(mine.pk)
    f.post(teacher, f.school_class(number=7))
    assert not form_values(client.get(reverse("child-create"))).get("school_class")


def test_what_was_shown_takes_the_focus_and_the_language_can_be_switched_there(teacher, child, login):
    page = unmask(login(teacher), child)
    html = page.content.decode()
    assert html.count("autofocus") == 1
    assert f"autofocus>{SECRETS['guardian_phone']}" in html
    assert f'name="next" value="{child.get_absolute_url()}"' in html


def test_where_every_pupil_has_a_class_the_page_of_placing_says_so(login):
    f.child(school_class=f.school_class())
    waiting = "All your pupils are already in a class."
    client = login(f.coordinator_of(f.township()))
    assert waiting in client.get(reverse("child-enrol")).content.decode()
    f.child("赵小兰", schooling="primary")
    assert waiting not in client.get(reverse("child-enrol")).content.decode()


def test_only_classes_of_the_childs_own_school_are_offered(login):
    f.school_class(of=f.other_school())
    child = f.child(school_class=f.school_class())
    page = login(f.coordinator_of(f.county())).get(child.get_absolute_url() + "edit/")
    offered = {row.school for row in page.context["form"].fields["school_class"].queryset}
    assert offered == {f.school()}
