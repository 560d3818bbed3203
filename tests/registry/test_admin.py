"""A child's file at the desk: the rule of the ID number, and the family beside it."""

import pytest
from django.urls import reverse

from registry.codes.id_number import build_id_number as make_number
from registry.codes.relation import Relation
from registry.models import Child, Division, Guardianship, Term
from tests import factories as make
from tests.form_data import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ADD = "admin:registry_child_add"


@pytest.fixture
def cadre(login):
    make.child("远小山", living_in=make.other_village())
    user = make.admin_of(make.village())
    user.client = login(user)
    return user


def register(client, **changes):
    url = reverse(ADD)
    filled = {"name": "王小明", "sex": "1", "birth_date": "2016-05-04", "id_reason": ""}
    return client.post(url, form_data(client.get(url), "child_form", **(filled | changes)), follow=True)


def number(sequence: int = 301, county: str = "990000") -> str:
    return make_number(county, make.dt.date(2016, 5, 4), sequence)


def of_village():
    return Child.objects.filter(village=make.village())


def test_a_child_is_registered_in_the_village_that_is_preset(cadre):
    register(cadre.client, id_number=number())
    assert of_village().get().id_number == number()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_number": number()[:17] + "Y"}, "only digits"),
        ({"id_number": number(302)}, "another sex"),
        ({"id_number": number(), "birth_date": "2016-05-05"}, "another date of birth"),
        ({"id_number": ""}, "the reason why there is none"),
    ],
)
def test_a_number_that_cannot_be_right_is_refused_with_a_reason(changes, words, cadre):
    assert words in register(cadre.client, **changes).content.decode()
    assert not of_village().exists()


def test_a_difference_with_its_reason_is_confirmed_by_who_saved_it(cadre):
    register(cadre.client, id_number=number(302), id_reason="户口本有误")
    assert of_village().get().id_confirmed_by == cadre


def test_an_unknown_county_is_saved_with_a_warning(cadre):
    assert "unknown county code" in register(cadre.client, id_number=number(county="000000")).content.decode()
    assert of_village().exists()


def test_a_number_of_another_village_is_refused_without_naming_the_child(cadre):
    make.child("远大山", living_in=make.other_village(), id_number=number())
    shown = register(cadre.client, id_number=number()).content.decode()
    assert "already registered" in shown and "远" not in shown


def test_a_second_present_guardianship_is_refused(cadre):
    child = make.child()
    Guardianship.objects.create(child=child, name="王祖母")
    url = reverse("admin:registry_child_change", args=[child.pk])
    more = {"guardianships-TOTAL_FORMS": 2, "guardianships-1-starts_on": "2026-01-01", "guardianships-1-name": "李"}
    response = cadre.client.post(url, form_data(cadre.client.get(url), "child_form", **more))
    assert response.status_code == 200
    assert child.guardianships.count() == 1


@pytest.mark.parametrize("written", ["2016年5月4日", "2016.5.4", "20160504"])
def test_a_date_is_taken_in_the_admin_site_as_people_write_it(cadre, written):
    register(cadre.client, birth_date=written)
    assert Child.objects.get().birth_date == make.dt.date(2016, 5, 4)


def test_a_month_without_a_day_is_refused_in_the_admin_site_and_kept(cadre):
    page = register(cadre.client, birth_date="2016-05").content.decode()
    assert "gives only the month" in page and 'value="2016-05"' in page


def test_the_usual_relations_are_offered_first_and_those_of_adults_last(cadre):
    page = cadre.client.get(reverse(ADD)).content.decode()
    for name in ("relatives", "guardianships"):
        select = page.split(f'name="{name}-__prefix__-relation"')[1].split("</select>")[0]
        order = [select.index(f'value="{code}"') for code in ("51", "52", "61", "64", "99", "66", "28", "45")]
        assert order == sorted(order), "father, mother, grandparents, …, great-grandfather, son-in-law"
        assert select.index("More relations") < select.index('value="66"') < select.index("Not of a child")
        assert select.count("<option") == len(Relation) + 1, "each can still be said"


def test_the_children_of_a_select_are_sorted_by_name(cadre):
    for name in ("赵文博", "陈涛", "余佳", "冯桂兰"):
        make.child(name, living_in=make.village())
    for page in ("visits_visit", "pairing_pairing"):
        select = cadre.client.get(reverse(f"admin:{page}_add")).content.decode().split('id="id_child"')[1]
        found = [select.split("</select>")[0].index(name) for name in ("陈涛", "冯桂兰", "余佳", "赵文博")]
        assert found == sorted(found)


def test_a_child_is_found_by_initials_and_only_in_the_village(cadre):
    make.child("王小明")
    shown = cadre.client.get(reverse("admin:registry_child_changelist") + "?q=wxm").content.decode()
    assert "王小明" in shown
    shown = cadre.client.get(reverse("admin:registry_child_changelist") + "?q=yxs").content.decode()
    assert "远小山" not in shown and "王小明" not in shown


