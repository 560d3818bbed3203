"""Guardianship: agreements by the law's rules, assessments by printed definitions, and the alarm for living alone."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from carebase.audit.models import Event
from carebase.files import private
from carebase.models import StaleRecord
from carebase.reports.audit_trail.display import describe_detail
from registry.child_file import ChildFile
from registry.guardianship import services
from registry.guardianship.living_alone import lives_alone
from registry.models import Absence, CarerRefusal, Entrustment, Guardianship, Relative
from tests import factories as f
from tests import pictures
from tests.form_data import form_data
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CARER = {"care": "entrusted", "name": "李奶奶", "relation": "62", "reasons": "亲祖母，身体健康，孩子从小由她带大"}
DECLARED = dict.fromkeys(("harmed", "addicted", "neglected", "unsuitable"), "no")
HEARD = {"opinion": "agrees", "opinion_words": "我愿意跟奶奶住"}
ENTRUSTED = CARER | DECLARED | HEARD
ALONE = {"care": "alone", "found_on": "2026-09-20"}


def at(page: str, child) -> str:
    return reverse(page, args=[child.code])


def begin(client, child, **typed):
    form = form_values(client.get(at("child-guardianship-new", child)))
    return client.post(at("child-guardianship-new", child), form | {"starts_on": "2026-09-01"} | typed)


def update(client, child, **typed):
    form = form_values(client.get(at("child-guardianship-edit", child)))
    return client.post(at("child-guardianship-edit", child), form | typed)


@pytest.fixture
def child():
    f.child("赵小兰", living_in=f.other_village())  # who is not meant
    return f.child()


@pytest.fixture
def village(login):
    return login(f.admin_of(f.village()))


def test_a_carer_is_entrusted_with_a_complete_agreement(child, village):
    more = {"term_from": "2026-09-01", "term_to": "2027-01-31", "signed_on": "2026-09-01", "by_phone": "on"}
    more |= {"school_told_on": "2026-09-02", "village_told_on": "2026-09-03", "review_on": "2027-01-01"}
    assert begin(village, child, **ENTRUSTED, **more, phone="13800000000").url == at("child-guardianship", child)
    row = child.guardianships.get()
    agreed = row.entrustment
    assert (row.name, row.entrusted, row.alone, row.phone) == ("李奶奶", True, False, "13800000000")
    assert agreed.status == "signed" and agreed.by_phone and agreed.school_told_on == dt.date(2026, 9, 2)
    assert not (agreed.harmed or agreed.addicted or agreed.neglected or agreed.unsuitable)
    text = village.get(at("child-guardianship", child)).content.decode()
    assert "我愿意跟奶奶住" in text and "138****0000" in text and "13800000000" not in text


@pytest.mark.parametrize("missing", ["reasons", "opinion", *DECLARED])
def test_every_answer_required_by_law_must_be_given(missing, child, village):
    answer = begin(village, child, **{name: value for name, value in ENTRUSTED.items() if name != missing})
    assert "the law requires it for every carer" in answer.content.decode()
    assert not child.guardianships.exists() and "亲祖母" in answer.content.decode() or missing == "reasons"


def test_the_childs_opinion_needs_words_unless_it_is_too_young(child, village):
    answer = begin(village, child, **ENTRUSTED | {"opinion": "other", "opinion_words": ""})
    assert "Enter what the child said" in answer.content.decode()
    assert begin(village, child, **ENTRUSTED | {"opinion": "too_young", "opinion_words": ""}).status_code == 302


@pytest.mark.parametrize("ground", DECLARED)
def test_a_carer_barred_by_article_22_is_refused_on_record(ground, child, village):
    for _ in range(2):
        answer = begin(village, child, **ENTRUSTED | {ground: "yes"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Article 22 forbids" in text and "亲祖母" in text
    assert not child.guardianships.exists()
    (refusal,) = child.carer_refusals.all()  # once a day, however often it is sent
    assert refusal.name == "李奶奶" and refusal.grounds == [ground] and refusal.refused_by.role == "village"
    assert "李奶奶" in village.get(at("child-guardianship", child)).content.decode()


def test_the_database_refuses_a_carer_barred_by_article_22(child):
    agreed = f.entrustment(child)
    agreed.harmed = True
    with pytest.raises(ValidationError, match="Article 22"):
        agreed.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        agreed.save()


def test_a_new_guardianship_ends_the_old_one_on_its_first_day(child, village):
    old = f.guardianship(child, starts_on=dt.date(2026, 3, 1))
    assert begin(village, child, care="family", name="王大山", relation="51").status_code == 302
    old.refresh_from_db()
    new = child.guardianships.get(ends_on=None)
    assert old.ends_on == new.starts_on == dt.date(2026, 9, 1) and new.entrusted is False
    text = village.get(at("child-guardianship", child)).content.decode()
    assert text.index("王大山") < text.index("李奶奶")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-02-28", "cannot start before"),
        ("2015-01-01", "before the child was born"),
        ("2999-01-01", "in the future"),
        ("31.2.2026", "is not a date"),
    ],
)
def test_an_impossible_first_day_is_refused(day, words, child, village):
    import re

    if "born" not in words:
        f.guardianship(child, starts_on=dt.date(2026, 3, 1))
    answer = begin(village, child, care="family", name="王大山", starts_on=day)
    assert answer.status_code == 200 and re.search(words, answer.content.decode())
    assert child.guardianships.filter(name="王大山").count() == 0


def test_a_form_that_is_sent_twice_begins_one_guardianship(child, village):
    form = form_values(village.get(at("child-guardianship-new", child))) | ENTRUSTED
    for _ in range(2):
        answer = village.post(at("child-guardianship-new", child), form)
    assert answer.status_code == 302 and child.guardianships.count() == Entrustment.objects.count() == 1


def test_a_stale_form_loses_nothing_and_saves_when_sent_again(child, village):
    f.guardianship(child)
    form = form_values(village.get(at("child-guardianship-edit", child))) | ENTRUSTED
    child.hukou_place = "宜昌"
    child.save()
    answer = village.post(at("child-guardianship-edit", child), form)
    text = answer.content.decode()
    assert answer.status_code == 409 and "亲祖母" in text and "What the file says now" in text
    assert not Entrustment.objects.exists()
    assert village.post(at("child-guardianship-edit", child), form_values(answer)).status_code == 302
    assert child.guardianships.get().entrustment.reasons.startswith("亲祖母")


def test_the_service_refuses_a_stale_version(child):
    user = f.admin_of(f.village())
    with pytest.raises(StaleRecord):
        services.begin_guardianship(child=child, version=child.version - 1, values={}, agreement=False, by=user)


def test_an_open_census_form_becomes_stale(child, village):
    form = form_values(village.get(at("child-update", child)))
    begin(village, child, **ENTRUSTED)
    answer = village.post(at("child-update", child), form | {"guardian_name": "张大娘", "entrusted": "yes"})
    assert answer.status_code == 409
    assert child.guardianships.get().name == "李奶奶"


def test_a_guardianship_without_an_agreement_can_be_assessed(child, village):
    f.guardianship(child, entrusted=True)
    assert update(village, child, assessment="good").status_code == 302
    row = child.guardianships.get()
    assert row.assessment == "good" and row.assessed_on == f.today() and row.assessed_by.role == "village"
    assert not hasattr(row, "entrustment")


def test_an_untouched_mask_keeps_its_value(child, village):
    f.guardianship(child, phone="13800000000", address="三组十二号", entrusted=False)
    assert update(village, child, relation="62").status_code == 302
    row = child.guardianships.get()
    assert (row.phone, row.address, row.relation) == ("13800000000", "三组十二号", "62")


def test_the_status_follows_from_the_dates():
    today, day = f.today(), dt.timedelta(days=1)
    cases = {
        "draft": {"signed_on": None},
        "signed": {"term_from": today, "term_to": today},
        "expired": {"term_from": today - 9 * day, "term_to": today - day},
        "ended": {"ended_on": today, "ending": "父亲返乡"},
    }
    for expected, fields in cases.items():
        assert f.entrustment(f.child(), **fields).status == expected
    replaced = f.entrustment(f.child())
    replaced.guardianship.ends_on = today
    assert replaced.status == "ended"


@pytest.mark.parametrize(
    "fields",
    [
        {"term_to": dt.date(2027, 1, 1)},
        {"term_from": dt.date(2027, 1, 2), "term_to": dt.date(2027, 1, 1)},
        {"handed_over_on": dt.date(2026, 5, 2), "taken_back_on": dt.date(2026, 5, 1)},
        {"ended_on": dt.date(2026, 5, 2)},
        {"ending": "父亲返乡"},
        {"opinion": "other", "opinion_words": ""},
    ],
)
def test_the_database_refuses_an_agreement_that_contradicts_itself(fields, child):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.entrustment(child, **fields)


def one_away_other_unable(child):
    Absence.objects.create(child=child, parent="51")
    Relative.objects.create(child=child, relation="52", name="陈红", able=False)


def both_away(child):
    for parent in ("51", "52"):
        Absence.objects.create(child=child, parent=parent)


@pytest.mark.parametrize(
    ("scene", "typed", "words"),
    [
        (one_away_other_unable, ENTRUSTED, "the other is not able"),
        (both_away, {"care": "family", "name": ""}, "no guardian is named"),
        (lambda child: None, ALONE, "Nobody looks after the child"),
    ],
)
def test_a_grade_against_its_printed_definition_needs_a_reason(scene, typed, words, child, village):
    scene(child)
    answer = begin(village, child, **typed, assessment="good")
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not child.guardianships.exists()
    typed = typed | {"assessment": "good", "assessment_reason": "由姑姑同住照料"}
    assert begin(village, child, **typed).status_code == 302
    assert child.guardianships.get().assessment_reason == "由姑姑同住照料"


def test_a_grade_without_contradiction_needs_no_reason(child, village):
    both_away(child)
    assert begin(village, child, **ENTRUSTED, assessment="good").status_code == 302
    assert begin(village, child, care="family", name="", assessment="poor").status_code == 302


def test_an_imported_contradiction_is_shown(child, village):
    one_away_other_unable(child)
    f.guardianship(child, assessment="good")
    assert "the grade contradicts" in village.get(at("child-guardianship", child)).content.decode()


def test_the_form_shows_the_printed_definitions(child, village):
    text = village.get(at("child-guardianship-new", child)).content.decode()
    assert all(words in text for words in ("performs the duty well", "latent risk", "There is no guardian"))


def test_a_child_living_alone_raises_an_alarm_until_a_guardianship_begins(child, village):
    assert begin(village, child, **ALONE).status_code == 302
    for address in (child.get_absolute_url(), at("child-guardianship", child)):
        assert "lives alone" in village.get(address).content.decode()
    text = village.get(reverse("alone-list")).content.decode()
    assert child.name in text and "赵小兰" not in text and "2026-09-20" in text and "article 21" in text
    assert "lives alone" not in f.child("李四").__str__()
    assert begin(village, child, **ENTRUSTED, starts_on="2026-10-01").status_code == 302
    assert child.name not in village.get(reverse("alone-list")).content.decode()
    assert child.guardianships.get(alone=True).ends_on == dt.date(2026, 10, 1)


def test_the_alarm_is_for_those_below_sixteen_and_for_open_files(village):
    today = f.today()
    births = {
        "今天满": today.replace(year=today.year - 16),
        "明天满": today.replace(year=today.year - 16) + dt.timedelta(1),
    }
    for name, birth in births.items():
        Guardianship.objects.create(child=f.child(name, birth_date=birth), alone=True, found_on=today)
    closed = f.child("已结案", closed_on=today, closing="moved")
    Guardianship.objects.create(child=closed, alone=True, found_on=today)
    text = village.get(reverse("alone-list")).content.decode()
    assert "明天满" in text and "今天满" not in text and "已结案" not in text
    alarming = {row for row in Guardianship.objects.all() if lives_alone(row.child, row)}
    assert alarming == set(Guardianship.objects.living_alone()), "of one child as of many rows"


def test_an_update_cannot_end_the_alarm(child, village):
    begin(village, child, **ALONE)
    for typed in ({"care": "family"}, {"care": "entrusted", "name": "李奶奶"}):
        assert update(village, child, **typed).status_code == 200
    user = f.admin_of(f.village())
    child.refresh_from_db()
    row = child.guardianships.get()
    values = {name: getattr(row, name) for name in (*services.FACT_FIELDS, *services.ASSESSMENT_FIELDS)} | {
        "alone": False
    }
    with pytest.raises(ValidationError, match="new guardianship can"):
        services.update_guardianship(child=child, version=child.version, values=values, agreement=False, by=user)
    assert child.guardianships.get().alone


def test_the_census_form_ends_the_alarm_only_with_a_guardian(child, village):
    begin(village, child, **ALONE)
    url = at("child-update", child)
    assert village.post(url, form_values(village.get(url)) | {"hukou_place": "宜昌"}).status_code == 302
    assert ChildFile(child).guardianship.alone
    refused = village.post(url, form_values(village.get(url)) | {"assessment": "good"})
    assert "Enter the guardian" in refused.content.decode() and ChildFile(child).guardianship.alone
    assert village.post(url, form_values(village.get(url)) | {"guardian_name": "李奶奶"}).status_code == 302
    present = ChildFile(child).guardianship
    assert present.name == "李奶奶" and not present.alone and present.starts_on == f.today()
    assert child.guardianships.get(alone=True).ends_on == f.today()


def test_a_new_name_in_the_census_form_does_not_inherit_the_agreement(child, village):
    """It was made with the carer before, so the other guardian begins anew; without an agreement it is a correction."""
    other = f.child("孙小宝")
    agreed, plain = f.entrustment(child).guardianship, f.guardianship(other)
    for one in (child, other):
        url = at("child-update", one)
        assert village.post(url, form_values(village.get(url)) | {"guardian_name": "王二叔"}).status_code == 302
    agreed.refresh_from_db(), plain.refresh_from_db()
    assert (agreed.name, agreed.ends_on) == ("李奶奶", f.today()) and agreed.entrustment
    assert ChildFile(child).guardianship.name == "王二叔" and not hasattr(ChildFile(child).guardianship, "entrustment")
    assert (plain.name, plain.ends_on) == ("王二叔", None)


def test_the_admin_site_cannot_rename_the_guardian_of_an_agreement(child, village):
    row, url = f.entrustment(child).guardianship, reverse("admin:registry_child_change", args=[child.pk])
    answer = village.post(url, form_data(village.get(url), "child_form", **{"guardianships-0-name": "王二叔"}))
    assert answer.status_code == 200 and "There is an agreement" in answer.content.decode()
    assert village.post(url, form_data(village.get(url), "child_form", hukou_place="宜昌")).status_code == 302
    row.refresh_from_db()
    assert row.name == "李奶奶"


def test_the_admin_site_cannot_hide_the_alarm(child, village):
    f.guardianship(child, alone=True, name="", found_on=f.today())
    url = reverse("admin:registry_child_change", args=[child.pk])
    answer = village.post(url, form_data(village.get(url), "child_form", **{"guardianships-0-ends_on": "2026-09-01"}))
    assert answer.status_code == 200 and "The child lives alone" in answer.content.decode()
    assert child.guardianships.get().ends_on is None
    answer = village.post(url, form_data(village.get(url), "child_form", hukou_place="宜昌"))
    assert answer.status_code == 302 and child.guardianships.get().alone


@pytest.mark.parametrize(
    "fields",
    [
        {"alone": True, "name": "李奶奶", "found_on": dt.date(2026, 9, 1)},
        {"alone": True, "name": ""},
        {"alone": True, "name": "", "found_on": dt.date(2026, 9, 1), "assessment": "good"},
    ],
)
def test_the_database_constrains_living_alone(fields, child):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.guardianship(child, **fields)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (ALONE | {"name": "李奶奶"}, "A carer is named below"),
        (ALONE | {"found_on": ""}, "when it was found"),
        (ALONE | {"signed_on": "2026-09-01"}, "An agreement is filled in below"),
        ({"care": "family", "name": "王大山", "found_on": "2026-09-01"}, "Leave it empty"),
        ({"care": "entrusted"}, "Enter the guardian"),
        ({"care": "nonsense"}, "not one of the available"),
        ({"care": "family", "name": "—"}, "Enter the name"),
        ({"care": "family", "version": "x"}, "whole number"),
        (ENTRUSTED | {"term_to": "2027-01-01"}, "first day of the term"),
        (ENTRUSTED | {"signed_on": "2999-01-01"}, "in the future"),
        (ENTRUSTED | {"reasons": "好" * 501}, "at most 500"),
        (ENTRUSTED | {"assessed_on": "2026-09-01"}, "Choose the grade"),
    ],
)
def test_contradictory_values_are_refused_with_a_reason(typed, words, child, village):
    answer = begin(village, child, **typed)
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not child.guardianships.exists()


def test_a_closed_file_refuses_a_guardianship(village):
    closed = f.child(closed_on=f.today(), closing="moved")
    answer = begin(village, closed, **ENTRUSTED)
    assert "file is closed" in answer.content.decode() and not closed.guardianships.exists()


def test_the_list_of_entrusted_care_shows_what_needs_work(village):
    notified = {"school_told_on": f.today(), "village_told_on": f.today()}
    past = f.today() - dt.timedelta(days=1)
    f.entrustment(f.child("全办好"), **notified)
    f.entrustment(f.child("没签字"), signed_on=None, **notified)
    f.entrustment(f.child("过期了"), term_from=past, term_to=past, **notified)
    f.entrustment(f.child("没告知"))
    f.entrustment(f.child("要复核"), review_on=past, **notified)
    f.entrustment(f.child("终止了"), ended_on=past, ending="父亲返乡", **notified)
    f.guardianship(f.child("没协议"), entrusted=True)
    f.entrustment(f.child("别村的", living_in=f.other_village()), signed_on=None)

    def found(show: str) -> set[str]:
        text = village.get(reverse("entrustment-list"), {"show": show}).content.decode()
        names = {"全办好", "没签字", "过期了", "没告知", "要复核", "终止了", "没协议", "别村的"}
        return {name for name in names if name in text}

    assert found("") == {"没签字", "过期了", "没告知", "要复核", "终止了", "没协议"}
    assert found("all") == {"全办好", "没签字", "过期了", "没告知", "要复核", "终止了", "没协议"}
    assert [found(show) for show in ("unsigned", "expired", "untold", "review", "over", "unwritten")] == [
        {"没签字"},
        {"过期了"},
        {"没告知"},
        {"要复核"},
        {"终止了"},
        {"没协议"},
    ]


@pytest.mark.django_db(transaction=True)
def test_the_scan_is_re_encoded_and_served_as_an_attachment(child, village):
    f.entrustment(child)
    url, old = at("child-agreement", child), Entrustment.objects.get().scan
    for name, data, kind in (
        ("a.pdf", pictures.pdf(), "application/pdf"),
        ("a.heic", pictures.photo("HEIF"), "image/jpeg"),
    ):
        assert village.post(url, {"file": SimpleUploadedFile(name, data)}).status_code == 302
        answer = village.post(at("child-agreement-file", child), {"purpose": "check"})
        assert answer["Content-Type"] == kind and answer["Content-Disposition"].startswith("attachment")
        assert child.name not in answer["Content-Disposition"]
    assert not private.part_exists(old, "jpg") and len(list(private.private_folder().glob("*"))) == 1
    assert Event.objects.filter(action="export", model="registry.entrustment", subject=child.code).count() == 2
    assert village.post(url, {"remove": "yes"}).status_code == 302
    assert village.post(at("child-agreement-file", child), {"purpose": "check"}).status_code == 404


def test_the_scan_is_taken_after_a_purpose_and_counts_as_a_paper_in_full(child, village, settings):
    settings.FULL_PAPERS_PER_DAY = 1
    f.entrustment(child)
    url = at("child-agreement-file", child)
    for page in ("child-guardianship", "child-agreement"):
        text = village.get(at(page, child)).content.decode()
        assert f'action="{url}"' in text and f'href="{url}"' not in text
    assert village.get(url).status_code == 405
    assert 'name="purpose"' in village.post(url).content.decode()
    assert not Event.objects.filter(action="export").exists()
    assert b"".join(village.post(url, {"purpose": "check"}).streaming_content) == b"scan"
    detail = Event.objects.get(action="export").detail
    assert (detail["full"], describe_detail(detail)) == (
        True,
        "scan of the agreement · purpose: to check the file · in full",
    )
    assert "the limit of 1 for today" in village.post(url, {"purpose": "check"}).content.decode()


@pytest.mark.parametrize("data", [pictures.pdf(b"/JavaScript"), b"MZ", pictures.bomb(), b""])
def test_a_hostile_scan_is_refused(data, child, village):
    f.entrustment(child)
    answer = village.post(at("child-agreement", child), {"file": SimpleUploadedFile("a.pdf", data)})
    assert answer.status_code == 200 and "error-summary" in answer.content.decode()


def test_without_an_agreement_there_is_no_scan_page(child, village):
    f.guardianship(child)
    assert village.get(at("child-agreement", child)).status_code == 404
    assert village.post(at("child-agreement-file", child), {"purpose": "check"}).status_code == 404


def test_another_village_has_no_access(child, login):
    f.entrustment(child)
    client = login(f.admin_of(f.other_village()))
    for page in ("child-guardianship", "child-guardianship-edit", "child-agreement"):
        assert client.get(at(page, child)).status_code == 404
    assert client.post(at("child-agreement-file", child), {"purpose": "check"}).status_code == 404
    answer = client.post(at("child-guardianship-new", child), ENTRUSTED | {"harmed": "yes", "version": "1"})
    assert answer.status_code == 404 and not CarerRefusal.objects.exists()


def test_views_and_writes_are_audited(child, village):
    begin(village, child, **ENTRUSTED)
    village.get(at("child-guardianship", child))
    lines = Event.objects.filter(subject=child.code)
    assert set(lines.filter(action="create").values_list("model", flat=True)) >= {
        "registry.guardianship",
        "registry.entrustment",
    }
    assert lines.filter(action="view", model="registry.child").exists()
    begin(village, child, **ENTRUSTED | {"harmed": "yes"})
    refused = lines.get(model="registry.carerrefusal")
    assert refused.user.role == "village" and "李奶奶" not in str(refused.changes)
