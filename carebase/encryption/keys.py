"""Keys of a demonstration, created once and stored beside its database."""

import base64
import json
import os
import secrets
from pathlib import Path


def local_keys(folder: Path) -> dict[str, str]:
    """Return `{"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"}`, created on first use.

    Never used in production, which takes its keys from the environment and refuses to start without them.
    """
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "FIELD_KEYS": f"k1:{_random_key()}",
            "INDEX_KEY": _random_key(),
        }
        # Written to a temporary file and linked, so that two processes starting at once agree on one file.
        temporary = folder / f"keys.{os.getpid()}"
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
