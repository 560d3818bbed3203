"""An HTTP client with one session over one connection, which measures the cost of its requests."""

import http.client
import re
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from statistics import median
from urllib.parse import urlencode

from carebase.management.benchmark.server import COUNT, CPU
from carebase.management.demo_server import HOST

CHILD_LINK = re.compile(r'href="/children/([0-9B-Z]{10})/"')


class UnexpectedResponse(Exception):
    """A response had another status than expected."""


class FormParser(HTMLParser):
    """Parses the values that a browser would post of the form with the most fields."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.open_text = ""
        self.feed(page)

    @property
    def values(self) -> dict[str, str]:
        return max(self.forms, key=len)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        name, kind = attributes.get("name"), attributes.get("type")
        if tag == "form":
            self.forms.append({})
        elif tag == "textarea" and name:
            self.forms[-1][name], self.open_text = "", name
        elif tag == "input" and name and (kind not in {"radio", "checkbox"} or "checked" in attributes):
            self.forms[-1][name] = attributes.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data):
        if self.open_text:
            self.forms[-1][self.open_text] += data.strip()

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.open_text = ""


class Browser:
    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.queries: int | None = None
        self.clock_cost = median(self.cpu_seconds(lambda: None) for _number in range(15))

    def sign_in(self, username: str, password: str) -> "Browser":
        self.get("/login/")
        page = self.get("/login/")
        token = FormParser(page).values["csrfmiddlewaretoken"]
        self.post("/login/", {"username": username, "password": password, "csrfmiddlewaretoken": token})
        return self

    def get(self, path: str) -> str:
        return self.send("GET", path, expected=200)

    def post(self, path: str, values: dict[str, str]) -> str:
        return self.send("POST", path, urlencode(values), expected=302)

    def count_queries(self, send_request) -> int:
        self.queries = 0
        try:
            send_request()
            return self.queries
        finally:
            self.queries = None

    def cost(self, send_request) -> float:
        """Return the server's processor time for the request, in seconds."""
        return max(0.0, self.cpu_seconds(send_request) - self.clock_cost)

    def cpu_seconds(self, send_request) -> float:
        before = float(self.send("GET", CPU, expected=200))
        send_request()
        return float(self.send("GET", CPU, expected=200)) - before

    def send(self, method: str, path: str, body: str | None = None, *, expected: int) -> str:
        self.connection.request(method, path, body, self.headers(body))
        response = self.connection.getresponse()
        page = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status != expected:
            raise UnexpectedResponse(f"{method} {path}: {response.status}")
        if self.queries is not None:
            self.queries = int(response.headers[COUNT])
        return page

    def headers(self, body: str | None) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.queries is not None:
            headers[COUNT] = "1"
        return headers
