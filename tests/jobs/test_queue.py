"""A job runs once, in one process; an interrupted one runs again or fails with a message."""

import datetime as dt
import logging
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.utils import timezone, translation
from django.utils.translation import get_language

from carebase.audit.models import Event
from carebase.jobs import progress as progress_files
from carebase.jobs import queue, services
from carebase.jobs.models import Job
from carebase.jobs.tasks import Cancelled
from carebase.jobs.worker import Worker
from registry.models import Division, School
from tests import factories as f
from tests.concurrency import DONE, run_concurrently, shared_database

pytestmark = pytest.mark.postgres
State = Job.State


def work_all() -> int:
    """Run all waiting jobs; return how many there were."""
    worker, count = Worker(1), 0
    while worker.work():
        count += 1
    return count


def claim_ago(job: Job, seconds: int) -> None:
    """Claim the job for a worker that has sent no heartbeat since then."""
    claimed = queue.claim()
    assert claimed == job
    claimed.started_at = timezone.now() - dt.timedelta(seconds=seconds)
    claimed.save()


@pytest.mark.django_db
def test_a_job_runs_as_its_user_in_their_language_and_from_their_address(queued, kinds, head):
    other, seen = f.head_of(f.other_school()), []

    def name_a_place(job, progress):
        seen.append((job.options, get_language()))
        f.division("990101101203", "新村").save()
        Division.objects.get(code="990101101203").delete()

    kind = kinds(name_a_place)
    with translation.override("zh-hans"):
        job = services.enqueue(kind, by=head, url="/done/", number=3)
    services.enqueue(kind, by=other, url="/done/")
    assert seen == [], "it waits"
    job.address = "192.0.2.7"
    job.save()

    assert work_all() == 2
    job.refresh_from_db()
    assert (job.state, job.message, seen[0]) == (State.DONE, "", ({"number": 3}, "zh-hans"))
    line = Event.objects.filter(model="registry.division", action="delete").earliest("pk")
    assert (line.user, line.address) == (head, "192.0.2.7")


@pytest.mark.django_db
def test_a_refusal_becomes_the_message_of_the_job_and_rolls_back(queued, kinds, head):
    def refuse(job, progress):
        f.other_school()
        raise ValidationError("Row 7 is refused.")

    job = services.enqueue(kinds(refuse), by=head, url="/done/", back="/back/")
    work_all()
    job.refresh_from_db()
    assert (job.state, job.message) == (State.FAILED, "Row 7 is refused.")
    assert job.ended_at and not School.objects.filter(code="2142000002").exists()


@pytest.mark.django_db
def test_an_error_is_logged_and_shown_without_its_details(queued, kinds, head, caplog):
    def fail(job, progress):
        f.other_school()
        raise ZeroDivisionError("secret")

    job = services.enqueue(kinds(fail), by=head, url="/done/")
    with caplog.at_level(logging.CRITICAL):  # the log itself is not read here
        work_all()
    job.refresh_from_db()
    assert job.state == State.FAILED and "Something went wrong" in job.message and "secret" not in job.message
    assert not School.objects.filter(code="2142000002").exists()


@pytest.mark.django_db
def test_a_job_of_an_unknown_task_fails(queued, head, caplog):
    job = services.enqueue("forgotten", by=head, url="/done/")
    work_all()
    job.refresh_from_db()
    assert job.state == State.FAILED


@pytest.mark.django_db
def test_a_subject_has_one_open_job(queued, kinds, head):
    kind = kinds(lambda job, progress: None)
    first = services.enqueue(kind, by=head, url="/a/", subject="ABC")
    elsewhere = services.enqueue(kind, by=head, url="/a/", subject="XYZ")
    assert services.enqueue(kind, by=head, url="/a/", subject="ABC") == first != elsewhere
    with pytest.raises(ValidationError, match="Someone is working"):
        services.enqueue(kind, by=f.head_of(f.other_school()), url="/a/", subject="ABC")
    work_all()
    assert services.enqueue(kind, by=head, url="/a/", subject="ABC") != first, "it is over"


@pytest.mark.django_db
def test_the_job_of_a_dead_process_is_run_by_the_next(queued, kinds, head, settings):
    done = []
    job = services.enqueue(kinds(lambda job, progress: done.append(job.attempts)), by=head, url="/done/")
    claim_ago(job, settings.JOBS_LOST_AFTER + 1)
    work_all()
    job.refresh_from_db()
    assert (job.state, done) == (State.DONE, [2])


@pytest.mark.django_db
def test_the_job_of_a_living_process_is_left_to_it(queued, kinds, head, settings):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    claim_ago(job, settings.JOBS_LOST_AFTER + 1)
    progress_files.replace_file(progress_files.job_file_path(job.code, "progress"), "1 2")
    assert work_all() == 0
    job.refresh_from_db()
    assert job.state == State.RUNNING


@pytest.mark.django_db
def test_a_job_that_is_interrupted_too_often_fails_with_a_message(queued, kinds, head, settings):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    settings.JOBS_LOST_AFTER = -1
    for _attempt in range(queue.MAX_ATTEMPTS):
        assert queue.claim() == job
    assert queue.claim() is None
    job.refresh_from_db()
    assert job.state == State.FAILED and "interrupted 3 times" in job.message


