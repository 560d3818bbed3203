"""Keys of a demonstration, created once and stored beside its database."""

import base64
import json
import os
import secrets
from pathlib import Path

# The second is younger: a demonstration from before keeps its first.
FILES = {"keys.json": ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"), "trail-key.json": ("TRAIL_KEY",)}


def local_keys(folder: Path) -> dict[str, str]:
    """Return `{"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "TRAIL_KEY"}`, created on first use.

    Never used in production, which takes its keys from the environment and refuses to start without them.
    """
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"k1:{_random_key()}",
        "INDEX_KEY": _random_key(),
        "TRAIL_KEY": _random_key(),
    }
    folder.mkdir(mode=0o700, exist_ok=True)
    stored = {}
    for file, names in FILES.items():
        stored |= _stored_keys(folder / file, {name: keys[name] for name in names})
    return stored


def _stored_keys(path: Path, keys: dict[str, str]) -> dict[str, str]:
    """Return the keys in a file, which is made of `keys` if it is not there.

    Written to a temporary file and linked, so that two processes starting at once agree on one file.
    """
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(keys))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return json.loads(path.read_text())


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
