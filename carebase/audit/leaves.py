"""The leaf of an audit event: the hash of what its row says, as RFC 6962 hashes the leaves of a tree.

It is made of what can be read back from either database: times in UTC, addresses and numbers in one spelling, JSON with
sorted keys. The key of the row is not part of it, as it is unknown before the insert.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from carebase.audit.merkle import hash_leaf

LEAF_FIELDS = (
    "at",
    "user_id",
    "action",
    "model",
    "object_code",
    "subject",
    "changes",
    "detail",
    "address",
    "account",
)
_stored = DjangoJSONEncoder().encode
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def canonical_number(text: str) -> float | int:
    """Return 1.0 and 1e20 as integers: PostgreSQL writes them as such, digit by digit."""
    number = Decimal(text)
    return int(number) if number == int(number) else float(text)


_read = json.JSONDecoder(parse_float=canonical_number).decode


def canonical_row(at: datetime, user, action, model, object_code, subject, changes, detail, address, account) -> bytes:
    """Return the bytes that the leaf of a row is the hash of; the arguments are the values of LEAF_FIELDS."""
    if address and ":" in address:
        address = str(ip_address(address))
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    if changes or detail:
        changes, detail = _read(_stored((changes, detail)))
    return _canonical((moment, user, action, model, object_code, subject, changes, detail, address, account)).encode()


class LeafField(models.BinaryField):
    """Set when the row is inserted, by whatever way."""

    def pre_save(self, model_instance, add):
        leaf = hash_leaf(canonical_row(*(getattr(model_instance, name) for name in LEAF_FIELDS)))
        setattr(model_instance, self.attname, leaf)
        return leaf
