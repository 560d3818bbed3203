"""Private files: complete before a row refers to them, removed after no row does, and encrypted on the disk."""

import os
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.http import Http404

from carebase.encryption.crypto import DecryptionError
from carebase.files import private
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def on_disk() -> set[str]:
    return {path.name for path in private.private_folder().glob("*")}


def aged(name: str, part: str, seconds: int = 7200) -> None:
    past = time.time() - seconds
    os.utime(private.part_path(name, part), (past, past))


def test_the_disk_holds_no_readable_byte_and_only_the_owner_may_open_it():
    name = private.store(small=b"the face of a child", large=b"larger")
    path = private.part_path(name, "small")
    assert b"face" not in path.read_bytes() and path.stat().st_mode & 0o777 == 0o600
    assert private.read_part(name, "small") == b"the face of a child"


def test_a_file_that_was_put_in_anothers_place_is_not_read():
    one, other = private.store(small=b"one"), private.store(small=b"other")
    os.replace(private.part_path(other, "small"), private.part_path(one, "small"))
    with pytest.raises(DecryptionError):
        private.read_part(one, "small")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 31, "A" * 32, "*" * 32, "a" * 32 + "\n"])
def test_a_name_that_was_not_given_here_is_no_path(name):
    with pytest.raises(ValueError):
        private.part_path(name, "small")


def test_a_file_leaves_only_after_the_commit(django_capture_on_commit_callbacks):
    name = private.store(small=b"x", large=b"y")
    with django_capture_on_commit_callbacks() as waiting:
        private.remove_on_commit(name)
    assert len(on_disk()) == 2
    waiting[0]()
    assert not on_disk()


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_when_the_change_is_rolled_back():
    name = private.store(small=b"x")
    with pytest.raises(RuntimeError), transaction.atomic():
        private.remove_on_commit(name)
        raise RuntimeError
    assert private.read_part(name, "small") == b"x"


def test_a_full_disk_is_reported_and_leaves_nothing_behind(monkeypatch):
    write_file = private.write_file

    def fail_on_large(path, data):
        if path.name.endswith("large"):
            raise OSError(28, "No space left on device")
        write_file(path, data)

    monkeypatch.setattr(private, "write_file", fail_on_large)
    with pytest.raises(ValidationError, match="storage is full"):
        private.store(small=b"x", large=b"y")
    assert not on_disk()


def test_old_orphans_are_removed_and_young_ones_stay():
    child = f.with_photo(f.child())
    aged(child.photo, "small"), aged(child.photo, "large")
    orphan, young = private.store(small=b"x"), private.store(small=b"y")
    aged(orphan, "small")
    call_command("sweep_files", verbosity=0)
    assert on_disk() == {f"{child.photo}.small", f"{child.photo}.large", f"{young}.small"}


def test_the_folder_of_another_database_is_not_emptied():
    for _ in range(30):
        aged(private.store(small=b"x"), "small")
    with pytest.raises(private.WrongFolder):
        private.remove_orphans()
    assert len(on_disk()) == 30


def test_a_missing_file_is_a_404():
    with pytest.raises(Http404):
        private.file_response("a" * 32, "small", content_type="image/jpeg", filename="photo.jpg")
    with pytest.raises(Http404):
        private.file_response("", "small", content_type="image/jpeg", filename="photo.jpg")


def test_a_new_key_reads_and_rotates_the_old_files(settings):
    child = f.with_photo(f.child())
    key = settings.FIELD_KEYS.split(",")[0].split(":")[1]
    settings.FIELD_KEYS = f"k9:{'A' * 43}=,{settings.FIELD_KEYS}"
    assert key and private.rotate_files() == 2 and private.rotate_files() == 0
    settings.FIELD_KEYS = f"k9:{'A' * 43}="
    assert private.read_part(child.photo, "large") == b"large"


def test_the_audit_trail_shows_that_the_photo_changed_but_not_its_name():
    from carebase.audit.models import Event

    child = f.with_photo(f.child())
    (change,) = [event.changes["photo"] for event in Event.objects.filter(action="change") if "photo" in event.changes]
    assert change[0] == "" and change[1] and child.photo not in change[1]
