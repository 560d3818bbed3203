"""`manage.py term_report`: the page's rows in a file, whole or not at all."""

import csv
import io
import os

import pytest
from django.core.management import CommandError, call_command

from carebase.audit.models import Action, Event
from carebase.reports.management.commands import term_report
from tests import factories as f

pytestmark = pytest.mark.django_db


def run(output, term="2026-autumn", division="990101101000", **more):
    call_command("term_report", term=term, division=division, output=str(output), stdout=io.StringIO(), **more)


def without_export(file: bytes, encoding: str) -> list[list[str]]:
    """Return the rows of a file without their last column, which names the export."""
    return [row[:-1] for row in csv.reader(io.StringIO(file.decode(encoding)))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_command_writes_the_rows_of_the_page(login, tmp_path, encoding):
    f.term()
    f.child()
    f.child("远方的孩子", living_in=f.far_village())
    query = {"term": "2026-autumn", "division": "990101101000", "encoding": encoding}
    page = b"".join(login(f.coordinator_of(f.township())).get("/reports/term.csv", query).streaming_content)
    run(tmp_path / "report.csv", encoding=encoding)
    written = (tmp_path / "report.csv").read_bytes()
    assert written[:4] == page[:4] and without_export(written, encoding) == without_export(page, encoding)
    assert len(page.splitlines()) == len(written.splitlines()) == 2
    event = Event.objects.get(action=Action.EXPORT, user=None)
    assert f"export no. {event.pk} · a scheduled command" in written.decode(encoding)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"term": "2031-autumn"}, "no term “2031-autumn”"),
        ({"division": "990199999000"}, "no place with the code “990199999000”"),
    ],
)
def test_an_unknown_term_or_place_is_refused_with_a_reason(tmp_path, wrong, sentence):
    f.term()
    f.township()
    with pytest.raises(CommandError, match=sentence):
        run(tmp_path / "report.csv", **wrong)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    f.term()
    f.township()
    with pytest.raises(CommandError, match="could not be written"):
        run(tmp_path / "nowhere" / "report.csv")


def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    f.term()
    f.child()
    report = tmp_path / "report.csv"
    report.write_text("last week's")

    def full(*args, **kwargs):
        yield b"half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(term_report, "export", full)
    with pytest.raises(CommandError, match="No space left on device"):
        run(report)
    assert os.listdir(tmp_path) == ["report.csv"]
    assert report.read_text() == "last week's"


def test_only_its_owner_reads_the_file(tmp_path):
    f.term()
    f.child()
    run(tmp_path / "report.csv")
    assert (tmp_path / "report.csv").stat().st_mode & 0o077 == 0


def test_the_command_is_recorded_without_a_user(tmp_path):
    f.term()
    f.child()
    run(tmp_path / "report.csv")
    event = Event.objects.get(action=Action.EXPORT)
    assert (event.user, event.object_code, event.detail["command"]) == (None, "990101101000", "term_report")
