"""Search fields: short lists are selects, long ones are searched, always in scope."""

import re
from importlib import import_module

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carebase import search
from carebase.audit.models import Event
from carebase.search import SearchSelect
from registry.models import Child, Definition, Division, School, SchoolClass, Term
from tests import factories as f
from tests.carebase.test_conflicts import hidden_of
from tests.form_data import form_data
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NEW = {"name": "张小花", "sex": "2", "birth_date": "2016-05-04", "id_reason": "未办理"}


@pytest.fixture(autouse=True)
def places():
    """Two villages of a township, and a third, which is another's; each has a school with classes."""
    f.village(), f.other_village(), f.far_village()
    f.school_class(entry_year=2022, number=1)
    f.school_class(f.other_school(), entry_year=2022, number=2)


@pytest.fixture
def many(monkeypatch):
    """Every list is a long one."""
    monkeypatch.setattr(search, "SELECT_LIMIT", 0)


@pytest.fixture
def coordinator():
    """The coordinator of the township 百里洲镇, to whom 小白山乡 is foreign."""
    return f.coordinator_of(f.township())


@pytest.fixture
def browser(login, coordinator):
    return login(coordinator)


def register(client, **typed):
    """Send the form of a new child as a browser without script would, with what is typed."""
    url = reverse("child-create")
    return client.post(url, form_values(client.get(url)) | NEW | typed)


def village_errors(response) -> list[str]:
    return response.context["form"].errors.get("village", [])


def suggested(client, address: str, field: str, words: str) -> list[str]:
    answer = client.get(address, {"suggest": field, "term": words})
    return [row["text"] for row in answer.json()["results"]]


# Without script


def test_a_short_list_is_a_select_and_a_long_one_prints_no_option(browser, monkeypatch):
    page = browser.get(reverse("child-create")).content.decode()
    assert '<select name="village"' in page and "百里洲镇关志村" in page
    monkeypatch.setattr(search, "SELECT_LIMIT", 1)
    page = browser.get(reverse("child-create")).content.decode()
    assert 'name="village-words"' in page and "关志村" not in page


@pytest.mark.parametrize(
    "words",
    [
        "关志村",
        "关志",
        "guanzhi",
        "GuanZhi",
        "gzc",
        "990101101202",
        "百里洲镇关志村",
        "blz gz",
        "百里洲 guan",
        " 关志 ",
    ],
)
def test_what_is_typed_is_found_by_name_pinyin_initials_and_code(words, many, browser):
    register(browser, **{"village-words": words})
    assert Child.objects.get().village == f.other_village()


def test_a_name_beats_the_longer_names_that_hold_it(many, browser):
    f.village("新合心村", "990101101205")
    register(browser, **{"village-words": "合心村"})
    assert Child.objects.get().village == f.village()


def test_where_several_are_meant_one_is_chosen_and_nothing_typed_is_lost(many, browser):
    twin = f.village("合心村", "990101101209")
    first = register(browser, **{"village-words": "hx", "illness": "", "hukou_place": "typed and kept"})
    assert "Several entries match" in village_errors(first)[0] and not Child.objects.exists()
    page = first.content.decode()
    assert "typed and kept" in page and 'value="hx"' in page
    assert page.count('name="village-choice"') == 2 and "990101101209</label>" in page  # namesakes with their codes
    again = browser.post(reverse("child-create"), form_values(first))
    assert village_errors(again)  # sent on without a choice
    browser.post(reverse("child-create"), form_values(first) | {"village-choice": twin.pk})
    assert Child.objects.get().village == twin


def test_a_label_with_its_code_is_found_again_where_a_browser_brings_back_the_words_alone(many, browser):
    twin = f.village("合心村", "990101101209")
    register(browser, **{"village-words": f"百里洲镇合心村 · {twin.code}"})
    assert Child.objects.get().village == twin


