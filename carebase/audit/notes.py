"""Signed notes (c2sp.org/signed-note): a text, an empty line, and a line with its Ed25519 signature."""

from base64 import b64decode, b64encode, urlsafe_b64decode
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext as _

ORIGIN = "carebase/audit-trail"  # the name of the trail, and of its keys
ED25519 = b"\x01"
KEY_ID_SIZE = 4


class BadNote(Exception):
    """A note without a valid signature of a known key."""


@cache
def signing_keys(entries: str) -> list[Ed25519PrivateKey]:
    """Return the keys of TRAIL_KEY, of which the first signs."""
    return [Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(entry)) for entry in entries.split(",")]


def key_id(public: bytes) -> bytes:
    return sha256(ORIGIN.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_SIZE]


def key_id_of(signature: str) -> str:
    """Return the id of the key that the signature line names."""
    return b64decode(signature.rsplit(" ", 1)[-1])[:KEY_ID_SIZE].hex()


def verifier_key(key: Ed25519PrivateKey) -> str:
    """Return the public key as others take it: name, id and key."""
    public = key.public_key().public_bytes_raw()
    return f"{ORIGIN}+{key_id(public).hex()}+{b64encode(ED25519 + public).decode()}"


def own_verifier_keys() -> list[str]:
    return [verifier_key(key) for key in signing_keys(settings.TRAIL_KEY)]


def sign(text: str) -> str:
    """Return the signature line for `text`, which ends with a newline."""
    key = signing_keys(settings.TRAIL_KEY)[0]
    identity = key_id(key.public_key().public_bytes_raw())
    return f"— {ORIGIN} {b64encode(identity + key.sign(text.encode())).decode()}"


def public_keys(verifier_keys: list[str]) -> dict[bytes, Ed25519PublicKey]:
    """Return the keys by their id; raise ValueError for what is none."""
    keys = [b64decode(key.split("+", 2)[-1].strip(), validate=True)[1:] for key in verifier_keys]
    return {key_id(key): Ed25519PublicKey.from_public_bytes(key) for key in keys}


def open_note(note: str, verifier_keys: list[str]) -> str:
    """Return the text of a note; raise BadNote unless one of the keys signed it."""
    text, _empty, signature = note.strip().rpartition("\n\n")
    try:
        signed = b64decode(signature.rsplit(" ", 1)[-1], validate=True)
        identity, signed = signed[:KEY_ID_SIZE], signed[KEY_ID_SIZE:]
        public_keys(verifier_keys)[identity].verify(signed, f"{text}\n".encode())
    except ValueError as error:
        raise BadNote(_("the signature, or the key to check it with, cannot be read")) from error
    except KeyError as error:
        raise BadNote(_("it is signed with a key that is not known here: %s") % identity.hex()) from error
    except InvalidSignature as error:
        raise BadNote(_("the signature does not belong to this text")) from error
    return f"{text}\n"
