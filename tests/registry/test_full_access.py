"""Before a restricted value is shown in full: a purpose, a password given shortly before, so many times a day."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from carebase.accounts.models import Notice
from carebase.accounts.roles import Reach, Role
from carebase.audit.models import Action, Event
from carebase.reports.audit_trail.display import describe_detail
from registry.history.revisions import file_events, group_revisions
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
PHONE, OTHER_PHONE = "13800000001", "13800000002"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def teacher():
    return f.with_password(f.teacher_of(f.school_class()))


def child_with_phone(phone: str = PHONE):
    child = f.child(school_class=f.school_class())
    f.guardianship(child, phone=phone)
    return child


@pytest.fixture
def child():
    child_with_phone(OTHER_PHONE)
    return child_with_phone()


def ask(client, child, **fields) -> str:
    """Return the page after "Show" beside the phone of the guardian, and after what is filled in there."""
    url = reverse("child-unmask", args=[child.code])
    return client.post(url, {"field": "guardian_phone"} | fields).content.decode()


def shown() -> int:
    return Event.objects.filter(action=Action.UNMASK).count()


def test_shortly_after_the_sign_in_only_the_purpose_is_asked(clock, login, teacher, child):
    client = login(teacher)
    page = ask(client, child)
    assert 'name="purpose"' in page and 'type="password"' not in page and PHONE not in page
    assert f'name="next" value="{child.get_absolute_url()}"' in page, "where another language is chosen"
    assert PHONE in ask(client, child, purpose="contact")


def test_later_the_password_is_asked_and_returns_to_what_was_wanted(clock, login, teacher, child):
    client = login(teacher)
    clock.shift(6 * 60)
    page = ask(client, child, purpose="contact")
    assert 'type="password"' in page and PHONE not in page
    page = ask(client, child, purpose="contact", password="wrong")
    assert "not your password" in page and PHONE not in page and not shown()
    page = ask(client, child, purpose="contact", password=f.PASSWORD)
    assert PHONE in page and OTHER_PHONE not in page
    clock.shift(4 * 60)
    assert PHONE in ask(client, child, purpose="contact"), "given a short while ago"
    clock.shift(2 * 60)
    assert PHONE not in ask(client, child, purpose="contact")


def test_a_right_password_is_not_asked_again_when_the_purpose_is_missing(clock, login, teacher, child):
    client = login(teacher)
    clock.shift(6 * 60)
    page = ask(client, child, purpose="other", password=f.PASSWORD)
    assert "what you need it for" in page and 'type="password"' not in page
    assert PHONE in ask(client, child, purpose="other", other="入学体检")


def test_the_last_purpose_is_preset(clock, login, teacher, child):
    client = login(teacher)
    assert 'value="visit" selected' not in ask(client, child)
    ask(client, child, purpose="visit")
    assert 'value="visit" selected' in ask(client, child)


def test_the_trail_says_what_for(clock, login, teacher, child):
    client = login(teacher)
    ask(client, child, purpose="emergency")
    ask(client, child, purpose="other", other="入学体检")
    details = [describe_detail(event.detail) for event in Event.objects.filter(action=Action.UNMASK).order_by("pk")]
    assert "purpose: an emergency" in details[0] and "purpose: 入学体检" in details[1]


def test_guesses_at_the_password_are_throttled_and_do_not_close_the_sign_in(clock, login, teacher, child):
    client = login(teacher)
    clock.shift(6 * 60)
    for _time in range(5):
        assert "not your password" in ask(client, child, purpose="contact", password="wrong")
    page = ask(client, child, purpose="contact", password=f.PASSWORD)
    assert "Too many" in page and PHONE not in page
    assert client.__class__().post("/login/", {"username": teacher.username, "password": f.PASSWORD}).url == "/"
    clock.shift(16 * 60)
    assert PHONE in ask(client, child, purpose="contact", password=f.PASSWORD)


def test_no_more_values_are_shown_a_day_than_the_limit_and_the_head_hears_of_it(clock, login, settings, teacher, child):
    settings.FULL_VALUES_PER_DAY = 3
    head, far_head = f.head_of(f.school()), f.head_of(f.other_school())
    client = login(teacher)
    for _time in range(2):
        assert PHONE in ask(client, child, purpose="contact")
    assert not Notice.objects.exists()
    assert PHONE in ask(client, child, purpose="contact")
    page = ask(client, child, purpose="contact")
    assert "the limit of 3 for today" in page and PHONE not in page and shown() == 3
    told = "as many restricted values"
    pages = [
        login(user).get("/").content.decode() for user in (head, f.coordinator_of(f.township()), far_head, teacher)
    ]
    assert [told in page for page in pages] == [True, True, False, False]
    clock.shift(15 * 3600)  # the next day in Shanghai
    assert PHONE in ask(login(teacher), child, purpose="contact")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_than_the_limit_are_shown(client, settings, tmp_path):
    settings.FULL_VALUES_PER_DAY = 3
    teacher, child = f.teacher_of(f.school_class()), child_with_phone()
    pages, clients = [], [client.__class__() for _number in range(10)]
    for one in clients:
        one.force_login(teacher)
    with shared_database(tmp_path):
        asking = [lambda one=one: pages.append(ask(one, child, purpose="contact")) for one in clients]
        assert run_concurrently(asking) == [DONE] * 10
        assert sum(PHONE in page for page in pages) == shown() == 3 and Notice.objects.count() == 1


def test_a_counsellor_is_not_even_asked(login, child):
    counsellor = f.user(Role.COUNSELLOR)
    child.referrals.create(counsellor=counsellor, reason="失眠")
    assert login(counsellor).post(reverse("child-unmask", args=[child.code]), {"field": "id_number"}).status_code == 403


def test_an_earlier_address_is_read_in_the_history_after_a_purpose_and_counts(clock, login, teacher, child):
    child.residence = "合心村3组12号"
    child.save()
    child.residence = "合心村5组7号"
    child.save()
    client, url = login(teacher), reverse("child-history", args=[child.code])
    history = client.get(url)
    (save,) = [save["number"] for save in history.context["saves"] if save["lines"] and save["lines"][0]["old"] != "—"]
    assert "3组12号" not in history.content.decode() and f'name="show" value="{save}"' in history.content.decode()
    assert "3组12号" not in client.post(url, {"show": save}).content.decode() and not shown()
    page = client.post(url, {"show": save, "purpose": "check"}).content.decode()
    assert "合心村3组12号" in page and "合心村5组7号" in page and shown() == 1
    other = child_with_phone(OTHER_PHONE)
    assert (
        client.post(reverse("child-history", args=[other.code]), {"show": save, "purpose": "check"}).status_code == 404
    )


def changed_twice(child) -> int:
    """Return the number of a save that changed three restricted values."""
    grandmother = child.guardianships.get()
    child.residence = "合心村3组12号"
    child.save()
    child.residence, child.id_number = "合心村5组7号", "990000201505040018"
    grandmother.phone = OTHER_PHONE
    child.save()
    grandmother.save()
    return next(group_revisions(file_events(child))).last.pk


def test_each_value_that_the_history_shows_counts_and_is_named_in_the_trail(clock, login, settings, teacher, child):
    settings.FULL_VALUES_PER_DAY = 4
    client, url = login(teacher), reverse("child-history", args=[child.code])
    save = {"show": changed_twice(child), "purpose": "check"}
    page = client.post(url, save).content.decode()
    assert "合心村3组12号" in page and PHONE in page and OTHER_PHONE in page
    details = [describe_detail(event.detail) for event in Event.objects.filter(action=Action.UNMASK).order_by("pk")]
    fields = {"guardianship · guardian's phone", "child · resident ID number", "child · current residence"}
    assert {detail.split(" · ", 1)[1].rsplit(" · ", 1)[0] for detail in details} == fields and len(details) == 3
    page = client.post(url, save).content.decode()
    assert "These are 3 values at once, and only 1 more can be shown to you today." in page
    assert PHONE not in page and "合心村3组12号" not in page and shown() == 3 and not Notice.objects.exists()
    settings.FULL_VALUES_PER_DAY = 6
    assert PHONE in client.post(url, save).content.decode() and shown() == 6 and Notice.objects.count() == 1
    assert "the limit of 6 for today" in client.post(url, save).content.decode() and shown() == 6


def test_a_change_without_restricted_values_has_nothing_to_show_in_full(clock, login, teacher, child):
    child.name = "王大明"
    child.save()
    client, url = login(teacher), reverse("child-history", args=[child.code])
    save = client.get(url).context["saves"][0]["number"]
    assert client.post(url, {"show": save, "purpose": "check"}).status_code == 404 and not shown()


def test_who_may_not_see_values_in_full_is_not_offered_earlier_ones(login, child, monkeypatch):
    f.role(monkeypatch, "editor", frozenset({"registry.view_child", "registry.change_child"}), Reach.CLASSES)
    child.residence = "合心村3组12号"
    child.save()
    client, url = login(f.posted_user("editor", f.school_class())), reverse("child-history", args=[child.code])
    save = client.get(url).context["saves"][0]["number"]
    assert 'name="show"' not in client.get(url).content.decode()
    assert client.post(url, {"show": save, "purpose": "check"}).status_code == 403
