"""Concurrent edits: the second save writes nothing, shows both versions, and lets the user choose."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from carebase.audit.models import Event
from carebase.models import StaleRecord
from registry.models import Absence, Child, Guardianship, Relative
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def child():
    child = f.child("王小明", school_class=f.school_class(), hukou_place="枝江", residence="三组十二号")
    Relative.objects.create(child=child, relation="51", name="王大山", phone="13800000000", work_place="深圳")
    Absence.objects.create(child=child, parent="51", left_on=dt.date(2025, 3, 1), destination="深圳")
    Guardianship.objects.create(child=child, name="李奶奶", relation="63", starts_on=dt.date(2025, 3, 1))
    f.child("陈小红", school_class=f.school_class())
    return child


@pytest.fixture
def people(child, client):
    """Two teachers of the class, each with a browser in which the form is open."""
    own = child.school_class
    return [Person(client.__class__(), f.teacher_of(own), child) for _ in range(2)]


class Person:
    def __init__(self, client, user, child):
        self.client, self.user, self.url = client, user, child.get_absolute_url() + "edit/"
        client.force_login(user)
        self.typed = form_values(client.get(self.url))

    def save(self, **changes):
        return self.client.post(self.url, self.typed | changes)

    def answer(self, response, **choices):
        """Send the conflict page `response` back with `choices` of "mine" and "theirs"."""
        chosen = {f"choose-{name}": choice for name, choice in choices.items()}
        return self.client.post(self.url, hidden_of(response) | chosen)


def hidden_of(response) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    form = response.content.decode().split("<main")[1]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def rows(response) -> dict[str, tuple[str, str, str]]:
    assert response.status_code == 409
    return {row["name"]: (row["mine"], row["theirs"], row["choice"]) for row in response.context["rows"]}


def names(child) -> set[str]:
    return set(child.relatives.values_list("name", flat=True))


def test_without_another_save_the_form_saves_at_once(people, child):
    assert people[0].save(hukou_place="宜昌").status_code == 302
    child.refresh_from_db()
    assert (child.hukou_place, child.version) == ("宜昌", 2)


def test_a_form_that_is_saved_unchanged_changes_nothing_but_the_version(people, child):
    before = Child.objects.values().get(pk=child.pk), list(child.relatives.values()), list(child.absences.values())
    people[0].save()
    after = Child.objects.values().get(pk=child.pk), list(child.relatives.values()), list(child.absences.values())
    same = {"version", "id_number", "residence", "phone"}  # the encrypted ones are compared decrypted below
    assert {k: v for k, v in after[0].items() if k not in same} == {k: v for k, v in before[0].items() if k not in same}
    assert after[1:] == before[1:]
    assert after[0]["id_number"] == before[0]["id_number"] and after[0]["residence"] == "三组十二号"
    assert not Event.objects.filter(action="change")


def test_the_second_save_writes_nothing_and_shows_both_values_and_who_was_first(people, child):
    people[0].save(hukou_place="宜昌")
    refused = people[1].save(hukou_place="荆州")
    assert rows(refused) == {"hukou_place": ("荆州", "宜昌", "")}
    assert refused.context["changed_by"] == people[0].user.name
    child.refresh_from_db()
    assert child.hukou_place == "宜昌"


@pytest.mark.parametrize(("choice", "kept"), [("mine", "荆州"), ("theirs", "宜昌")])
def test_the_chosen_value_is_saved(people, child, choice, kept):
    people[0].save(hukou_place="宜昌")
    refused = people[1].save(hukou_place="荆州")
    assert people[1].answer(refused, hukou_place=choice).status_code == 302
    child.refresh_from_db()
    assert child.hukou_place == kept


def test_what_only_one_of_two_changed_is_offered_and_nothing_of_either_is_lost(people, child):
    people[0].save(hukou_place="宜昌")
    refused = people[1].save(illness="", schooling="primary")
    assert rows(refused) == {"hukou_place": ("枝江", "宜昌", ""), "schooling": ("primary school", "", "mine")}
    people[1].answer(refused, hukou_place="theirs", schooling="mine")
    child.refresh_from_db()
    assert (child.hukou_place, child.schooling) == ("宜昌", "primary")


def test_a_missing_choice_is_asked_again(people, child):
    people[0].save(hukou_place="宜昌", ethnicity="01")
    refused = people[1].save(hukou_place="荆州", ethnicity="02")
    again = people[1].answer(refused, hukou_place="mine")
    assert "ethnicity" in rows(again)
    child.refresh_from_db()
    assert (child.hukou_place, child.ethnicity) == ("宜昌", "01")


def test_a_third_save_in_between_is_a_conflict_again(people, child):
    people[0].save(hukou_place="宜昌")
    refused = people[1].save(hukou_place="荆州")
    child.refresh_from_db()
    child.hukou_place = "武汉"
    child.save()
    again = people[1].answer(refused, hukou_place="mine")
    assert rows(again)["hukou_place"][:2] == ("荆州", "武汉")
    assert people[1].answer(again, hukou_place="mine").status_code == 302
    child.refresh_from_db()
    assert child.hukou_place == "荆州"


def test_two_who_wrote_the_same_are_not_asked(people, child):
    people[0].save(hukou_place="宜昌")
    assert people[1].save(hukou_place="宜昌").status_code == 302
    child.refresh_from_db()
    assert child.version == 2


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("father_name", "王一", "王二"),
        ("mother_name", "—", "李芳"),
        ("father_left_on", "2025-04-01", "2025-05-01"),
        ("guardian_name", "张爷爷", "周伯伯"),
        ("assessment", "good", "poor"),
        ("father_able", "yes", "no"),
    ],
)
def test_a_change_of_the_family_alone_is_a_conflict_too(people, child, field, first, second):
    assert people[0].save(**{field: first}).status_code == 302
    refused = people[1].save(**{field: second})
    differing = set(rows(refused))
    assert field in differing <= {field, "mother_away"}  # a mother who has died is not away
    assert rows(refused)[field][2] == ""
    assert refused.context["changed_by"] == people[0].user.name
    assert people[1].answer(refused, **dict.fromkeys(differing, "theirs")).status_code == 302
    again = form_values(people[0].client.get(people[0].url))
    assert again[field] == first


def test_a_relative_saved_in_the_admin_conflicts_with_an_open_form(people, child, client):
    cadre = f.admin_of(child.village)
    client.force_login(cadre)
    url = reverse("admin:registry_child_change", args=[child.pk])
    saved = client.post(url, form_values(client.get(url)) | {"relatives-0-work_place": "东莞"})
    assert saved.status_code == 302
    refused = people[0].save(hukou_place="宜昌")
    assert rows(refused)["father_work_place"][:2] == ("深圳", "东莞")
    assert refused.context["changed_by"] == cadre.name


def test_the_familys_fields_are_not_preset_where_the_other_changed_both(people):
    people[0].save(hukou_place="宜昌", father_name="王一")
    refused = people[1].save(father_name="王二")
    assert rows(refused)["father_name"] == ("王二", "王一", "")


def test_masked_values_are_shown_by_neither_side(people, child):
    people[0].save(residence="五组一号", father_phone="13911111111")
    refused = people[1].save(residence="六组二号", father_phone="13922222222")
    assert rows(refused)["residence"][:2] == ("••••", "••••")
    page = refused.content.decode()
    assert not [secret for secret in ("五组一号", "13911111111", "三组", child.id_number) if secret in page]
    people[1].answer(refused, residence="theirs", father_phone="mine")
    child.refresh_from_db()
    assert child.residence == "五组一号"
    assert child.relatives.get(relation="51").phone == "13922222222"


@pytest.mark.parametrize("version", ["", "0", "99", "-1", "²", "1e3", "9" * 5000, "\0"])
def test_a_form_without_a_valid_version_never_saves(people, child, version):
    assert people[0].save(hukou_place="宜昌", version=version).status_code == 409
    child.refresh_from_db()
    assert child.hukou_place == "枝江"


def test_a_choice_that_was_not_offered_cannot_smuggle_a_field(people, child):
    people[0].save(hukou_place="宜昌")
    refused = people[1].save(hukou_place="荆州")
    data = hidden_of(refused) | {"choose-hukou_place": "mine", "choose-closed_on": "mine", "closed_on": "2026-01-01"}
    people[1].client.post(people[1].url, data)
    child.refresh_from_db()
    assert (child.hukou_place, child.closed_on) == ("荆州", None)


def test_typed_markup_stays_text_on_the_conflict_page(people):
    people[0].save(hukou_place="宜昌")
    page = people[1].save(hukou_place='"><script>alert(1)</script>').content.decode()
    assert "<script>" not in page


def test_a_stale_object_is_never_saved_not_even_at_the_second_attempt(child):
    mine, theirs = Child.objects.get(pk=child.pk), Child.objects.get(pk=child.pk)
    theirs.hukou_place = "宜昌"
    theirs.save()
    mine.hukou_place = "荆州"
    for _ in range(3):
        with pytest.raises(StaleRecord):
            mine.save()
    child.refresh_from_db()
    assert (child.hukou_place, child.version) == ("宜昌", 2)


@pytest.mark.django_db(transaction=True)
def test_of_eight_concurrent_saves_one_is_written(child, tmp_path):
    def act(number):
        def save():
            mine = Child.objects.get(pk=child.pk)
            mine.version = 1  # all read the same
            mine.hukou_place = f"第{number}"
            mine.save()

        return save

    with shared_database(tmp_path):
        outcomes = run_concurrently([act(number) for number in range(8)])
        saved = Child.objects.get(pk=child.pk)
    assert outcomes.count(DONE) == 1
    assert all("StaleRecord" in outcome for outcome in outcomes if outcome != DONE)
    assert (saved.version, saved.hukou_place[0]) == (2, "第")
