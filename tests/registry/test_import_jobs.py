"""Long imports: reading and saving outside the request."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from carebase.audit.models import Action, Event
from carebase.jobs import views
from carebase.jobs.models import Job
from carebase.jobs.worker import Worker
from registry.imports import staging
from registry.models import Child, ImportBatch, ImportFile
from tests import factories as f
from tests import workbooks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def client(login, settings, monkeypatch):
    """The coordinator's client; jobs wait in the queue until the test runs them, and no page waits for them."""
    settings.JOBS = "process"
    monkeypatch.setattr(views.services, "wait_for", lambda job, seconds=0: job)
    f.village(), f.other_village()
    return login(f.coordinator_of(f.township()))


def upload(client, data=None):
    file = SimpleUploadedFile("census.xlsx", data or workbooks.official_form(workbooks.row()))
    return client.post(reverse("import-upload"), {"file": file, "term": f.term().pk})


def staged(client) -> ImportBatch:
    upload(client)
    Worker(1).work()
    return ImportBatch.objects.get()


def test_a_sheet_is_read_and_saved_by_the_worker_in_the_senders_name(client):
    sent = upload(client)
    job, batch = Job.objects.get(), ImportBatch.objects.get()
    assert sent.url == job.get_absolute_url() and batch.status == "reading"
    Worker(1).work()
    assert client.get(sent.url).url == batch.get_absolute_url()

    confirmed = client.post(batch.get_absolute_url(), {"mode": "all"})
    assert Child.objects.count() == 0
    Worker(1).work()
    assert client.get(confirmed.url).url == batch.get_absolute_url()
    assert Child.objects.get().imported_in == batch
    line = Event.objects.get(action=Action.IMPORT)
    assert (line.user, line.address) == (batch.by, "127.0.0.1"), "who clicked, and from where"


def test_during_the_job_every_link_to_the_preview_leads_to_its_progress(client):
    upload(client)
    batch, reading = ImportBatch.objects.get(), Job.objects.get()
    assert client.get(batch.get_absolute_url()).url == reading.get_absolute_url()
    Worker(1).work()
    client.post(batch.get_absolute_url(), {"mode": "all"})
    saving = Job.objects.get(state="waiting")
    for answer in (
        client.get(batch.get_absolute_url()),
        client.post(batch.get_absolute_url(), {"mode": "all"}),
        client.post(batch.get_absolute_url(), {"mode": "cancel"}),
    ):
        assert answer.url == saving.get_absolute_url()
    assert Job.objects.count() == 2, "a second click asks for nothing more"


def test_a_reading_that_is_cancelled_keeps_nothing_of_the_file(client):
    upload(client)
    client.post(Job.objects.get().get_absolute_url())
    assert ImportBatch.objects.get().status == "cancelled" and not ImportFile.objects.exists()


def test_a_saving_that_is_cancelled_leaves_the_preview_as_it_was(client):
    batch = staged(client)
    job = Job.objects.get(pk=client.post(batch.get_absolute_url(), {"mode": "all"}) and Job.objects.first().pk)
    client.post(job.get_absolute_url())
    assert Worker(1).work() is False
    assert "Nothing has been saved yet" in client.get(batch.get_absolute_url()).content.decode()
    client.post(batch.get_absolute_url(), {"mode": "all"})
    Worker(1).work()
    assert Child.objects.count() == 1


def test_a_reading_error_is_shown_on_the_job_page_and_the_file_is_deleted(client):
    sent = upload(client, workbooks.official_form())
    Worker(1).work()
    page = client.get(sent.url).content.decode()
    assert "no child below the heading" in page and reverse("import-upload") in page
    assert not ImportFile.objects.exists()


def test_a_refused_confirmation_leads_back_to_the_preview_and_says_why(client, settings):
    batch = staged(client)
    f.child("王小明", id_number=workbooks.number())
    settings.JOBS = "inline"
    page = client.post(batch.get_absolute_url(), {"mode": "all"}, follow=True)
    assert "registered in the meantime" in page.content.decode() and Child.objects.count() == 1


def test_reading_a_sheet_does_not_block_other_writers(client, monkeypatch):
    """SQLite allows one writer at a time, so reading a large sheet must not hold the lock."""
    before, depths = len(connection.savepoint_ids), []
    read = staging.read_rows

    def noticed(*arguments):
        depths.append(len(connection.savepoint_ids))
        return read(*arguments)

    monkeypatch.setattr(staging, "read_rows", noticed)
    assert staged(client).status == "preview"
    assert depths == [before], "the test's own transaction is the only one"
