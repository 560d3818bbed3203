"""The audit trail tells that a note about a child changed, and keeps what it said sealed."""

import json

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse

from carebase.accounts.roles import Role
from carebase.audit.models import Event, Tracked
from carebase.fields import Sealed, from_audit_value
from registry.models import Child, Decision, Need
from tests import factories as f
from visits.models import Visit

# Names, places, codes and what is about no child: the trail keeps these readable.
PLAIN = {
    "accounts": {"User": {"username", "name", "password", "search_keys"}},
    "activities": {
        "Activity": {"title", "place", "organiser", "leader", "summary"},
        "Donation": {"donor", "purpose"},
        "Goods": {"item"},
    },
    "jobs": {"Job": {"kind", "subject", "language", "url", "back", "message"}},
    "pairing": {"Carer": {"name", "search_keys", "capacity_reason"}},
    "registry": {
        "Absence": {"destination"},
        "Child": {"name", "pinyin", "initials", "hukou_place", "photo"},
        "Comparison": {"file_name", "file_hash"},
        "Definition": {"name", "source"},
        "Division": {"name", "aliases", "contact", "search_keys"},
        "Entrustment": {"scan"},
        "Guardianship": {"name"},
        "ImportBatch": {"file_name", "file_hash"},
        "Posting": {"reason"},
        "Relative": {"name", "work_place"},
        "Round": {"reaches_to"},
        "School": {"name", "search_keys"},
        "Survey": {"others"},
        "Term": {"slug"},
    },
}


def texts() -> set[str]:
    """Return each text field of a tracked model that is neither sealed nor a hash, as `registry.Child.name`."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, Tracked)
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (isinstance(field, Sealed) or field.choices or hasattr(field, "of") or field.name == "code")
    }


def test_each_free_text_of_a_record_is_sealed_in_the_trail_or_named_here_as_readable():
    named = {
        f"{app}.{model}.{name}" for app, kinds in PLAIN.items() for model, names in kinds.items() for name in names
    }
    assert texts() == named


def trail() -> str:
    """Return all that the trail holds, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT changes, detail FROM audit_event")
        # PostgreSQL gives text, SQLite too, both escaped or not.
        return "".join(str(json.loads(value)) for row in cursor.fetchall() for value in row)


SECRET = "夜里一个人哭"


def corrected_visit(by) -> Visit:
    visit = f.visit(f.child(), by, said=SECRET)
    visit.said = "想妈妈"
    visit.save()
    return visit


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_trail_holds_a_corrected_talk_only_sealed():
    corrected_visit(f.admin_of(f.village()))
    event = Event.objects.get(model="visits.visit", action="change")
    assert "said" in event.changes and SECRET not in trail() and "想妈妈" not in trail()
    field = Visit._meta.get_field("said")
    assert [from_audit_value(field, value) for value in event.changes["said"]] == [SECRET, "想妈妈"]


@pytest.mark.django_db
def test_the_trail_holds_the_last_words_of_a_deleted_row_only_sealed():
    decision = Decision.objects.create(child=f.child(), kind="reopened", by=f.user(Role.HEAD), reason=SECRET)
    decision.delete()
    event = Event.objects.get(model="registry.decision", action="delete")
    assert event.changes["reason"] and SECRET not in trail()


@pytest.mark.django_db
def test_an_auditor_reads_that_a_talk_changed_and_not_what_was_said(login):
    corrected_visit(f.admin_of(f.village()))
    Event.objects.create(  # written before notes were sealed
        action="change", model="visits.visit", subject=Child.objects.get().code, changes={"observed": [SECRET, "旧话"]}
    )
    page = login(f.posted_user(Role.AUDITOR, f.township())).get(reverse("event-list")).content.decode()
    assert "conversation: •••• → ••••" in page and "observations: •••• → ••••" in page
    assert not any(words in page for words in (SECRET, "想妈妈", "旧话", "sealed"))


@pytest.mark.django_db
def test_who_may_read_a_note_reads_its_correction_in_the_admin_history(login):
    village = f.admin_of(f.village())
    visit = corrected_visit(village)
    Event.objects.create(
        action="change", model="visits.visit", object_code=visit.code, changes={"observed": ["旧话", "新话"]}
    )
    page = login(village).get(reverse("admin:visits_visit_history", args=[visit.pk])).content.decode()
    assert f"conversation: {SECRET} → 想妈妈" in page
    assert "observations: •••• → ••••" in page and "旧话" not in page  # it may be a counsellor's


@pytest.mark.django_db
def test_a_note_whose_key_is_gone_is_shown_as_hidden(login):
    village = f.admin_of(f.village())
    visit, lost = f.visit(f.child(), village), {"sealed": "gone:AAAA"}
    Event.objects.create(action="change", model="visits.visit", object_code=visit.code, changes={"said": [lost, lost]})
    page = login(village).get(reverse("admin:visits_visit_history", args=[visit.pk])).content.decode()
    assert "conversation: •••• → ••••" in page


@pytest.mark.django_db
def test_an_open_need_is_still_found_by_its_words():
    need = f.need(f.survey(f.child(), f.user(Role.HEAD)), what="冬衣")
    assert Need.objects.get(what__contains="冬") == need
