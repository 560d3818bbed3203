"""Files that belong to a record: encrypted, under random names, in a folder that is never served by URL.

A file is complete on the disk before a row refers to it, and is removed only after the row that no longer refers to it
is committed. So a crash leaves at most an orphan, for `remove_orphans`. Only a view that has checked permission and
scope reads a file. One stored name may have several parts ("small", "large").
"""

import io
import logging
import os
import re
import secrets
import time
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from carebase.encryption.crypto import current_key_id, decrypt_bytes, encrypt_bytes

logger = logging.getLogger(__name__)
NAME_PATTERN = re.compile(r"[0-9a-f]{32}")
MIN_ORPHAN_AGE = 3600  # seconds; a younger file may belong to an open transaction
MAX_ORPHANS = 20


class WrongFolder(Exception):
    """Hardly any file belongs to this database."""


class PrivateFileField(models.CharField):
    """The stored name of a file, or ""."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 32, "blank": True, "default": "", "editable": False} | kwargs)

    def audit_value(self, value):
        """Return enough of the name to see that the file was replaced, but too little to find it."""
        return value[:6]


def private_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "private"


def part_path(name: str, part: str) -> Path:
    if not NAME_PATTERN.fullmatch(name):
        raise ValueError("This is not the name of a private file.")
    return private_folder() / f"{name}.{part}"


def store(**parts: bytes) -> str:
    """Write the parts of a new file and return its name; raise ValidationError when the disk fails or is full.

    Call it in the transaction that saves the row; after a rollback the file is an orphan.
    """
    name = secrets.token_hex(16)
    try:
        private_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        for part, data in parts.items():
            path = part_path(name, part)
            write_file(path, encrypt_bytes(path.name, data))
        sync_folder()
    except OSError as error:
        logger.exception("A private file could not be written")
        remove(name)
        raise ValidationError(_("The file could not be saved: the storage is full or not working.")) from error
    return name


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder() -> None:
    """Make new file names survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(private_folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def part_exists(name: str, part: str) -> bool:
    return bool(name) and part_path(name, part).exists()


def read_part(name: str, part: str) -> bytes:
    path = part_path(name, part)
    return decrypt_bytes(path.name, path.read_bytes())


def remove_on_commit(name: str) -> None:
    if name:
        transaction.on_commit(lambda: remove(name))


def remove(name: str) -> None:
    """Remove all parts of a file; what cannot be removed is left to `remove_orphans`."""
    for path in private_folder().glob(f"{name}.*"):
        try:
            path.unlink()
        except OSError:
            logger.warning("A private file could not be removed; it is left for sweep_files")


def file_response(name: str, part: str, *, content_type: str, filename: str, attachment: bool = False) -> FileResponse:
    """Return the file, uncached, or raise Http404. `filename` must not identify the person, as it stays on disks."""
    if not name:
        raise Http404
    try:
        data = read_part(name, part)
    except FileNotFoundError as error:
        logger.error("A private file that a record names is missing")
        raise Http404 from error
    response = FileResponse(io.BytesIO(data), content_type=content_type, filename=filename, as_attachment=attachment)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # If a browser shows it as a page of its own after all, no script in it may run.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def private_file_fields() -> list[models.Field]:
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    return [field for field in fields if isinstance(field, PrivateFileField)]


def referenced_names() -> set[str]:
    names: set[str] = set()
    for field in private_file_fields():
        rows = field.model._base_manager.exclude(**{field.name: ""})
        names |= set(rows.values_list(field.name, flat=True).iterator())
    return names


def remove_orphans(older_than: int = MIN_ORPHAN_AGE) -> int:
    """Remove the files that no row refers to and that are older than so many seconds; return how many.

    Raise WrongFolder when that would be most of them: crashes leave few, but with the wrong database all are orphans.
    """
    # First the folder, then the rows, so that a file stored meanwhile is not in the list.
    before = time.time() - older_than
    old = [path for path in private_folder().glob("*.*") if path.stat().st_mtime < before]
    referenced = referenced_names()
    orphans = [path for path in old if path.name.partition(".")[0] not in referenced]
    if len(orphans) > MAX_ORPHANS and len(orphans) * 2 > len(old):
        raise WrongFolder
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def rotate_files() -> int:
    """Encrypt all files with the current key; return how many were not. Safe to interrupt and repeat."""
    current, rotated = f"{current_key_id()}:".encode(), 0
    for path in list(private_folder().glob("*.*")):
        stored = path.read_bytes()
        if path.suffix == ".new" or stored.startswith(current):
            continue
        fresh = path.with_suffix(f"{path.suffix}.new")
        fresh.unlink(missing_ok=True)  # left by an interrupted run
        write_file(fresh, encrypt_bytes(path.name, decrypt_bytes(path.name, stored)))
        os.replace(fresh, path)
        rotated += 1
    return rotated
