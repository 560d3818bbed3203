"""Keys of an installation on one machine, made once and kept beside its database."""

import base64
import json
import os
import secrets
from pathlib import Path


def local_keys(folder: Path) -> dict[str, str]:
    """Return `{"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"}` of the demonstration, made on first use.

    Production never comes here: it takes its keys from the environment and refuses to start without them.
    """
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "FIELD_KEYS": f"k1:{_random_key()}",
            "INDEX_KEY": _random_key(),
        }
        # Written aside and linked, so that two processes starting at once agree on one file.
        aside = folder / f"keys.{os.getpid()}"
        aside.touch(mode=0o600)
        aside.write_text(json.dumps(made))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return json.loads(path.read_text())


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
