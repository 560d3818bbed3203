"""Who is acting: the user of the request, or the one a command or service names. Every audit event reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings


@dataclass(frozen=True)
class Actor:
    """A user (None before sign-in) and the address that the request came from (None for commands)."""

    user: object = None
    address: str | None = None


_request: ContextVar = ContextVar("request", default=None)
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor:
    """Return who is acting. The request's user is read lazily, so that pages without audit events cost nothing."""
    if actor := _actor.get():
        return actor
    request = _request.get()
    if request is None:
        return Actor()
    user = getattr(request, "user", None)
    return Actor(user if user is not None and user.is_authenticated else None, client_address(request))


@contextmanager
def acting_as(user, address: str | None = None) -> Iterator[None]:
    """Attribute everything inside to `user`: for commands, and services called with `by=`.

    Background jobs pass the `address` of the request that started them.
    """
    token = _actor.set(Actor(user, address or current_actor().address))
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def acting_for_request(request) -> Iterator[None]:
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def client_address(request) -> str | None:
    """Return the browser's address, believing as many forwarded hops as there are trusted proxies."""
    if hops := settings.TRUSTED_PROXIES:
        forwarded = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(forwarded) >= hops and is_address(forwarded[-hops]):
            return forwarded[-hops]
    address = request.META.get("REMOTE_ADDR", "")
    return address if is_address(address) else None


def is_address(text: str) -> bool:
    """Return whether `text` is an IP address: a server on a socket has none, and a header may hold anything."""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
