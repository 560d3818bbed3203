"""Surveys: one a child and term, last term's answers beside, corrected by who made them, read by whom they concern."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.audit.models import Action, Event
from pairing.models import Pairing
from registry.access import users_who_see
from registry.models import Need, Survey
from registry.rounds.services import save_survey
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database
from tests.form_values import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DOMAINS = ("study", "life", "psychology", "safety", "health")
ALL_WELL = {f"{domain}_rating": "good" for domain in DOMAINS}


@pytest.fixture
def here():
    """A class with a child in a running round, its teacher, and a child of another class."""
    f.census_round()
    own, other = f.school_class(), f.school_class(number=2)
    return {
        "teacher": f.teacher_of(own),
        "child": f.child("王小明", school_class=own),
        "other": f.child("陈小红", school_class=other),
    }


def url_of(child) -> str:
    return reverse("child-survey", args=[child.code])


def answers(**more) -> dict:
    return {"visited_on": f.today(), **ALL_WELL, **more}


def last_term():
    return f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31))


def need_row(to, **more) -> dict:
    row = {"what": "冬衣", "domain": "life", "owner": to.pk, "due_on": f.today() + dt.timedelta(days=7)} | more
    return {f"need1-{part}": value for part, value in row.items()}


# Making one


def test_a_teacher_surveys_a_child_of_the_class(here, login):
    response = login(here["teacher"]).post(url_of(here["child"]), answers(study="认真", others="村主任"))
    assert response.url == url_of(here["child"])
    survey = Survey.objects.get()
    assert (survey.child, survey.term, survey.visited_by) == (here["child"], f.term(), here["teacher"])
    assert (survey.study, survey.others) == ("认真", "村主任")
    page = login(here["teacher"]).get(url_of(here["child"]))
    assert page.context["form"] is None and "认真" in page.content.decode()


def test_a_child_of_another_class_is_not_found(here, login):
    client = login(here["teacher"])
    assert client.get(url_of(here["other"])).status_code == 404
    assert client.post(url_of(here["other"]), answers()).status_code == 404
    assert not Survey.objects.exists()


def test_last_terms_answers_stand_beside_the_new_and_are_not_taken_over(here, login):
    f.survey(here["child"], f.user(Role.HEAD), term=last_term(), study="爱看书", living_conditions="两间瓦房")
    f.survey(here["other"], f.user(Role.HEAD), term=last_term(), study="别人的话")
    page = login(here["teacher"]).get(url_of(here["child"]))
    form = page.context["form"]
    assert form.fields["study"].before == "爱看书" and not form["study"].value()
    assert form.fields["study"].before_term == last_term()
    assert form.fields["study_rating"].before == "good"
    beside = page.content.decode().split('class="before"')[1:]
    assert any("爱看书" in part.split("</div>")[0] for part in beside)
    assert any("两间瓦房" in part.split("</div>")[0] for part in beside)
    assert "别人的话" not in page.content.decode()


def test_of_two_earlier_terms_the_last_stands_beside(here, login):
    older = f.term("2025-autumn", dt.date(2025, 9, 1), dt.date(2026, 2, 14))
    f.survey(here["child"], f.user(Role.HEAD), term=last_term(), study="新的")
    f.survey(here["child"], f.user(Role.HEAD), term=older, study="旧的")
    page = login(here["teacher"]).get(url_of(here["child"]))
    assert page.context["form"].fields["study"].before == "新的"
    assert "旧的" in page.content.decode()  # further down, among all that were made


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"visited_on": "2999-01-01"}, "The date is in the future."),
        ({"visited_on": "2026-08-31"}, "a visit before it belongs to another term"),
        ({"visited_on": "2026-02-30"}, "a date that does not exist"),
        ({"safety_rating": "urgent"}, "Describe what needs attention or is urgent."),
        ({"psychology_rating": "attention"}, "Describe what needs attention or is urgent."),
        ({"study_rating": ""}, "This field is required."),
        ({"health_rating": "nonsense"}, "Select a valid choice."),
        ({"study": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(here, login, wrong, words):
    data = answers(countermeasures="下周再来") | wrong
    page = login(here["teacher"]).post(url_of(here["child"]), data)
    assert page.status_code == 200 and words in page.content.decode()
    assert "下周再来" in page.content.decode() and not Survey.objects.exists()


def test_without_a_running_round_there_is_no_form_and_a_late_sending_loses_nothing(login):
    f.term()
    child = f.child(school_class=f.school_class())
    f.census_round(f.far_village())
    client = login(f.teacher_of(f.school_class()))
    page = client.get(url_of(child))
    assert page.context["form"] is None and "No census round is running" in page.content.decode()
    page = client.post(url_of(child), answers(study="认真"))
    assert "No census round is running" in page.content.decode() and "认真" in page.content.decode()
    assert not Survey.objects.exists()


def test_a_closed_file_needs_no_survey(here, login):
    child, client = here["child"], login(here["teacher"])
    child.closed_on, child.closing = f.today(), "moved"
    child.save()
    assert client.get(url_of(child)).context["form"] is None
    page = client.post(url_of(child), answers(study="认真"))
    assert "The file is closed; the child needs no survey." in page.content.decode()
    assert "认真" in page.content.decode() and not Survey.objects.exists()


def test_a_second_survey_of_the_term_is_refused_with_the_name_of_who_made_the_first(here, login):
    f.survey(here["child"], f.head_of(f.school()), visited_on=f.today())
    page = login(here["teacher"]).post(url_of(here["child"]), answers(study="认真"))
    assert "already surveyed this child this term" in page.content.decode() and "认真" in page.content.decode()
    assert Survey.objects.count() == 1


def test_the_same_form_sent_twice_makes_one_survey(here, login):
    client = login(here["teacher"])
    data = answers(form_token=client.get(url_of(here["child"])).context["form"]["form_token"].value())
    assert client.post(url_of(here["child"]), data).url == client.post(url_of(here["child"]), data).url
    assert Survey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_people_at_the_same_moment_one_makes_the_survey(here, tmp_path):
    people = [f.head_of(f.school()) for _number in range(4)]

    def making(user):
        survey = Survey(child=here["child"], term=f.term(), **ALL_WELL)
        return lambda: save_survey(survey=survey, by=user)

    acts = [making(user) for user in people]
    with shared_database(tmp_path):
        outcomes = run_concurrently(acts)
        first = Survey.objects.get()
    refused = f"{first.visited_by.name} already surveyed this child this term, on {first.visited_on}."
    assert sorted(outcomes) == sorted([DONE] + [refused] * 3)


# Correcting one


def test_who_made_it_corrects_it_and_others_do_not(here, login):
    survey = f.survey(here["child"], here["teacher"], study="认真")
    url = reverse("survey-update", args=[survey.code])
    assert login(f.head_of(f.school())).get(url).status_code == 403
    assert url not in login(f.head_of(f.school())).get(url_of(here["child"])).content.decode()
    client = login(here["teacher"])
    assert url in client.get(url_of(here["child"])).content.decode()
    sent = form_values(client.get(url)) | {"study": "很认真"}
    assert client.post(url, sent).url == url_of(here["child"])
    survey.refresh_from_db()
    assert (survey.study, survey.version) == ("很认真", 2)


def test_two_corrections_at_once_are_set_side_by_side(here, login):
    survey = f.survey(here["child"], here["teacher"])
    url, client = reverse("survey-update", args=[survey.code]), login(here["teacher"])
    sent = form_values(client.get(url))
    survey.psychology = "爱笑"
    survey.save()
    page = client.post(url, sent | {"psychology": "话少", **need_row(here["teacher"])})
    assert page.status_code == 409
    assert "爱笑" in page.content.decode() and "话少" in page.content.decode()
    mine = form_values(page)
    mine |= {f"choose-{row['name']}": "mine" for row in page.context["rows"]}
    assert client.post(url, mine).status_code == 302
    survey.refresh_from_db()
    assert survey.psychology == "话少" and Need.objects.get().what == "冬衣"


# Needs


def test_what_a_child_needs_becomes_a_task_of_somebody(here, login):
    head = f.head_of(f.school())
    response = login(here["teacher"]).post(url_of(here["child"]), answers(**need_row(head)))
    assert response.status_code == 302
    need = Need.objects.get()
    assert (need.child, need.survey, need.owner) == (here["child"], Survey.objects.get(), head)
    assert (need.what, need.domain, need.done_on) == ("冬衣", "life", None)


def test_rows_in_which_nothing_was_written_are_no_tasks(here, login):
    client = login(here["teacher"])
    page = client.get(url_of(here["child"]))
    sent = form_values(page) | ALL_WELL
    assert sent["need1-owner"] == str(here["teacher"].pk)  # preset, and not enough for a task
    assert client.post(url_of(here["child"]), sent).status_code == 302
    assert Survey.objects.exists() and not Need.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"domain": ""}, "Fill this in too"),
        ({"due_on": ""}, "Fill this in too"),
        ({"owner": ""}, "Fill this in too"),
        ({"what": ""}, "Fill this in too"),
        ({"due_on": "2020-01-01"}, "The date is in the past."),
        ({"due_on": "soon"}, "is not a date"),
        ({"what": "长" * 201}, "Ensure this value has at most 200 characters"),
    ],
)
def test_half_a_task_is_refused_and_nothing_is_saved(here, login, wrong, words):
    page = login(here["teacher"]).post(url_of(here["child"]), answers(**need_row(here["teacher"], **wrong)))
    assert words in page.content.decode()
    assert not Survey.objects.exists() and not Need.objects.exists()


def test_a_task_for_somebody_who_does_not_see_the_child_is_refused(here, login):
    stranger = f.teacher_of(f.school_class(number=2))
    page = login(here["teacher"]).post(url_of(here["child"]), answers(**need_row(stranger)))
    assert "need1-owner" in page.context["form"].errors and not Survey.objects.exists()


def test_the_service_too_refuses_an_owner_who_does_not_see_the_child_and_saves_nothing(here):
    stranger, survey = f.head_of(f.other_school()), Survey(child=here["child"], term=f.term(), **ALL_WELL)
    need = Need(what="冬衣", domain="life", owner=stranger, due_on=f.today())
    with pytest.raises(ValidationError, match="someone who can see this child"):
        save_survey(survey=survey, needs=[need], by=here["teacher"])
    assert not Survey.objects.exists() and not Need.objects.exists()


def test_the_service_refuses_a_child_of_another_class(here):
    with pytest.raises(ValidationError, match="outside your area"):
        save_survey(survey=Survey(child=here["other"], term=f.term(), **ALL_WELL), by=here["teacher"])
    assert not Survey.objects.exists()


def test_those_a_task_may_be_given_to_are_those_who_see_the_child_and_keep_tasks():
    child = f.child(school_class=f.school_class())
    loose = f.child("赵小兰", living_in=f.far_village())
    for place in (f.village(), f.other_village()):
        f.admin_of(place)
    for place in (f.township(), f.county(), f.far_village()):
        f.coordinator_of(place)
    f.head_of(f.school()), f.head_of(f.other_school())
    f.teacher_of(f.school_class()), f.teacher_of(f.school_class(number=2))
    f.posted_user(Role.ADMIN, f.county()), f.posted_user(Role.AUDITOR, f.county())
    f.post(f.user(Role.TEACHER), f.school_class(), approved=False)
    f.post(f.user(Role.HEAD), f.school(), ends_on=f.today() - dt.timedelta(days=1))
    child.referrals.create(counsellor=f.one_of(Role.COUNSELLOR))
    accompanying = f.carer(user=f.user(Role.TEACHER))
    Pairing.objects.create(child=child, carer=accompanying, seat=1)
    Pairing.objects.create(child=loose, carer=f.carer(user=f.one_of(Role.CARER)), seat=1)
    former = f.carer(user=f.user(Role.TEACHER))
    Pairing.objects.create(child=child, carer=former, seat=1, ended_on=f.today(), ending="other")
    for pupil in (child, loose):
        keep = {user for user in User.objects.all() if user.has_perm("registry.change_need", pupil)}
        assert set(users_who_see(pupil, permission="registry.change_need")) == keep
        assert keep and accompanying.user not in keep, "a carer keeps no needs, whatever the role"


# Reading


def test_the_words_on_psychology_do_not_stand_in_the_database(here, login):
    login(here["teacher"]).post(url_of(here["child"]), answers(psychology="夜里常哭", psychology_rating="attention"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT psychology FROM registry_survey")
        stored = cursor.fetchone()[0]
    assert stored and "夜里常哭" not in stored
    assert not [event for event in Event.objects.all() if "夜里常哭" in str(event.changes)]
    assert Survey.objects.get().psychology == "夜里常哭"


def test_a_counsellor_reads_the_surveys_and_a_carer_does_not(here, login):
    f.survey(here["child"], here["teacher"], psychology="夜里常哭")
    counsellor, cadre = f.one_of(Role.COUNSELLOR), f.one_of(Role.CARER)
    here["child"].referrals.create(counsellor=counsellor)
    Pairing.objects.create(child=here["child"], carer=f.carer(user=cadre), seat=1)
    page = login(counsellor).get(url_of(here["child"]))
    assert "夜里常哭" in page.content.decode() and page.context["form"] is None
    assert login(cadre).get(url_of(here["child"])).status_code == 403
    assert url_of(here["child"]) not in login(cadre).get(here["child"].get_absolute_url()).content.decode()


def test_the_childs_file_leads_to_its_surveys_and_reading_them_is_recorded(here, login):
    client = login(here["teacher"])
    assert url_of(here["child"]) in client.get(here["child"].get_absolute_url()).content.decode()
    before = Event.objects.filter(action=Action.VIEW, subject=here["child"].code).count()
    client.get(url_of(here["child"]))
    assert Event.objects.filter(action=Action.VIEW, subject=here["child"].code).count() == before + 1


def test_saving_a_survey_and_its_tasks_is_recorded(here, login):
    login(here["teacher"]).post(url_of(here["child"]), answers(**need_row(here["teacher"])))
    lines = Event.objects.filter(action=Action.CREATE, subject=here["child"].code, user=here["teacher"])
    assert set(lines.values_list("model", flat=True)) == {"registry.survey", "registry.need"}
