"""Activities in the browser: the 1 June visit of sixty children, step by step, and who may not."""

import pytest
from django.urls import reverse

from activities.models import Activity, Attendance, Goods, Handout
from activities.services import record_attendance
from carebase.accounts.roles import Role
from tests import factories as f
from tests.form_values import form_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cadre():
    return f.admin_of(f.village())


def answers(**more):
    return {
        "title": "六一慰问",
        "kind": "festival_visit",
        "held_on": "2026-05-29",
        "division": f.village().pk,
        "children_reached": 34,
    } | more


def page(name, activity) -> str:
    return reverse(f"activity-{name}", args=[activity.code])


def test_a_cadre_registers_an_activity_with_the_own_village_preset(cadre, login):
    f.other_village()
    client = login(cadre)
    form = client.get(reverse("activity-create")).context["form"]
    assert form["division"].value() == f.village().pk
    assert [str(choice) for choice in form.fields["division"].queryset] == ["合心村"]
    response = client.post(reverse("activity-create"), answers())
    activity = Activity.objects.get()
    assert response.url == activity.get_absolute_url()
    assert (activity.office, activity.children_reached) == (f.village(), 34)


def test_a_teachers_activity_belongs_to_the_school(login):
    f.other_school()
    client = login(f.teacher_of(f.school_class()))
    form = client.get(reverse("activity-create")).context["form"]
    assert form["school"].value() == f.school().pk
    assert "division" not in form.fields
    client.post(reverse("activity-create"), answers(division="", school=f.school().pk))
    assert Activity.objects.get().office == f.school()


def test_another_village_is_no_office_to_choose(cadre, login):
    response = login(cadre).post(reverse("activity-create"), answers(division=f.other_village().pk))
    assert "Select a valid choice" in response.content.decode()
    assert not Activity.objects.exists()


def test_a_refusal_says_why_and_keeps_what_was_typed(cadre, login):
    response = login(cadre).post(reverse("activity-create"), answers(ended_on="2026-05-01", summary="发书包"))
    assert "The last day is before the first day." in response.content.decode()
    assert "发书包" in response.content.decode()


def test_a_form_sent_twice_makes_one_activity(cadre, login):
    client = login(cadre)
    token = client.get(reverse("activity-create")).context["form"]["form_token"].value()
    urls = {client.post(reverse("activity-create"), answers(form_token=token)).url for _ in range(2)}
    assert urls == {Activity.objects.get().get_absolute_url()}


def test_activities_of_another_village_are_out_of_reach(cadre, login):
    other = f.activity("关志村慰问", at=f.other_village())
    f.activity("六一慰问")
    client = login(cadre)
    rows = client.get(reverse("activity-list")).context["rows"]
    assert [row["cells"][0] for row in rows] == ["六一慰问"]
    assert client.get(other.get_absolute_url()).status_code == 404
    for name in ("update", "attendance", "goods"):
        assert client.get(page(name, other)).status_code == 404
        assert client.post(page(name, other), answers(version=1)).status_code == 404


def test_the_list_is_narrowed_by_kind_and_words(cadre, login):
    f.activity("六一慰问")
    f.activity("读书会", kind="reading", place="村委会")
    client = login(cadre)

    def titles(**query):
        return [row["cells"][0] for row in client.get(reverse("activity-list"), query).context["rows"]]

    assert titles(kind="reading") == ["读书会"]
    assert titles(q="六一") == ["六一慰问"]
    assert titles(q="村委会") == ["读书会"]


@pytest.mark.parametrize("role", [Role.CARER, Role.COUNSELLOR, Role.AUDITOR, Role.ADMIN])
def test_roles_without_activities_are_refused(login, role):
    activity, client = f.activity(), login(f.user(role))
    urls = [reverse("activity-list"), reverse("activity-create"), reverse("donation-list"), activity.get_absolute_url()]
    for url in [*urls, page("attendance", activity), page("goods", activity)]:
        assert client.get(url).status_code == 403


def test_ticked_children_are_on_the_list_and_receive_one_of_each(cadre, login):
    activity = f.activity()
    f.goods(activity, "书包")
    first, second = f.child("王小明"), f.child("李小华")
    f.child("陈小红", living_in=f.other_village())
    client = login(cadre)
    shown = client.get(page("attendance", activity)).content.decode()
    assert "王小明" in shown
    assert "陈小红" not in shown
    client.post(page("attendance", activity), {"present": [first.code, second.code], "give": "on", "version": 1})
    assert Attendance.objects.filter(activity=activity).count() == 2
    assert Handout.objects.count() == 2
    read = client.get(activity.get_absolute_url()).content.decode()
    assert "王小明" in read
    assert "34" in read


