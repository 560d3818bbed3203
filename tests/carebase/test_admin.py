"""The admin beyond a scoped list: one test for each way to see or change another office's rows (远)."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from registry.models import Child, Relative
from tests import factories as make
from tests.form_data import form_data
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
CANARY = "远"


def admin_url(model: str, page: str, *args) -> str:
    return reverse(f"admin:{model}_{page}", args=args)


@pytest.fixture
def near():
    return make.child("王近", living_in=make.village())


@pytest.fixture
def far():
    """A child of the next village, whose class, carer and activity bear the canary too."""
    child = make.child("远小山", living_in=make.other_village(), birth_date=dt.date(2017, 1, 1))
    carer = make.carer("远帮扶", at=make.other_village())
    carer.pairings.create(child=child, seat=1)
    make.activity("远慰问", at=make.other_village())
    return child


@pytest.fixture
def cadre():
    return make.admin_of(make.village())


@pytest.fixture
def admin_client(login, cadre, near, far):
    return login(cadre)


def post_child(client, child, **changes):
    """Open the child's form, change something, and send it."""
    url = admin_url("registry_child", "change", child.pk)
    return client.post(url, form_data(client.get(url), "child_form", **changes))


PAGES = [
    admin_page
    for model in ("registry_child", "visits_visit", "pairing_carer", "pairing_pairing", "activities_activity")
    for admin_page in ((model, "changelist"), (model, "add"))
]


@pytest.mark.parametrize(("model", "page"), [*PAGES, ("activities_donation", "add")])
def test_no_page_names_a_child_a_carer_or_an_activity_of_the_next_village(model, page, admin_client):
    assert CANARY not in admin_client.get(admin_url(model, page)).content.decode()


def test_the_next_village_is_no_choice_and_no_filter(admin_client):
    other = make.other_village()
    for page in ("changelist", "add"):
        shown = admin_client.get(admin_url("registry_child", page)).content.decode()
        assert other.name not in shown and other.code not in shown


def test_a_plain_select_cannot_be_sent_with_a_foreign_key(admin_client, near, far, cadre):
    visit = make.visit(near, cadre)
    url = admin_url("visits_visit", "add")
    data = form_data(admin_client.get(url), "visit_form", child=far.pk, kind="talk", observed="x")
    response = admin_client.post(url, data)
    assert set(response.context["adminform"].form.errors) == {"child"}
    assert list(Visit.objects.all()) == [visit]


@pytest.mark.parametrize("key", ["pk", "code"])
def test_a_preset_names_only_a_child_in_scope(key, admin_client, near, far):
    url = admin_url("visits_visit", "add")
    assert CANARY not in admin_client.get(f"{url}?child={getattr(far, key)}").content.decode()
    assert near.name in admin_client.get(f"{url}?child={getattr(near, key)}").content.decode()


@pytest.mark.parametrize("value", ["abc", "9" * 30, "%00", "-1", "1e5"])
def test_a_nonsense_preset_is_left_out(value, admin_client):
    assert admin_client.get(f"{admin_url('visits_visit', 'add')}?child={value}").status_code == 200


def test_the_search_behind_a_choice_finds_only_children_in_scope(admin_client, near, far):
    url = f"{reverse('admin:autocomplete')}?app_label=visits&model_name=visit&field_name=child&term="
    far.name = near.name
    far.save()
    found = admin_client.get(url + near.name).json()["results"]
    assert [row["id"] for row in found] == [str(near.pk)]
    assert near.name in found[0]["text"]


def test_a_delete_page_names_nothing_of_others(rf, cadre, near, far):
    from django.contrib import admin

    request = rf.get("/")
    request.user = make.coordinator_of(make.township())
    carer = make.carer("李近", at=make.village())
    day = dt.date(2026, 1, 1)
    pairing = carer.pairings.create(child=far, seat=2, started_on=day, ended_on=day, ending="other")
    shown, _counts, _perms, protected = admin.site.get_model_admin(type(carer)).get_deleted_objects([carer], request)
    assert shown == [carer.code] and len(protected) == 1
    assert pairing.code not in str(protected)


def test_an_own_child_cannot_be_moved_to_a_foreign_village(admin_client, near):
    other = make.other_village()
    response = post_child(admin_client, near, village=other.pk, illness="typed and kept")
    assert response.status_code == 200 and "typed and kept" in response.content.decode()
    near.refresh_from_db()
    assert near.village == make.village()


