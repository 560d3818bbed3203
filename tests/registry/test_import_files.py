"""The uploaded file: stored encrypted with its import while it is needed, and read again from there."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from carebase.sheets.guard import SheetError
from registry.imports import staging, writer
from registry.models import ImportBatch, ImportFile
from tests import factories as f
from tests import workbooks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def create_batch(data=None, name="census.csv", by=None):
    f.village(), f.far_village()
    by = by or f.coordinator_of(f.township())
    data = workbooks.text_table(workbooks.row()) if data is None else data
    return staging.create_batch(name=name, data=data, term=f.term(), by=by)


def stored_bytes() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM registry_importfile")
        return bytes(cursor.fetchone()[0])


def test_the_file_is_encrypted_in_the_database():
    batch = create_batch()
    assert "王小明".encode() not in stored_bytes()
    assert "王小明".encode() in ImportFile.objects.get(batch=batch).data


def test_a_key_change_reaches_the_files_too(settings):
    data = workbooks.text_table(workbooks.row())
    batch = create_batch(data)
    settings.FIELD_KEYS = f"k9:{'A' * 43}=,{settings.FIELD_KEYS}"
    call_command("rotate_keys")
    assert stored_bytes().startswith(b"k9:")
    assert ImportFile.objects.get(batch=batch).data == data


def test_a_new_batch_has_no_rows_and_cannot_be_saved_before_it_is_read():
    batch = create_batch()
    assert (batch.status, batch.rows.count()) == ("reading", 0)
    with pytest.raises(ValidationError, match="still being read"):
        writer.save_batch(batch=batch, by=batch.by)


def test_reading_again_replaces_the_rows():
    batch = create_batch(
        workbooks.text_table(workbooks.row(), workbooks.row(name="李小花", id_number=workbooks.number(13)))
    )
    staging.stage_rows(batch)
    batch = staging.stage_rows(batch)
    assert (batch.status, batch.rows.count()) == ("preview", 2)


def test_a_stopped_reading_keeps_the_previous_rows(monkeypatch):
    batch = staging.stage_rows(create_batch())
    monkeypatch.setattr("registry.imports.staging.CHUNK", 1)

    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        staging.stage_rows(batch, progress=stop)
    assert batch.rows.count() == 1


def test_a_file_that_cannot_be_read_leaves_nothing_behind():
    with pytest.raises(SheetError):
        create_batch(b"%PDF-1.7", name="letter.pdf")
    empty = workbooks.text_table()
    with pytest.raises(SheetError, match="no child below the heading"):
        staging.stage_file(name="empty.csv", data=empty, term=f.term(), by=f.coordinator_of(f.township()))
    assert not ImportBatch.objects.exists()


def test_cancelling_deletes_the_file():
    batch = staging.stage_rows(create_batch())
    staging.cancel_batch(batch=batch, by=batch.by)
    assert not ImportFile.objects.exists()
    with pytest.raises(ValidationError, match="already saved or cancelled"):
        staging.stage_rows(batch)


def test_the_file_is_deleted_when_every_row_is_saved_and_stays_while_some_are_refused():
    whole = staging.stage_rows(create_batch())
    writer.save_batch(batch=whole, by=whole.by)
    half = staging.stage_rows(
        create_batch(workbooks.text_table(workbooks.row(id_number=workbooks.number(13)), {"name": "无"}))
    )
    writer.save_batch(batch=half, by=half.by, valid_rows=True)
    assert set(ImportFile.objects.values_list("batch", flat=True)) == {half.pk}
