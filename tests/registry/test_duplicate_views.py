"""The list of possible duplicates, the comparison of two files, and the page of a merge."""

import pytest
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.duplicates import services
from registry.models import Child, DuplicateSettlement, Merge, Relative
from tests import factories as f
from tests.form_data import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def head():
    return f.head_of(f.school())


@pytest.fixture
def here(login, head):
    return login(head)


@pytest.fixture
def pair():
    """Two files of one child in one's school, beside a child who is like nobody."""
    f.child("陈小红", school_class=f.school_class())
    one = f.child("王小明", school_class=f.school_class(), hukou_place="宜昌", residence="三组十二号")
    other = f.child("王晓鸣", school_class=f.school_class(), hukou_place="荆州", residence="五组一号")
    Relative.objects.create(child=other, relation="51", name="王大山", phone="13812345678")
    return one, other


def text(response) -> str:
    return response.content.decode()


def address(pair) -> str:
    return reverse("duplicate-merge", args=[child.code for child in pair])


def send(client, pair, **changes):
    url = address(pair)
    changes = {name.replace("take_", "take-"): value for name, value in changes.items()}
    return client.post(url, form_data(client.get(url)) | {"act": "merge"} | changes)


# The list


def test_the_list_links_to_the_comparison(here, pair):
    shown = text(here.get(reverse("duplicate-list")))
    assert "王晓鸣" in shown and address(pair) in shown and "陈小红" not in shown


def test_of_a_file_out_of_scope_the_list_shows_only_the_office(here):
    mine = f.child("王小明", school_class=f.school_class(), id_number="", id_reason="未落户")
    hidden = f.child("王晓鸣", school_class=f.school_class(f.other_school()))
    shown = text(here.get(reverse("duplicate-list")))
    assert "registered elsewhere; ask 小白山乡中心小学" in shown and mine.get_absolute_url() in shown
    assert hidden.name not in shown and hidden.code not in shown
    assert here.get(address((mine, hidden))).status_code == 404


def test_the_task_menu_links_to_the_pairs_without_counting_them(here, pair):
    assert f'href="{reverse("duplicate-list")}"' in text(here.get(reverse("census-work")))
    assert here.get(reverse("duplicate-list")).context["total"] == "1"


@pytest.mark.parametrize("show", ["", "settled", "merged", "nonsense", "\x00"])
@pytest.mark.parametrize("page", ["1", "99999999999", "-1", "x"])
def test_no_address_of_the_list_breaks_it(here, pair, show, page):
    assert here.get(reverse("duplicate-list"), {"show": show, "page": page}).status_code == 200


def test_a_long_list_is_paged(here):
    for _number in range(8):  # 28 pairs
        f.child("王小明", school_class=f.school_class())
    url = reverse("duplicate-list")
    assert [len(here.get(url, {"page": page}).context["rows"]) for page in (1, 2)] == [25, 3]


# Side by side


def test_both_files_are_masked_and_both_views_are_audited(here, pair):
    shown = text(here.get(address(pair)))
    assert "宜昌" in shown and "荆州" in shown
    for secret in (pair[0].id_number, pair[1].id_number, "三组十二号", "13812345678"):
        assert secret not in shown
    looks = Event.objects.filter(action=Action.VIEW).values_list("subject", flat=True)
    assert set(looks) == {child.code for child in pair}


def test_a_filled_value_is_preselected_or_else_the_later_one(here, pair):
    pair[0].ethnicity = "01"
    pair[0].save()
    choices = {row["name"]: row["choice"] for row in here.get(address(pair)).context["differing"]}
    assert choices["ethnicity"] == "left" and choices["hukou_place"] == "left"
    pair[1].illness, pair[1].condition = "哮喘", "ill"
    pair[1].save()
    choices = {row["name"]: row["choice"] for row in here.get(address(pair)).context["differing"]}
    assert choices["hukou_place"] == "right" and choices["condition"] == "right" and choices["ethnicity"] == "left"


def test_an_id_number_is_preselected_over_a_reason_for_its_absence(here, pair):
    later = f.child("王小明", school_class=f.school_class(), id_number="", id_reason="未落户")
    choices = {row["name"]: row["choice"] for row in here.get(address((pair[0], later))).context["differing"]}
    assert choices["id_number"] == "left"


def test_what_only_one_file_has_is_shown_too(here, pair):
    sections = {section["title"]: section["items"] for section in here.get(address(pair)).context["agreed"]}
    shown = {item["label"]: item["value"] for item in sections["Only in one of the files"]}
    assert shown["Father · full name (Second file)"] == "living · 王大山"
    assert shown["Father · phone (Second file)"] == "138****5678"
    assert {item["label"]: item["value"] for item in sections["The same in both files"]}["Village"] == "合心村"


def test_merging_copies_the_choices_and_redirects_to_the_merge(here, head, pair):
    response = send(here, pair, stays="left", take_hukou_place="right", take_residence="left")
    made = Merge.objects.get()
    assert response.url == made.get_absolute_url()
    kept = Child.objects.get(pk=pair[0].pk)
    assert (kept.hukou_place, kept.residence, made.kept, made.gone) == ("荆州", "三组十二号", *pair)
    shown = text(here.get(response.url))
    assert "family member 1" in shown and "Undo the merge" in shown
    looks = Event.objects.filter(action=Action.VIEW, model="registry.merge").values_list("subject", flat=True)
    assert set(looks) == {child.code for child in pair}