def test_everyone_is_ticked_by_one_box_and_the_goods_are_added_up(cadre, login):
    client, made = login(cadre), f.activity(at=f.village())
    near = [f.child(name, living_in=f.village()) for name in ("王近", "李近")]
    f.child("远小山", living_in=f.other_village())
    url = reverse("activity-attendance", args=[made.code])
    page = client.get(url)
    assert 'data-ticks="present"' in page.content.decode() and "js/ticks.js" in page.content.decode()
    client.post(url, form_values(page) | {"everyone": "on"})
    assert set(made.children.all()) == set(near)
    for value in (3800, 1200, 2000):
        made.goods.create(item="书包", quantity=19, value=value)
    assert "7000.00" in client.get(made.get_absolute_url()).content.decode()
    assert [row["cells"][-1] for row in client.get(reverse("activity-list")).context["rows"]] == ["2"]


def test_a_child_of_another_village_cannot_be_ticked(cadre, login):
    activity, other = f.activity(), f.child("陈小红", living_in=f.other_village())
    response = login(cadre).post(page("attendance", activity), {"present": [other.code], "version": 1})
    assert response.status_code == 200
    assert not Attendance.objects.exists()


def test_too_few_goods_are_refused_and_the_ticks_stay(cadre, login):
    activity, child = f.activity(), f.child("王小明")
    f.child("李小华")
    f.goods(activity, "书包", 1)
    record_attendance(activity=activity, children=[child], by=cadre)
    codes = [row.code for row in (child, f.child("张三"))]
    response = login(cadre).post(page("attendance", activity), {"present": codes, "give": "on", "version": 1})
    assert "Of 书包 1 is left, for 2 children who have received none." in response.content.decode()
    assert response.context["form"]["present"].value() == codes
    assert Attendance.objects.count() == 1


def test_a_school_child_is_found_by_name_when_the_office_is_a_village(login):
    activity, coordinator = f.activity(), f.coordinator_of(f.township())
    elsewhere = f.child("陈小红", living_in=f.other_village())
    f.child("王小明")
    client = login(coordinator)
    assert "陈小红" not in client.get(page("attendance", activity)).content.decode()
    url = page("attendance", activity) + "?q=cxh"
    assert "陈小红" in client.get(url).content.decode()
    client.post(url, {"present": [elsewhere.code], "version": 1})
    assert "陈小红" in client.get(page("attendance", activity)).content.decode()


def test_two_who_tick_at_once_see_both_lists_and_choose(cadre, login):
    activity, mine, theirs = f.activity(), f.child("王小明"), f.child("李小华")
    client, url = login(cadre), page("attendance", activity)
    assert client.post(url, {"present": [theirs.code], "version": 1}).status_code == 302
    conflict = client.post(url, {"present": [mine.code], "version": 1})
    assert conflict.status_code == 409
    assert "李小华" in conflict.content.decode()
    assert "王小明" in conflict.content.decode()
    assert [row.child for row in Attendance.objects.all()] == [theirs]
    chosen = {"present": [mine.code], "version": conflict.context["version"], "choose-present": "mine"}
    assert client.post(url, chosen).status_code == 302
    assert [row.child for row in Attendance.objects.all()] == [mine]


def line(key, item="", quantity="", value=""):
    return {f"item-{key}": item, f"quantity-{key}": quantity, f"value-{key}": value}


def test_goods_are_added_changed_and_taken_away(cadre, login):
    activity = f.activity()
    bags, books = f.goods(activity, "书包"), f.goods(activity, "图书")
    data = line(bags.pk, "书包", 30, "3000.00") | line(books.pk) | line("new0", "文具", 34, "340.50")
    assert login(cadre).post(page("goods", activity), data | {"version": 1}).status_code == 302
    found = {(goods.item, goods.quantity, str(goods.value)) for goods in Goods.objects.all()}
    assert found == {("书包", 30, "3000.00"), ("文具", 34, "340.50")}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (line("new0", "文具"), "quantity-new0"),
        (line("new0", "", 3, 5), "item-new0"),
        (line("new0", "文具", 0, 5), "quantity-new0"),
        (line("new0", "文具", 3, -5), "value-new0"),
        (line("new0", "文具", "many", 5), "quantity-new0"),
    ],
)
def test_a_line_half_filled_is_refused_and_kept(cadre, login, wrong, field):
    activity = f.activity()
    response = login(cadre).post(page("goods", activity), wrong | {"version": 1})
    form = response.context["form"]
    assert field in form.errors
    assert {name: str(form[name].value()) for name in wrong} == {name: str(value) for name, value in wrong.items()}
    assert not Goods.objects.exists()