def test_a_choice_counts_only_for_the_words_that_it_was_offered_for(many, browser):
    register(browser, **{"village-words": "关志", "village-choice": f.village().pk})
    assert Child.objects.get().village == f.other_village()


def test_what_is_not_there_is_said_and_stays_typed(many, browser):
    response = register(browser, **{"village-words": "不存在村\0"})
    assert "不存在村" in village_errors(response)[0] and 'value="不存在村"' in response.content.decode()


def test_a_value_left_as_it_is_stays_and_an_emptied_one_goes(many, login):
    child = f.child(school_class=f.school_class())
    f.school_class(number=2)
    client, url = login(f.head_of(f.school())), child.get_absolute_url() + "edit/"
    sent = form_values(client.get(url)) | {"hukou_place": "枝江"}
    assert sent["school_class-words"] == f.school_class().choice_label
    assert client.post(url, sent).status_code == 302
    child.refresh_from_db()
    assert child.school_class == f.school_class() and child.hukou_place == "枝江"
    assert client.post(url, form_values(client.get(url)) | {"school_class-words": ""}).status_code in {200, 302}
    assert client.post(url, form_values(client.get(url)) | {"village-words": ""}).status_code == 200  # it must have one


@pytest.mark.parametrize("key", ["\0", "9" * 40, "x", "? x"])
@pytest.mark.parametrize("few", [0, 20])
def test_a_senseless_key_is_refused(key, few, browser, monkeypatch):
    monkeypatch.setattr(search, "SELECT_LIMIT", few)
    response = register(browser, village=key, school=key, school_class=key)
    assert response.status_code == 200 and {"village", "school", "school_class"} <= set(response.context["form"].errors)


@pytest.mark.parametrize("words", ["中心村", "zxc", "990101102201", "小白山乡"])
def test_a_foreign_place_is_neither_found_nor_taken_by_its_key(words, many, browser):
    f.far_village()
    assert village_errors(register(browser, **{"village-words": words}))
    assert village_errors(register(browser, village="990101102201"))
    typed = {"village-words": "x", "village-shown": "x", "village-choice": "990101102201"}
    assert village_errors(register(browser, village="990101102201", **typed))
    assert not Child.objects.exists()


@pytest.mark.parametrize("words", ["四(1)班", "四1", "4.1", "四年级", "2022级1班", "blz 四年级", "中心小学 1班"])
def test_a_class_is_found_by_its_school_its_grade_and_its_number(words, many, time_machine):
    time_machine.move_to("2025-10-01T12:00:00+08:00")
    f.school_class(number=2, entry_year=2020), f.school_class(f.school("2142000009", "关洲小学"), 2021, 3)
    assert list(SchoolClass.objects.search(words).filter(school__code__lt="2142000002")) == [f.school_class()]


def test_a_school_is_found_inside_its_name_and_by_its_place():
    for words in ("中心 百里", "zhongxin bailizhou", "zxxx blz", "2142000001", "百里洲镇"):
        assert list(School.objects.search(words)) == [f.school()]


def test_the_keys_of_what_was_there_before_are_filled_and_kept_by_every_save():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_division SET search_keys = ''")
    assert not Division.objects.search("hexin").exists()
    import_module("registry.migrations.0014_fill_search_keys").fill(import_module("django.apps").apps, None)
    assert Division.objects.search("hexin").get() == f.village()
    Division.objects.bulk_create([Division(code="990101101210", name="江家坪村")])
    assert Division.objects.search("jjp").get().name == "江家坪村"


def test_another_s_save_wins_over_the_words_where_theirs_is_chosen(many, login):
    child = f.child()
    client, url = login(f.coordinator_of(f.county())), child.get_absolute_url() + "edit/"
    typed = form_values(client.get(url)) | {"village-words": "中心村"}
    child.village = f.other_village()
    child.save()
    conflict = client.post(url, typed)
    shown = {row["name"]: (row["mine"], row["theirs"]) for row in conflict.context["rows"]}
    assert shown == {"village": ("小白山乡中心村", "百里洲镇关志村")}
    client.post(url, hidden_of(conflict) | {"choose-village": "theirs"})
    child.refresh_from_db()
    assert child.village == f.other_village()