@pytest.mark.parametrize(("ticked", "talks"), [(True, 1), (False, 2)])
@pytest.mark.parametrize("stays", ["left", "right"])
def test_a_talk_recorded_in_both_files_is_shown_and_counts_once_if_ticked(here, head, pair, ticked, talks, stays):
    day = f.today()
    one, other = (f.visit(child, head, kind="talk", made_on=day, met="奶奶") for child in pair)
    f.visit(pair[0], head, kind="call", made_on=day)
    f.visit(pair[1], head, kind="talk", made_on=day.replace(year=day.year - 1))
    shown = here.get(address(pair))
    ((key, text_of_both),) = shown.context["form"].fields["once"].choices
    assert text_of_both == f"{day} · heart-to-heart talk · {head.name}" and text_of_both in text(shown)
    send(here, pair, stays=stays, **({"once": [key]} if ticked else {}))
    made = Merge.objects.get()
    assert made.kept.visits.filter(kind="talk", made_on=day).count() == talks
    assert made.gone.visits.count() == 2 - talks and made.kept.visits.count() == 2 + talks
    services.undo_merge(merge=made, by=head)
    one.refresh_from_db(), other.refresh_from_db()
    assert (one.child, other.child) == pair


def test_nothing_is_asked_where_no_contact_is_in_both_files(here, head, pair):
    f.visit(pair[0], head, kind="talk"), f.visit(pair[1], head, kind="call")
    assert "once" not in here.get(address(pair)).context["form"].fields
    send(here, pair, stays="left", once=["visits.visit-1-2"])
    assert Merge.objects.get().kept.visits.count() == 2


def test_the_second_file_may_stay_too(here, pair):
    send(here, pair, stays="right", take_hukou_place="left")
    kept = Child.objects.get(pk=pair[1].pk)
    assert kept.closed_on is None and kept.hukou_place == "宜昌"


def test_an_invalid_choice_is_refused_and_the_others_are_kept(here, pair):
    url = address(pair)
    data = form_data(here.get(url), **{"act": "merge", "take-residence": "left"})
    del data["take-hukou_place"]
    response = here.post(url, data | {"stays": "both"})
    assert "Choose one of the two." in text(response) and not Merge.objects.exists()
    assert {row["name"]: row["choice"] for row in response.context["differing"]}["residence"] == "left"


def test_contradictory_values_are_refused_with_a_reason(here, pair):
    girl = f.child("王晓鸣", school_class=f.school_class(), sex="2")
    response = send(here, (pair[0], girl), stays="left", take_sex="left", take_id_number="right")
    assert "The ID number shows another sex" in text(response) and not Merge.objects.exists()


def test_a_save_in_between_is_reported_and_shown(here, pair):
    url = address(pair)
    data = form_data(here.get(url), act="merge")
    pair[1].boards = True
    pair[1].save()
    response = here.post(url, data)
    assert "Someone changed one of these files in the meantime" in text(response) and not Merge.objects.exists()
    assert "boards" in {row["name"] for row in response.context["differing"]}
    assert here.post(url, form_data(response, act="merge")).status_code == 302


def test_two_children_are_settled_with_a_reason(here, head, pair):
    url = address(pair)
    assert "This field is required." in text(here.post(url, {"act": "settle", "reason": " "}))
    assert here.post(url, {"act": "settle", "reason": "双胞胎"}).url == reverse("duplicate-list")
    assert DuplicateSettlement.objects.get().by == head
    assert here.get(reverse("duplicate-list")).context["rows"] == []
    assert "双胞胎" in text(here.get(reverse("duplicate-list"), {"show": "settled"}))
    assert "双胞胎" in text(here.get(url))
    assert "already decided on this pair" in text(here.post(url, {"act": "settle", "reason": "再说"}))


@pytest.mark.parametrize("codes", [("NOBODY", "NOBODY"), ("x", "y")])
def test_unknown_files_are_not_found(here, codes):
    assert here.get(reverse("duplicate-merge", args=codes)).status_code == 404


def test_a_file_is_not_compared_with_itself(here, pair):
    assert here.get(address((pair[0], pair[0]))).status_code == 404


# Afterwards


def test_a_merged_file_links_to_its_successor(here, head, pair):
    made = services.merge_files(kept=pair[0], gone=pair[1], choices={}, by=head)
    shown = text(here.get(pair[1].get_absolute_url()))
    assert "closed: merged into another file" in shown
    assert f'href="{pair[0].get_absolute_url()}"' in shown and f'href="{made.get_absolute_url()}"' in shown
    assert "merged into" not in text(here.get(pair[0].get_absolute_url()))
    assert pair[1].name not in text(here.get(reverse("child-list")))


def test_without_access_to_the_successor_there_is_no_link(login, head, pair):
    third = f.child("王晓鸣", school_class=f.school_class(number=2))
    services.merge_files(kept=third, gone=pair[1], choices={}, by=head)
    shown = text(login(f.teacher_of(f.school_class())).get(pair[1].get_absolute_url()))
    assert "merged into another file" in shown and third.code not in shown


def test_the_page_of_a_merging_undoes_it_once(here, head, pair):
    made = services.merge_files(kept=pair[0], gone=pair[1], choices={"hukou_place": "gone"}, by=head)
    assert made.get_absolute_url() in text(here.get(reverse("duplicate-list"), {"show": "merged"}))
    done = here.post(made.get_absolute_url(), follow=True)
    assert "The merge was undone" in text(done) and "Undo the merge" not in text(done)
    assert Child.objects.get(pk=pair[1].pk).closed_on is None
    assert "This merge was already undone." in text(here.post(made.get_absolute_url(), follow=True))
    assert made.get_absolute_url() not in text(here.get(pair[1].get_absolute_url()))