def test_a_name_is_read_at_the_admin_site_as_on_the_paper(cadre):
    assert "A name contains only letters" in register(cadre.client, name="王 3", id_number=number()).content.decode()
    assert not of_village().exists()


@pytest.fixture
def keeper(login):
    return login(make.user("admin"))


def add(client, model: str, **values):
    url = reverse(f"admin:registry_{model}_add")
    return client.post(url, form_data(client.get(url), f"{model}_form", **values), follow=True).content.decode()


def test_a_short_code_of_a_place_is_told_what_is_missing(keeper):
    assert "all 12 digits of the division code: 990101103000" in add(keeper, "division", code="990101103", name="新乡")
    assert not Division.objects.exists()
    add(keeper, "division", code=" ９９０１０１１０３０００ ", name="新乡")
    assert Division.objects.get().code == "990101103000"


def test_a_village_before_its_township_is_added_with_a_warning(keeper):
    warning = "Add the place above it, too: 990101103000"
    assert warning in add(keeper, "division", code="990101103201", name="新村")
    assert "Add the place above it, too: 990101000000" in add(keeper, "division", code="990101103000", name="新乡")
    assert "Add the place" not in add(keeper, "division", code="990101103202", name="新二村")
    assert "Add the place" not in add(keeper, "division", code="990101000000", name="新县")


@pytest.mark.parametrize(
    ("first", "last", "slug"),
    [("2026-09-01", "2027-02-14", "2026-autumn"), ("2027年2月15日", "2027-08-31", "2027-spring")],
)
def test_a_term_is_named_by_its_first_day(keeper, first, last, slug):
    add(keeper, "term", starts_on=first, ends_on=last)
    assert Term.objects.get().slug == slug


def test_a_second_term_of_the_same_season_is_refused_by_its_name(keeper):
    make.term("2026-autumn", make.dt.date(2026, 9, 1), make.dt.date(2026, 11, 30))
    page = add(keeper, "term", starts_on="2026-12-01", ends_on="2027-02-14")
    assert "2026–2027, first term is there already." in page
    assert Term.objects.count() == 1


def test_a_coordinator_reads_the_general_definitions_and_keeps_only_those_of_the_county(login):
    client = login(make.coordinator_of(make.county()))
    general, own = make.definition("general"), make.definition("own", division=make.county())
    far = make.definition("far", division=make.division("990201000000", "远县"))
    listed = client.get(reverse("admin:registry_definition_changelist")).content.decode()
    urls = {row.code: reverse("admin:registry_definition_change", args=[row.pk]) for row in (general, own, far)}
    assert urls["general"] in listed and urls["own"] in listed and urls["far"] not in listed
    assert 'name="_save"' in client.get(urls["own"]).content.decode()
    assert 'name="_save"' not in client.get(urls["general"]).content.decode()
    assert client.post(urls["general"], {"name": "x"}).status_code == 403
    assert client.get(urls["far"]).status_code == 404


def test_the_list_of_places_names_its_levels(login):
    admin = make.user("admin")
    make.village()
    page = login(admin).get(reverse("admin:registry_division_changelist")).content.decode()
    assert "village</td>" in page and "township</td>" in page


def record_at(model: str, village: Division):
    school = make.school(f"21420009{village.code[-2:]}", f"{village.name}小学", village)
    return {"division": village, "school": school, "schoolclass": make.school_class(school)}[model]


@pytest.mark.parametrize("model", ["division", "school", "schoolclass"])
def test_a_coordinator_of_one_village_reads_the_township_and_changes_only_the_village(model, login):
    own, near = record_at(model, make.village()), record_at(model, make.other_village())
    urls = [reverse(f"admin:registry_{model}_change", args=[record.pk]) for record in (own, near)]
    client = login(make.coordinator_of(make.village()))
    assert client.get(urls[1]).status_code == 200
    assert [save(client, url, model) for url in urls] == [302, 403]
    for above in (make.coordinator_of(make.township()), make.user("admin")):
        assert [save(login(above), url, model) for url in urls] == [302, 302]


def save(client, url: str, model: str) -> int:
    return client.post(url, form_data(client.get(url), f"{model}_form")).status_code


def test_a_coordinator_of_one_village_adds_no_class_to_a_school_beside_it(login):
    client = login(make.coordinator_of(make.village()))
    own, near = record_at("school", make.village()), record_at("school", make.other_village())
    for school in (near, own):
        add(client, "schoolclass", school=school.pk, entry_year=2024, number=2)
    assert not near.classes.filter(number=2).exists() and own.classes.filter(number=2).exists()