def test_a_filter_takes_the_words_and_says_what_they_mean(many, browser):
    own, _other = f.child("王小明"), f.child("陈小红", living_in=f.other_village())
    url = f.census_round().get_absolute_url() + "open/"
    page = browser.get(url, {"village-words": "hexin", "village-shown": "", "village": ""})
    assert [row["cells"][0] for row in page.context["rows"]] == [own.name]
    assert "百里洲镇合心村" in page.content.decode()


@pytest.mark.parametrize("words", ["", "合心", "x", "村"])
def test_a_search_asks_as_much_of_few_as_of_many(words, many, browser):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            register(browser, **{"village-words": words, "sex": ""})
        return len(queries)

    asked()
    few = asked()
    for number in range(30):
        f.village(f"合心{number}村", f"9901011013{number:02}")
    assert asked() <= few + 2  # the rows to choose from


# With script


def test_suggestions_are_what_the_form_would_take(many, browser):
    url = reverse("child-create")
    assert suggested(browser, url, "village", "hx") == ["百里洲镇合心村"]
    assert suggested(browser, url, "village", "c") == ["百里洲镇合心村", "百里洲镇关志村"]
    assert suggested(browser, url, "village", "中心村") == suggested(browser, url, "village", "") == []
    assert suggested(browser, url, "village", "百里洲镇") == ["百里洲镇合心村", "百里洲镇关志村"]  # villages alone


def test_a_form_that_narrows_more_suggests_less(many, login):
    child = f.child(school_class=f.school_class())
    url = child.get_absolute_url() + "edit/"
    f.school_class(f.other_school(), 2022, 1)
    client = login(f.coordinator_of(f.county()))
    assert suggested(client, url, "school_class", "1班") == [f.school_class().choice_label]


def test_no_more_than_a_page_is_suggested_and_more_is_told(many, browser):
    for number in range(30):
        f.village(f"合心{number}村", f"9901011013{number:02}")
    answer = browser.get(reverse("child-create"), {"suggest": "village", "term": "hx"}).json()
    assert len(answer["results"]) == search.SUGGESTION_LIMIT and answer["more"]


@pytest.mark.parametrize("field", ["name", "nonsense", "", "father_name"])
def test_only_a_search_field_answers(field, browser):
    assert browser.get(reverse("child-create"), {"suggest": field, "term": "a"}).status_code == 404


def test_whoever_may_not_open_the_form_gets_no_suggestion(login):
    child = f.child()
    asked = {"suggest": "village", "term": "h"}
    assert login(f.user("auditor")).get(reverse("child-create"), asked).status_code == 403
    foreign = login(f.coordinator_of(Division.objects.get(code="990101102000")))
    assert foreign.get(child.get_absolute_url() + "edit/", asked).status_code == 404


def test_a_suggestion_writes_no_view_event(many, browser):
    url = f.child().get_absolute_url() + "edit/"
    before = Event.objects.count()
    assert suggested(browser, url, "village", "hx")
    assert Event.objects.count() == before


def test_every_search_field_of_a_page_is_answered_by_its_page(many, login):
    child, term = f.child(school_class=f.school_class()), f.term()
    f.carer(), f.activity(at=f.township()), f.census_round()
    coordinator = f.coordinator_of(f.township())
    pages = {
        "/children/new/": {"village", "school", "school_class"},
        f"/children/{child.code}/edit/": {"village", "school", "school_class"},
        "/children/enrol/": {"school_class"},
        "/children/import/": {"place"},
        "/children/verification/new/": {"school", "division"},
        "/children/rounds/new/": {"division"},
        f"{f.census_round(f.village()).get_absolute_url()}open/": {"village", "school_class"},
        f"/children/{child.code}/transfer/": {"village", "school"},
        "/children/papers/": {"class", "village"},
        f"/pairing/new/?child={child.code}": {"carer"},
        "/pairing/carers/new/": {"school", "division", "user"},
        "/activities/new/": {"school", "division"},
        "/activities/donations/new/": {"school", "division", "activity"},
        "/reports/": {"division"},
    }
    client = login(coordinator)
    found = {}
    for address in pages:
        names = set(re.findall(r'name="([^"]+)-words"', client.get(address).content.decode()))
        found[address] = names
        for name in names:
            mark = "&" if "?" in address else "?"
            assert client.get(f"{address}{mark}suggest={name}&term=a").json().keys() == {"results", "more"}
    assert found == pages and term


