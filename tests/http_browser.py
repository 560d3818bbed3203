"""Plain browsers: `get(path)` and `post(path, body, kind)` return an Answer."""

import copy
import http.client
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import quote, urljoin

from django.db import transaction
from django.test import Client

HOST, CLIENT_ADDRESS = "carebase.example.org", "203.0.113.7"


class Answer(NamedTuple):
    status: int
    location: str
    kind: str
    body: bytes

    @property
    def text(self) -> str:
        """Return the page; "" of files."""
        return self.body.decode() if self.kind.startswith("text/html") else ""


class Browser:
    """Speaks HTTP on one kept-alive connection, as a proxy that terminates TLS passes requests on."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}  # sent with each request
        self.page = "/"

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "", **headers: str) -> Answer:
        sent = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": CLIENT_ADDRESS}
        sent |= {"Referer": f"https://{HOST}{self.page}", "Content-Type": kind} | self.headers | headers
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, quote(path, safe="/?&=%+:;,"), body, {k: v for k, v in sent.items() if v})
        response = self.connection.getresponse()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        location = response.getheader("Location", "")
        location = location and urljoin(path, location)
        return Answer(response.status, location, response.getheader("Content-Type", ""), response.read())

    def get(self, path: str) -> Answer:
        self.page = path.split("?")[0]
        return self.send("GET", path)

    def post(self, path: str, body: bytes, kind: str) -> Answer:
        return self.send("POST", path, body, kind)


class ClientBrowser:
    """The same within the process, for tests whose changes are undone; an error is an answer with its traceback."""

    def __init__(self, user):
        self.client, self.page = Client(raise_request_exception=False), "/"
        self.client.force_login(user)

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "", **headers) -> Answer:
        response = self.client.generic(method, path, body, kind, **headers)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code >= 500 and response.exc_info:
            body = "".join(traceback.format_exception(*response.exc_info)[-3:]).encode()
        location = response.headers.get("Location", "")
        location = location and urljoin(path, location)
        return Answer(response.status_code, location, response.headers.get("Content-Type", ""), body)

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: bytes, kind: str) -> Answer:
        return self.send("POST", path, body, kind)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what is changed inside, cookies too."""
        cookies = copy.deepcopy(self.client.cookies)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        self.client.cookies = cookies