def test_goods_handed_out_stay(cadre, login):
    activity, child = f.activity(), f.child()
    bags = f.goods(activity, "书包")
    client = login(cadre)
    client.post(page("attendance", activity), {"present": [child.code], "give": "on", "version": 1})
    refused = client.post(page("goods", activity), line(bags.pk) | {"version": 2})
    assert "1 of 书包 was already handed out" in refused.content.decode()
    assert Goods.objects.get() == bags


def test_two_who_write_goods_at_once_see_both_and_choose(cadre, login):
    activity = f.activity()
    bags = f.goods(activity, "书包", 34, 3400)
    client, url = login(cadre), page("goods", activity)
    client.post(url, line(bags.pk, "书包", 30, "3400") | {"version": 1})
    mine = line(bags.pk, "书包", 20, "3400") | {"version": 1}
    conflict = client.post(url, mine)
    assert conflict.status_code == 409
    (row,) = conflict.context["rows"]
    assert (row["mine"], row["theirs"]) == ("20", "30")
    choice = {"version": conflict.context["version"], f"choose-quantity-{bags.pk}": "theirs"}
    assert client.post(url, mine | choice).status_code == 302
    bags.refresh_from_db()
    assert bags.quantity == 30


def test_a_stale_edit_of_an_activity_writes_nothing(cadre, login):
    activity, client = f.activity("六一慰问"), login(cadre)
    activity.summary = "先写的"
    activity.save()
    response = client.post(page("update", activity), answers(summary="后写的", version=1))
    assert response.status_code == 409
    assert "先写的" in response.content.decode()
    assert "后写的" in response.content.decode()
    activity.refresh_from_db()
    assert activity.summary == "先写的"


def test_the_page_names_no_child_of_another_village(cadre, login):
    activity = f.activity()
    children = [f.child("王小明"), f.child("陈小红", living_in=f.other_village())]
    record_attendance(activity=activity, children=children, by=f.coordinator_of(f.township()))
    shown = login(cadre).get(activity.get_absolute_url())
    assert "王小明" in shown.content.decode()
    assert "陈小红" not in shown.content.decode()
    assert {"label": "Children on the list", "value": "2"} in shown.context["sections"][0]["items"]


@pytest.mark.parametrize("items", [1, 3])
def test_the_pages_take_as_many_queries_for_one_as_for_three(
    cadre, login, django_assert_num_queries, django_assert_max_num_queries, items
):
    for number in range(items):
        activity = f.activity(f"活动{number}")
    children = [f.child(f"张{number}") for number in range(items)]
    for number in range(items):
        f.goods(activity, f"物品{number}")
        f.donation(activity=activity)
    record_attendance(activity=activity, children=children, by=cadre)
    client = login(cadre)
    client.get(reverse("activity-list"))  # the first request of a session notes when it was
    with django_assert_num_queries(5):
        client.get(reverse("activity-list"))
    with django_assert_num_queries(5):
        client.get(reverse("donation-list"))
    for name in ("detail", "update", "attendance", "goods"):
        with django_assert_max_num_queries(12):
            client.get(page(name, activity))


def test_an_ending_before_the_beginning_is_an_error_of_its_field(login, cadre):
    sent = login(cadre).post(reverse("activity-create"), answers(ended_on="2026-05-28"))
    assert list(sent.context["form"].errors) == ["ended_on"]
    assert not Activity.objects.exists()


def test_half_a_line_of_goods_is_refused_with_a_reason_and_not_as_null(login, cadre):
    client = login(cadre)
    client.post(reverse("activity-create"), answers())
    activity = Activity.objects.get()
    sent = client.post(page("goods", activity), {"quantity-new1": "5", "version": activity.version})
    errors = sent.context["form"].errors
    assert set(errors) == {"item-new1", "value-new1"}
    assert "null" not in str(errors) and not Goods.objects.exists()