# In the admin


def test_the_tasks_of_a_survey_search_those_who_may_own_them(many, login):
    child, _round = f.child(school_class=f.school_class()), f.census_round()
    teacher, _other = f.teacher_of(f.school_class()), f.teacher_of(f.school_class(number=2))
    url = reverse("child-survey", args=[child.code])
    client = login(teacher)
    assert 'name="need1-owner-words"' in client.get(url).content.decode()
    assert suggested(client, url, "need1-owner", "teacher") == [teacher.choice_label]


def test_every_admin_relation_is_searched_unless_its_rows_are_few(rf, coordinator):
    request = rf.get("/")
    request.user = coordinator
    plain = set()
    for model, model_admin in admin.site._registry.items():
        for field in model._meta.concrete_fields:
            relation = field.many_to_one and field.editable and hasattr(model_admin, "choices_for")
            if relation and not isinstance(model_admin.formfield_for_dbfield(field, request).widget, SearchSelect):
                plain.add(field.related_model)
    assert plain <= {Term, Definition}


def test_the_admin_finds_what_is_typed_without_javascript(many, browser):
    url = reverse("admin:registry_school_add")
    typed = {"code": "2142000077", "name": "新学校", "division-words": "gzc"}
    assert browser.post(url, form_data(browser.get(url), "school_form", **typed)).status_code == 302
    assert School.objects.get(code="2142000077").division == f.other_village()
    foreign = form_data(browser.get(url), "school_form", code="2142000078", name="新", **{"division-words": "中心村"})
    assert "中心村" in browser.post(url, foreign).content.decode()
    assert not School.objects.filter(code="2142000078").exists()


def test_a_retained_value_in_the_admin_is_not_found_by_its_name(many, login):
    child = f.child()
    child.village = f.other_village()
    client = login(f.admin_of(f.village()))
    own = f.child(school_class=f.school_class())
    url = reverse("admin:registry_child_change", args=[own.pk])
    page = client.get(url).content.decode()
    assert "百里洲镇合心村" in page
    school = f.school("2142000005", "远方小学", Division.objects.get(code="990101102000"))
    Child.objects.get(pk=own.pk)
    own.school_class, own.school = None, school
    own.save()
    page = client.get(url).content.decode()
    assert "远方小学" not in page and "as recorded (outside your area)" in page
    sent = form_data(client.get(url), "child_form") | {"school-words": ["远方小学"]}
    assert "There is no match for" in client.post(url, sent).content.decode()


def test_an_admin_filter_names_few_places_or_none(browser, monkeypatch):
    f.child(), f.child(living_in=f.other_village())
    url = reverse("admin:registry_child_changelist")
    assert "village__code__exact=990101101202" in browser.get(url).content.decode()
    monkeypatch.setattr("carebase.admin.scope.SELECT_LIMIT", 1)
    assert "village__code__exact" not in browser.get(url).content.decode()


@pytest.mark.parametrize(("model", "field"), [("child", "name"), ("child", "nonsense"), ("term", "slug"), ("x", "y")])
def test_the_admin_suggests_only_for_a_search_field(model, field, browser):
    asked = {"app_label": "registry", "model_name": model, "field_name": field, "term": "a"}
    assert browser.get(reverse("admin:autocomplete"), asked).status_code == 403
