"""Who is acting: the request's user, or whom a command names. Read by every audited write."""

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
    """Return who is acting now; the user of a request is read lazily, so that pages without audit cost nothing."""
    if actor := _actor.get():
        return actor
    request = _request.get()
    if request is None:
        return Actor()
    user = getattr(request, "user", None)
    return Actor(user if user is not None and user.is_authenticated else None, client_address(request))


@contextmanager
def acting_as(user, address: str | None = None) -> Iterator[None]:
    """Let everything inside be done by `user`, where no request says so: commands, services called with `by=`.

    `address`: where the request came from that asked for it, when it is over by now.
    """
    token = _actor.set(Actor(user, address or current_actor().address))
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def acting_for_request(request) -> Iterator[None]:
    """Let everything inside be done by the user of `request`."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def client_address(request) -> str | None:
    """Return the browser's address. Only as many forwarded hops are believed as there are trusted proxies."""
    if hops := settings.TRUSTED_PROXIES:
        forwarded = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(forwarded) >= hops and is_address(forwarded[-hops]):
            return forwarded[-hops]
    address = request.META.get("REMOTE_ADDR", "")
    return address if is_address(address) else None


def is_address(text: str) -> bool:
    """Return whether the database can hold `text` as an address; a server on a socket has none, a header may lie."""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