def test_a_save_out_of_scope_is_rolled_back_and_keeps_the_input(admin_client, monkeypatch):
    from pairing.admin import CarerAdmin

    carer, other = make.carer("李近", at=make.village()), make.other_village()
    monkeypatch.setattr(CarerAdmin, "choices_for", lambda self, field, request: field.remote_field.model.objects.all())
    url = reverse("admin:pairing_carer_change", args=[carer.pk])
    data = form_data(admin_client.get(url), "carer_form", division=other.pk, name="typed and kept")
    response = admin_client.post(url, data)
    assert "no longer see this record" in response.content.decode()
    assert "typed and kept" in response.content.decode()
    carer.refresh_from_db()
    assert (carer.name, carer.division) == ("李近", make.village())
    assert not Event.objects.filter(action=Action.CHANGE, object_code=carer.code).exists()


def test_a_school_beyond_the_office_stays_recorded_without_being_named(admin_client, near):
    school = make.other_school()
    school.name = "远小学"
    school.save()
    near.school = school
    near.save()
    shown = admin_client.get(admin_url("registry_child", "change", near.pk)).content.decode()
    assert CANARY not in shown
    assert post_child(admin_client, near, illness="").status_code == 302
    near.refresh_from_db()
    assert near.school == school


@pytest.mark.parametrize("keys", [["abc"], ["9" * 30], ["-9" * 9], ["\x00"], [""]])
def test_an_action_on_nonsense_says_so(keys, login):
    client = login(make.coordinator_of(make.township()))
    url = admin_url("registry_posting", "changelist")
    response = client.post(url, {"action": "approve", "_selected_action": keys, "index": "0"}, follow=True)
    assert response.status_code == 200 and "nothing was done" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "pk__in=abc",
        f"id__in=1,{'9' * 30}",
        f"pk={'9' * 30}",
        "p=99999999",
        "q=%00",
        "o=99.x",
        "village__code__exact=%00",
    ],
)
def test_a_made_up_query_string_never_breaks_the_list(query, admin_client):
    response = admin_client.get(f"{admin_url('registry_child', 'changelist')}?{query}", follow=True)
    assert response.status_code in {200, 400}


