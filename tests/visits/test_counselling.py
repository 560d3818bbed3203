"""What a counsellor writes: kept apart and encrypted, and read only by the counsellors a child is referred to."""

import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from carebase.accounts.roles import Role
from carebase.audit.models import Event
from registry.duplicates import services as duplicates
from registry.models import Referral
from tests import factories as f
from tests.form_data import form_data
from visits.models import CounsellingNote, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SECRET = "夜里一个人哭"


@pytest.fixture
def child():
    return f.child("王小明", school_class=f.school_class())


def referred(to, by=None, **fields):
    """Return a counsellor with a posting to whom the child is referred."""
    counsellor = f.posted_user(Role.COUNSELLOR, f.township())
    Referral.objects.create(child=to, counsellor=counsellor, reason="失眠", **fields)
    return counsellor


@pytest.fixture
def counsellor(child):
    return referred(child)


def answers(child, **more):
    return {"child": child.code, "kind": "talk", "made_on": f.today(), "met": "孩子本人", "said": SECRET, **more}


def log_url(child) -> str:
    return f"{reverse('visit-create')}?child={child.code}"


def test_what_a_counsellor_logs_stands_in_a_note_and_not_in_the_visit(child, counsellor, login):
    client = login(counsellor)
    page = client.get(log_url(child)).content.decode()
    assert all(f'name="{name}"' in page for name in ("met", "observed", "said", "advice", "next_on", "minutes"))
    assert client.post(log_url(child), answers(child, advice="深呼吸")).url == child.get_absolute_url()
    visit = Visit.objects.get()
    assert (visit.counselling, visit.met, visit.observed, visit.said, visit.advice) == (True, "", "", "", "")
    assert (visit.note.met, visit.note.said, visit.note.advice) == ("孩子本人", SECRET, "深呼吸")


def test_the_database_holds_a_counselling_note_only_encrypted(child, counsellor, login):
    login(counsellor).post(log_url(child), answers(child))
    with connection.cursor() as cursor:
        cursor.execute("SELECT met, observed, said, advice FROM visits_counsellingnote")
        (row,) = cursor.fetchall()
    assert row[0].startswith("k") and SECRET not in row[2] and row[1] == ""


def test_a_counselling_note_that_says_nothing_is_refused_and_keeps_what_was_typed(child, counsellor, login):
    response = login(counsellor).post(log_url(child), answers(child, said="", advice="下周再来"))
    assert "Fill in the observations or the conversation." in response.content.decode()
    assert "下周再来" in response.content.decode() and not Visit.objects.exists()


def test_the_database_refuses_words_in_the_visit_of_a_counsellor_and_a_note_without_any(child, counsellor):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.visit(child, counsellor, counselling=True)
    talk = f.counselling(child, counsellor)
    talk.note.said = ""
    with pytest.raises(IntegrityError), transaction.atomic():
        talk.note.save()


def readers(child, talk) -> dict[str, str]:
    """Return the page of the talk as each role sees it, all of whom see the child."""
    school_class = child.school_class
    carer = f.user(Role.CARER)
    f.carer("志愿者", user=carer).pairings.create(child=child, seat=1)
    users = {
        "teacher": f.teacher_of(school_class),
        "head": f.head_of(school_class.school),
        "village": f.admin_of(child.village),
        "coordinator": f.coordinator_of(f.county()),
        "carer": carer,
        "another counsellor": referred(child),
    }
    return users


@pytest.mark.parametrize("who", ["teacher", "head", "village", "coordinator"])
def test_others_see_that_a_counsellor_met_the_child_and_who_wrote_of_it_but_no_word(child, counsellor, login, who):
    talk = f.counselling(child, counsellor, SECRET)
    client = login(readers(child, talk)[who])
    for url in (talk.get_absolute_url(), child.get_absolute_url(), reverse("visit-list")):
        page = client.get(url).content.decode()
        assert "heart-to-heart talk (counselling)" in page and counsellor.name in page
        assert SECRET not in page
    assert "Only the counsellors whom the child is referred to read this." in client.get(talk.get_absolute_url()).text


def test_the_counsellors_a_child_is_referred_to_now_read_the_note(child, counsellor, login):
    talk = f.counselling(child, counsellor, SECRET)
    other = referred(child)
    ended = referred(child, referred_on=dt.date(2026, 9, 1), ended_on=dt.date(2026, 10, 1))
    stranger = referred(f.child("赵小兰"))
    pages = {user: login(user).get(talk.get_absolute_url()) for user in (counsellor, other, ended, stranger)}
    assert [SECRET in response.content.decode() for response in pages.values()] == [True, True, False, False]
    assert [response.status_code for response in pages.values()] == [200, 200, 404, 404]
    assert set(CounsellingNote.objects.visible_to(other)) == {talk.note}


