"""What is uploaded stays in memory: nothing readable is left by a killed process, and no request fills the memory."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from carebase.sheets.guard import MAX_FILE_SIZE

MEBI = 1024**2
# Reads an upload that never ends, and is killed in the middle of it.
KILLED = """
import os, signal, sys
import django
from django.core.handlers.wsgi import WSGIRequest

class Endless:
    sent = 0
    def read(self, size=-1):
        if not self.sent:
            self.sent = 1
            name = b'Content-Disposition: form-data; name="file"; filename="x.csv"'
            return b"--edge\\r\\n" + name + b"\\r\\nContent-Type: text/csv\\r\\n\\r\\n"
        self.sent += 1
        if self.sent * 65536 > 5 * 1024**2:
            os.kill(os.getpid(), signal.SIGKILL)
        return ("王小明,99000020160504011X\\n".encode() * 3000)[:65536]
    readline = read

os.environ["DJANGO_SETTINGS_MODULE"] = "carebase.settings"
django.setup()
environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_LENGTH": "20000000", "wsgi.input": Endless()}
WSGIRequest(environ | {"CONTENT_TYPE": "multipart/form-data; boundary=edge"}).FILES
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_process_that_is_killed_during_an_upload_leaves_nothing_of_it(tmp_path):
    folders = {name: str(tmp_path) for name in ("TMPDIR", "MEDIA_ROOT", "STATIC_ROOT")}
    run = subprocess.run([sys.executable, "-c", KILLED], cwd=Path(__file__).parents[2], env=os.environ | folders)
    assert run.returncode == -signal.SIGKILL
    assert list(tmp_path.rglob("*")) == []


def uploaded(**files: int) -> dict:
    """Return the files of a request that uploads so many bytes under each name."""
    data = {name: SimpleUploadedFile(f"{name}.csv", b"x" * size) for name, size in files.items()}
    return RequestFactory().post("/", data).FILES


def test_a_file_up_to_the_limit_arrives_whole():
    file = uploaded(file=MAX_FILE_SIZE)["file"]
    assert file.size == len(file.read()) == MAX_FILE_SIZE


def test_a_larger_file_tells_its_size_and_is_not_kept():
    file = uploaded(file=MAX_FILE_SIZE + 5 * MEBI)["file"]
    assert file.size == MAX_FILE_SIZE + 5 * MEBI
    assert len(file.read()) <= MAX_FILE_SIZE


def test_many_files_together_take_no_more_and_none_that_lost_something_passes_as_whole():
    files = list(uploaded(**{f"file{number}": 8 * MEBI for number in range(5)}).values())
    contents = [file.read() for file in files]
    assert sum(map(len, contents)) <= MAX_FILE_SIZE
    cut = [file for file, content in zip(files, contents, strict=True) if len(content) < 8 * MEBI]
    assert len(cut) == 3 and all(file.size > MAX_FILE_SIZE for file in cut)


def test_a_file_in_memory_is_read_as_one_on_the_disk():
    file = uploaded(file=3 * MEBI)["file"]
    assert isinstance(file.file, io.BytesIO) and sum(map(len, file.chunks())) == 3 * MEBI