@pytest.mark.parametrize("query", ["id_number_index=1", "village__contact__startswith=a", "name__startswith=远"])
def test_only_declared_filters_can_be_asked_for(query, admin_client):
    assert admin_client.get(f"{admin_url('registry_child', 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("key", ["abc", "9" * 30, "_00", "0"])
def test_a_record_by_a_nonsense_key_is_not_there(key, admin_client):
    assert admin_client.get(admin_url("registry_child", "change", key)).status_code == 404


def test_a_stored_number_phone_or_address_is_in_no_page(admin_client, near):
    Relative.objects.create(child=near, relation="51", name="王父", phone="13800001234", id_number=near.id_number)
    near.residence = "三组十二号"
    near.save()
    for url in (admin_url("registry_child", "changelist"), admin_url("registry_child", "change", near.pk)):
        shown = admin_client.get(url).content.decode()
        assert near.id_number not in shown and "13800001234" not in shown and "三组十二号" not in shown
        assert near.id_number[-4:] in shown


def test_an_empty_masked_field_keeps_what_is_stored(admin_client, near):
    number = near.id_number
    father = Relative.objects.create(child=near, relation="51", name="王父", phone="13800001234")
    assert post_child(admin_client, near, **{"relatives-0-work_place": "东莞"}).status_code == 302
    near.refresh_from_db()
    father.refresh_from_db()
    assert (near.id_number, father.phone, father.work_place) == (number, "13800001234", "东莞")


def test_a_stale_save_writes_nothing_and_shows_both_versions(admin_client, near):
    url = admin_url("registry_child", "change", near.pk)
    data = form_data(admin_client.get(url), "child_form", hukou_place="mine")
    near.hukou_place = "theirs"
    near.save()
    response = admin_client.post(url, data)
    shown = response.content.decode()
    assert response.status_code == 409 and "mine" in shown and "theirs" in shown
    near.refresh_from_db()
    assert near.hukou_place == "theirs"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_the_choice_between_two_versions_is_saved(choice, admin_client, near):
    url = admin_url("registry_child", "change", near.pk)
    data = form_data(admin_client.get(url), "child_form", hukou_place="mine", illness="")
    near.hukou_place = "theirs"
    near.save()
    again = form_data(admin_client.post(url, data)) | {"choose-hukou_place": choice}
    assert admin_client.post(url, again).status_code == 302
    near.refresh_from_db()
    assert near.hukou_place == choice


def test_a_stale_row_of_the_family_is_shown_too_and_theirs_can_be_chosen(admin_client, near):
    father = Relative.objects.create(child=near, relation="51", name="王父", able=True)
    url = admin_url("registry_child", "change", near.pk)
    data = form_data(admin_client.get(url), "child_form")
    assert (
        post_child(admin_client, near, **{"relatives-0-name": "王大父", "relatives-0-able": "false"}).status_code == 302
    )
    response = admin_client.post(url, data)
    assert response.status_code == 409 and "王大父" in response.content.decode()
    choices = {"choose-relatives-0-name": "theirs", "choose-relatives-0-able": "theirs"}
    assert admin_client.post(url, form_data(response) | choices).status_code == 302
    father.refresh_from_db()
    assert (father.name, father.able) == ("王大父", False)


def test_a_stale_save_of_a_record_without_versions_is_detected_too(login):
    client, place = login(make.user(Role.ADMIN)), make.village()
    url = admin_url("registry_division", "change", place.pk)
    data = form_data(client.get(url), "division_form", aliases="mine")
    place.aliases = "theirs"
    place.save()
    assert client.post(url, data).status_code == 409
    place.refresh_from_db()
    assert place.aliases == "theirs"


def test_two_people_who_wrote_the_same_are_not_asked(admin_client, near):
    url = admin_url("registry_child", "change", near.pk)
    data = form_data(admin_client.get(url), "child_form", hukou_place="same")
    near.hukou_place = "same"
    near.save()
    assert admin_client.post(url, data).status_code == 302


def test_a_form_posted_twice_saves_one_record_and_redirects_to_it(admin_client, near):
    url = admin_url("visits_visit", "add")
    data = form_data(admin_client.get(url), "visit_form", child=near.pk, kind="talk", observed="好")
    admin_client.post(url, data)
    second = admin_client.post(url, data)
    made = Visit.objects.get()
    assert second.url == admin_url("visits_visit", "change", made.pk)


def test_a_form_posted_twice_concurrently_saves_one_record(admin_client, near, monkeypatch):
    from carebase.admin.site import ScopedModelAdmin

    look, looks = ScopedModelAdmin.saved_url, []

    def too_early(self, request):
        looks.append(request)
        return "" if len(looks) == 2 else look(self, request)  # the second form looked before the first was saved

    monkeypatch.setattr(ScopedModelAdmin, "saved_url", too_early)
    url = admin_url("visits_visit", "add")
    data = form_data(admin_client.get(url), "visit_form", child=near.pk, kind="talk", observed="好")
    assert admin_client.post(url, data).status_code == 302
    assert admin_client.post(url, data).url == admin_url("visits_visit", "change", Visit.objects.get().pk)


def test_saving_as_new_is_no_way_round_the_token(admin_client, near):
    assert post_child(admin_client, near, _saveasnew="1").status_code == 403
    assert Child.objects.filter(village=make.village()).count() == 1


def test_opening_and_posting_a_form_write_one_event_each(admin_client, near):
    def lines(action):
        return Event.objects.filter(subject=near.code, action=action).count()

    post_child(admin_client, near, hukou_place="枝江")
    assert (lines(Action.VIEW), lines(Action.CHANGE)) == (1, 1)
    assert not LogEntry.objects.exists()


def test_the_history_shows_who_looked_but_no_secret(admin_client, near, cadre):
    post_child(admin_client, near, residence="三组十二号", hukou_place="枝江")
    shown = admin_client.get(admin_url("registry_child", "history", near.pk)).content.decode()
    assert cadre.name in shown and "枝江" in shown and "三组十二号" not in shown and "k1:" not in shown


def test_a_relation_without_a_row_rule_cannot_be_offered(rf, cadre):
    from carebase.admin.forms import choosable_rows

    with pytest.raises(ImproperlyConfigured):
        choosable_rows(LogEntry, cadre)


def test_no_admin_page_has_inline_script_or_style(admin_client, near):
    for url in ("/admin/", admin_url("registry_child", "changelist"), admin_url("registry_child", "change", near.pk)):
        shown = admin_client.get(url).content.decode()
        assert " style=" not in shown and " onclick=" not in shown and "<style" not in shown
        assert "<script>" not in shown


def test_the_history_of_a_child_names_no_record_of_a_kind_that_one_may_not_view(login, cadre, near):
    referral = make.referral(near)
    referral.ended_on = referral.referred_on
    referral.save()
    make.parents_of(near)
    url = admin_url("registry_child", "history", near.pk)
    shown = login(cadre).get(url).content.decode()
    assert "referral" not in shown and "family member" in shown
    assert "referral" in login(make.coordinator_of(make.township())).get(url).content.decode()