def test_who_set_the_password_of_a_counsellor_does_not_read_the_notes_as_them(child, counsellor, login):
    talk = f.counselling(child, counsellor, SECRET)
    other = referred(child)
    intruder, change = login(f.user(Role.ADMIN)), reverse("admin:accounts_user_change", args=[counsellor.pk])
    given = form_data(intruder.get(change), "user_form", initial_password="长长的初始口令一二三")
    assert intruder.post(change, given).status_code == 302
    counsellor.refresh_from_db()
    counsellor.must_change_password = False  # the intruder chooses their own
    counsellor.save()
    client = login(counsellor)
    page = client.get(talk.get_absolute_url()).text
    assert SECRET not in page and "You can read counselling notes from" in page
    assert SECRET not in client.get(child.get_absolute_url()).text
    assert client.get(reverse("visit-update", args=[talk.code])).status_code == 403
    assert SECRET in login(other).get(talk.get_absolute_url()).text
    counsellor.wait_started_at -= dt.timedelta(hours=24)
    counsellor.save()
    assert SECRET in login(counsellor).get(talk.get_absolute_url()).text


def test_a_counsellor_who_waits_still_logs_what_they_hear(child, counsellor, login):
    counsellor.wait_started_at = timezone.now()
    counsellor.save()
    assert login(counsellor).post(log_url(child), answers(child)).status_code == 302
    assert CounsellingNote.objects.get().said == SECRET


def test_a_counsellor_who_became_a_teacher_of_the_child_reads_the_note_no_more(child, counsellor, login):
    talk = f.counselling(child, counsellor, SECRET)
    counsellor.role = Role.TEACHER
    counsellor.save()
    f.post(counsellor, child.school_class)
    client = login(counsellor)
    assert SECRET not in client.get(talk.get_absolute_url()).content.decode()
    assert client.get(reverse("visit-update", args=[talk.code])).status_code == 403


def test_a_note_is_corrected_by_who_wrote_it_and_the_trail_tells_only_that(child, counsellor, login):
    talk = f.counselling(child, counsellor, SECRET)
    client, url = login(counsellor), reverse("visit-update", args=[talk.code])
    assert SECRET in client.get(url).content.decode()
    assert login(referred(child)).get(url).status_code == 403
    assert login(counsellor).post(url, answers(child, said="睡得好些", version=talk.version)).status_code == 302
    assert CounsellingNote.objects.get().said == "睡得好些"
    event = Event.objects.get(model="visits.counsellingnote", action="change")
    assert set(event.changes) == {"met", "said"} and event.subject == child.code
    assert SECRET not in str(event.changes) and "睡得好些" not in str(event.changes)


def test_a_stale_correction_of_a_note_shows_both_versions_and_presets_neither(child, counsellor, login):
    talk = f.counselling(child, counsellor, SECRET)
    url, client = reverse("visit-update", args=[talk.code]), login(counsellor)
    client.post(url, answers(child, met="", said="第一稿", version=talk.version, minutes="20"))
    conflict = client.post(url, answers(child, met="", said="第二稿", version=talk.version))
    assert conflict.status_code == 409 and CounsellingNote.objects.get().said == "第一稿"
    assert {"第一稿", "第二稿"} <= {value for row in conflict.context["rows"] for value in (row["mine"], row["theirs"])}
    assert {row["choice"] for row in conflict.context["rows"] if row["name"] == "said"} == {""}
    chosen = answers(child, met="", said="第二稿", version=conflict.context["version"])
    chosen |= {f"choose-{row['name']}": "mine" for row in conflict.context["rows"]}
    assert client.post(url, chosen).status_code == 302
    assert CounsellingNote.objects.get().said == "第二稿"


def test_a_note_follows_its_visit_when_files_are_merged_and_when_that_is_undone(child, counsellor):
    head, twin = f.head_of(f.school()), f.child("王小明", school_class=child.school_class)
    talk = f.counselling(child, counsellor, SECRET)
    merge = duplicates.merge_files(kept=twin, gone=child, choices={}, by=head)
    assert CounsellingNote.objects.visible_to(counsellor).get().visit.child == twin
    assert SECRET not in str([merge.changes, merge.moved, merge.stayed])
    duplicates.undo_merge(merge=merge, by=head)
    assert CounsellingNote.objects.visible_to(counsellor).get().visit == talk
    assert Visit.objects.get().child == child


def test_the_counselling_of_the_days_before_moves_into_notes_and_back(child, counsellor):
    migration = importlib.import_module("visits.migrations.0004_move_counselling_notes")
    old = f.visit(child, counsellor, said=SECRET, met="孩子本人", advice="画画")
    ordinary = f.visit(child, f.teacher_of(child.school_class), said="想妈妈")
    migration.move(apps, None)
    old.refresh_from_db(), ordinary.refresh_from_db()
    assert (old.counselling, old.said, old.observed) == (True, "", "")
    assert (old.note.said, old.note.observed, old.note.met, old.note.advice) == (SECRET, "房屋整洁", "孩子本人", "画画")
    assert (ordinary.counselling, ordinary.said) == (False, "想妈妈")
    migration.move_back(apps, None)
    old.refresh_from_db()
    assert (old.counselling, old.said, old.met) == (False, SECRET, "孩子本人")
    assert not CounsellingNote.objects.exists()
