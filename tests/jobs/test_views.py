"""The page of long work, and what a view answers that has started some."""

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.session import SessionStorage
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import RequestFactory

from carebase.jobs import progress, queue, services
from carebase.jobs.models import Job
from carebase.jobs.views import job_response
from carebase.jobs.worker import Worker
from tests import factories as f

State = Job.State


def request_of(user) -> HttpRequest:
    request = RequestFactory().post("/")
    request.user, request.session = user, {}
    request._messages = SessionStorage(request)
    return request


@pytest.mark.django_db
def test_the_page_says_how_far_it_is_and_looks_again_by_itself(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    page = login(head).get(job.get_absolute_url())
    assert "It waits for its turn." in page.content.decode() and page["Refresh"] == "2"

    queue.claim()
    progress.replace_file(progress.job_file_path(job.code, "progress"), "4500 20000")
    page = login(head).get(job.get_absolute_url())
    text = page.content.decode()
    assert '<progress max="20000" value="4500"' in text and "22 % · Counting sheep" in text
    assert page["Refresh"] == "2" and "22 % done." in text


@pytest.mark.django_db
def test_a_person_who_wants_the_page_to_keep_still_gets_one_that_does(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    page = login(head).get(job.get_absolute_url(), {"still": "1"})
    assert "Refresh" not in page.headers and "Look again" in page.content.decode()


@pytest.mark.django_db
def test_the_page_leads_on_when_it_is_done(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/children/")
    Worker(1).work()
    assert login(head).get(job.get_absolute_url()).url == "/children/"


@pytest.mark.django_db
def test_the_page_of_failed_work_says_why_and_leads_back(queued, kinds, head, login):
    def refuse(job, progress):
        raise ValidationError("Row 7 is <refused>.")

    job = services.enqueue(kinds(refuse), by=head, url="/done/", back="/children/import/")
    Worker(1).work()
    page = login(head).get(job.get_absolute_url())
    text = page.content.decode()
    assert "Row 7 is &lt;refused&gt;." in text and 'href="/children/import/"' in text
    assert "Refresh" not in page.headers


@pytest.mark.django_db
def test_opening_the_page_finds_out_that_the_process_has_died(queued, kinds, head, login, settings):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    queue.claim()
    settings.JOBS_LOST_AFTER = -1
    assert "It waits for its turn." in login(head).get(job.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_cancelling_what_waits_leads_back_and_says_so(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/", back="/children/")
    page = login(head).post(job.get_absolute_url(), follow=True)
    assert page.redirect_chain[-1][0] == "/children/" and "It was cancelled" in page.content.decode()
    assert "It was cancelled" in login(head).get(job.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_cancelling_what_runs_says_that_it_is_being_ended(queued, kinds, head, login, monkeypatch):
    monkeypatch.setattr("carebase.jobs.views.CANCEL_WAIT_SECONDS", 0)
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    queue.claim()
    page = login(head).post(job.get_absolute_url(), follow=True)
    text = page.content.decode()
    assert "It is being ended" in text and "Cancel it" not in text and progress.cancel_requested(job.code)


@pytest.mark.django_db
def test_cancelling_what_is_over_changes_nothing(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/children/")
    Worker(1).work()
    assert login(head).post(job.get_absolute_url(), follow=True).redirect_chain[-1][0] == "/children/"
    job.refresh_from_db()
    assert job.state == State.DONE


@pytest.mark.django_db
def test_short_work_is_answered_with_its_result_and_long_work_with_its_page(kinds, head, settings):
    request, kind = request_of(head), kinds(lambda job, progress: None)
    assert job_response(request, services.enqueue(kind, by=head, url="/done/")).url == "/done/"
    settings.JOBS = "process"
    job = services.enqueue(kind, by=head, url="/done/")
    assert job_response(request, job, seconds=0).url == job.get_absolute_url()


@pytest.mark.django_db
def test_refused_work_is_answered_with_its_sentence_on_the_page_before(kinds, head):
    def refuse(job, progress):
        raise ValidationError("Row 7 is refused.")

    request = request_of(head)
    assert job_response(request, services.enqueue(kinds(refuse), by=head, url="/done/", back="/back/")).url == "/back/"
    assert [str(message) for message in get_messages(request)] == ["Row 7 is refused."]


@pytest.mark.django_db
def test_somebody_elses_work_is_not_found(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    stranger = login(f.head_of(f.other_school()))
    assert stranger.get(job.get_absolute_url()).status_code == 404
    assert stranger.post(job.get_absolute_url()).status_code == 404
    job.refresh_from_db()
    assert job.state == State.WAITING
