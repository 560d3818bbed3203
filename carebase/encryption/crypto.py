"""Encryption of single values: AES-GCM bound to the field's name, and a keyed hash for exact search.

Each value begins with the id of its key, so that a new key can encrypt while an old one still decrypts
(`manage.py rotate_keys` then moves every row). Keys are 32 random bytes in URL-safe base64, outside the database.
"""

import base64
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12  # bytes, the size that AES-GCM is specified for


class DecryptionError(ValueError):
    """The value was encrypted with no configured key, or belongs to another field."""


@lru_cache(maxsize=4)
def _ciphers(configured: str) -> dict[str, AESGCM]:
    pairs = (entry.split(":", 1) for entry in configured.split(",") if entry)
    return {key_id: AESGCM(base64.urlsafe_b64decode(key)) for key_id, key in pairs}


def current_key_id() -> str:
    return next(iter(_ciphers(settings.FIELD_KEYS)))


def encrypt_bytes(label: str, plain: bytes) -> bytes:
    """Return `<key id>:<nonce><ciphertext>`; only the same `label` (model.field) decrypts it."""
    key_id, nonce = current_key_id(), os.urandom(NONCE_BYTES)
    return key_id.encode() + b":" + nonce + _ciphers(settings.FIELD_KEYS)[key_id].encrypt(nonce, plain, label.encode())


def decrypt_bytes(label: str, stored: bytes) -> bytes:
    """Return the plain bytes; raise DecryptionError for an unknown key or another label."""
    key_id, _, sealed = bytes(stored).partition(b":")
    cipher = _ciphers(settings.FIELD_KEYS).get(key_id.decode("ascii", "replace"))
    if cipher is None:
        raise DecryptionError(f"No key {key_id!r} is configured to read {label}.")
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: shorter than any sealed value
        raise DecryptionError(f"A value of {label} cannot be read with its key.") from error


def encrypt(label: str, plain: str) -> str:
    """Return text of the form `k1:<base64>`."""
    key_id, _, sealed = encrypt_bytes(label, plain.encode()).partition(b":")
    return f"{key_id.decode()}:{base64.b64encode(sealed).decode()}"


def decrypt(label: str, stored: str) -> str:
    key_id, _, sealed = stored.partition(":")
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError as error:
        raise DecryptionError(f"A value of {label} was damaged.") from error
    return decrypt_bytes(label, key_id.encode() + b":" + raw).decode()


def keyed_hash(label: str, plain: str) -> str:
    """Return 32 hexadecimal digits, equal only for equal values of the same `label`."""
    message = f"{label}\0{plain}".encode()
    return hmac.digest(settings.INDEX_KEY.encode(), message, "sha256")[:16].hex()