@pytest.mark.django_db
def test_a_run_that_was_taken_for_dead_is_rolled_back(queued, kinds, head):
    """It wakes up after another process has taken the job: the later one's result is the only one."""

    def slow(job, progress):
        f.division(f"99010110121{job.attempts}", f"run {job.attempts}")
        if job.attempts == 1:
            again = Job.objects.get(pk=job.pk)
            again.attempts = 2
            again.save()

    job = services.enqueue(kinds(slow), by=head, url="/done/")
    Worker(1).work()
    job.refresh_from_db()
    assert not Division.objects.filter(name="run 1").exists()
    assert (job.state, job.attempts) == (State.RUNNING, 1), "what the first run wrote is rolled back, all of it"


@pytest.mark.django_db
def test_a_job_runs_again_after_the_database_was_away(queued, kinds, head, caplog):
    attempts = []

    def flaky(job, progress):
        attempts.append(job.attempts)
        if len(attempts) == 1:
            raise OperationalError("database is locked")

    job = services.enqueue(kinds(flaky), by=head, url="/done/")
    work_all()
    job.refresh_from_db()
    assert (job.state, attempts) == (State.DONE, [1, 2])


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_report(queued, kinds, head):
    waiting = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    services.cancel(waiting, by=head)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED and work_all() == 0

    def count(job, progress):
        f.other_school()
        services.cancel(Job.objects.get(pk=job.pk), by=head)
        progress.write_heartbeat()
        progress(1, 2)
        raise AssertionError("it goes on")

    job = services.enqueue(kinds(count), by=head, url="/done/")
    work_all()
    job.refresh_from_db()
    assert job.state == State.CANCELLED and not School.objects.filter(code="2142000002").exists()
    assert not progress_files.cancel_requested(job.code), "its files are removed"


@pytest.mark.django_db
def test_a_job_cancelled_while_its_process_died_is_not_run_again(queued, kinds, head, settings):
    job = services.enqueue(kinds(lambda job, progress: None), by=head, url="/done/")
    claim_ago(job, settings.JOBS_LOST_AFTER + 1)
    job.refresh_from_db()
    services.cancel(job, by=head)
    assert work_all() == 0
    job.refresh_from_db()
    assert job.state == State.CANCELLED


@pytest.mark.django_db
def test_a_process_that_ends_requeues_its_job(queued, kinds, head):
    worker = Worker(1)

    def stop(job, progress):
        worker.stop()
        progress.write_heartbeat()
        progress(1, 2)

    job = services.enqueue(kinds(stop), by=head, url="/done/")
    assert worker.work()
    job.refresh_from_db()
    assert job.state == State.WAITING
    worker.loop()  # ends at once, and looks at nothing more


@pytest.mark.django_db(transaction=True)
def test_of_eight_concurrent_workers_one_takes_each_job(queued, kinds, head, tmp_path):
    done = []
    jobs = [services.enqueue(kinds(lambda job, progress: done.append(job.pk)), by=head, url="/done/") for _ in range(4)]
    with shared_database(tmp_path):
        outcomes = run_concurrently([lambda: Worker(1).work()] * 8)
        assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert outcomes == [DONE] * 8
    assert sorted(done) == [job.pk for job in jobs]


@pytest.mark.django_db(transaction=True)
def test_a_save_during_a_job_waits_and_succeeds(queued, kinds, head, tmp_path):
    """SQLite has one writer at a time; the other must not fail."""
    school, writing = head.postings.get().school, threading.Event()

    def write(job, progress):
        f.division("990101101203", "新村")
        writing.set()
        threading.Event().wait(1)  # as long as an import would hold the database

    def save():
        assert writing.wait(10)
        school.name = "新校名"
        school.save()

    services.enqueue(kinds(write), by=head, url="/done/")
    with shared_database(tmp_path):
        assert run_concurrently([lambda: Worker(1).work(), save]) == [DONE, DONE]
        assert School.objects.get(pk=school.pk).name == "新校名"
        assert Division.objects.filter(name="新村").exists()


def test_progress_raises_only_when_the_job_must_end(settings):
    with progress_files.ProgressReporter("ABC") as reporter:
        reporter(3, 7)
        reporter.write_heartbeat()
        assert progress_files.read_progress("ABC") == (3, 7)
        progress_files.request_cancel("ABC")
        reporter.write_heartbeat()
        with pytest.raises(Cancelled):
            reporter(4, 7)
    progress_files.remove_files("ABC")
    assert progress_files.read_progress("ABC") == (0, 0) and progress_files.last_heartbeat("ABC") == 0


def test_a_damaged_progress_file_is_read_as_none(settings):
    for text in ("", "1", "nonsense", "1 2 3", "1 x"):
        progress_files.replace_file(progress_files.job_file_path("ABC", "progress"), text)
        assert progress_files.read_progress("ABC") == (0, 0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets writers side by side")
def test_a_writer_waits_longer_than_the_largest_import():
    assert connection.settings_dict["OPTIONS"]["timeout"] >= 60
