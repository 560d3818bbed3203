"""The progress page of a job, and the response of a view that has enqueued one."""

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
def test_the_page_shows_the_progress_and_reloads_itself(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    page = login(head).get(job.get_absolute_url())
    assert "Waiting in the queue." in page.content.decode() and page["Refresh"] == "2"

    queue.claim()
    progress.replace_file(progress.job_file_path(job.code, "progress"), "4500 20000")
    page = login(head).get(job.get_absolute_url())
    text = page.content.decode()
    assert '<progress max="20000" value="4500"' in text and "22 % · Counting sheep" in text
    assert page["Refresh"] == "2" and "22 % done." in text


@pytest.mark.django_db
def test_the_page_does_not_reload_on_request(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    page = login(head).get(job.get_absolute_url(), {"still": "1"})
    assert "Refresh" not in page.headers and "Refresh" in page.content.decode()


@pytest.mark.django_db
def test_the_page_redirects_when_the_job_is_done(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/children/")
    Worker(1).work()
    assert login(head).get(job.get_absolute_url()).url == "/children/"


@pytest.mark.django_db
def test_the_page_of_a_failed_job_says_why_and_links_back(queued, kinds, head, login):
    def refuse(job, progress):
        raise ValidationError("Row 7 is <refused>.")

    job = services.enqueue(kinds(refuse), by=head, url="/done/", back="/children/import/")
    Worker(1).work()
    page = login(head).get(job.get_absolute_url())
    text = page.content.decode()
    assert "Row 7 is &lt;refused&gt;." in text and 'href="/children/import/"' in text
    assert "Refresh" not in page.headers


@pytest.mark.django_db
def test_opening_the_page_requeues_the_job_of_a_dead_process(queued, kinds, head, login, settings):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    queue.claim()
    settings.JOBS_LOST_AFTER = -1
    assert "Waiting in the queue." in login(head).get(job.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_cancelling_a_waiting_job_redirects_back_and_says_so(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/", back="/children/")
    page = login(head).post(job.get_absolute_url(), follow=True)
    assert page.redirect_chain[-1][0] == "/children/" and "Cancelled; nothing was saved." in page.content.decode()
    assert "Cancelled; nothing was saved." in login(head).get(job.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_cancelling_a_running_job_says_that_it_is_ending(queued, kinds, head, login, monkeypatch):
    monkeypatch.setattr("carebase.jobs.views.CANCEL_WAIT_SECONDS", 0)
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    queue.claim()
    page = login(head).post(job.get_absolute_url(), follow=True)
    text = page.content.decode()
    assert "It is being cancelled" in text and "Cancel" not in text and progress.cancel_requested(job.code)


@pytest.mark.django_db
def test_cancelling_a_job_that_has_ended_changes_nothing(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/children/")
    Worker(1).work()
    assert login(head).post(job.get_absolute_url(), follow=True).redirect_chain[-1][0] == "/children/"
    job.refresh_from_db()
    assert job.state == State.DONE


@pytest.mark.django_db
def test_a_short_job_redirects_to_its_result_and_a_long_one_to_its_page(kinds, head, settings):
    request, kind = request_of(head), kinds(lambda job, progress: None)
    assert job_response(request, services.enqueue(kind, by=head, url="/done/")).url == "/done/"
    settings.JOBS = "process"
    job = services.enqueue(kind, by=head, url="/done/")
    assert job_response(request, job, seconds=0).url == job.get_absolute_url()


@pytest.mark.django_db
def test_a_refused_job_redirects_back_with_its_message(kinds, head):
    def refuse(job, progress):
        raise ValidationError("Row 7 is refused.")

    request = request_of(head)
    assert job_response(request, services.enqueue(kinds(refuse), by=head, url="/done/", back="/back/")).url == "/back/"
    assert [str(message) for message in get_messages(request)] == ["Row 7 is refused."]


@pytest.mark.django_db
def test_the_job_of_another_user_is_not_found(queued, kinds, head, login):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    stranger = login(f.head_of(f.other_school()))
    assert stranger.get(job.get_absolute_url()).status_code == 404
    assert stranger.post(job.get_absolute_url()).status_code == 404
    job.refresh_from_db()
    assert job.state == State.WAITING
