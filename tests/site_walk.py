"""A walk over the whole site as one person: every page that links lead to, and every form of these pages.

The browser is one of `http_browser`: over HTTP, or within the process.
"""

import datetime as dt
import json
from collections import defaultdict, deque
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404, resolve
from django.utils import timezone

from tests import pictures
from tests.html_forms import FINAL, FIRST, Form, fill, links, read_forms

TRIES = 4  # pages of one kind of which the form is sent until one is accepted
WORDS = ("王", "合心", "中心", "四年级", "a", "百里洲")  # one of them finds a row in any search field
REFUSED = ("error-summary", "errorlist", "errornote")
SHEET = Path(__file__).parent / "data" / "census_form_34.xlsx"
PASSWORD, NEW_PASSWORD = "carebase-demo", "Xiao-Yu-2026-Lai-Le"
VISIT = {"observed": "家里整洁，书桌靠窗"}
# What a form needs beyond what it shows, by the page that it is sent to: {the end of a control's name: its value}.
GIVEN: dict[str, dict] = {
    "login": {"password": PASSWORD},
    "password-change": {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    "child-create": {"id_reason": "没有带户口本"},
    "child-close": {"ground": "moved"},
    "child-keep": {"until": (timezone.localdate() + dt.timedelta(days=30)).isoformat()},
    "child-enrol": {"children": FIRST},
    "child-guardianship-new": {"care": "family", "name": "李秀兰"},
    "transfer-create": {"village": FINAL},
    "transfer-detail": {"words": "已在本村登记"},
    "activity-attendance": {"present": FIRST},
    "visit-create": VISIT,
    "admin:visits_visit_add": VISIT,
    "admin:registry_child_add": {"birth_date": "2016-05-04", "id_reason": "没有带户口本"},
    "admin:registry_posting_add": {"division": FIRST},
    "admin:registry_schoolclass_add": {"entry_year": "2025", "number": "7"},
    "admin:registry_definition_add": {"code": "D9"},
    "admin:registry_division_add": {"code": "990101101299"},
    "admin:registry_term_add": {"starts_on": "2031-02-15", "ends_on": "2031-08-31"},
    "admin:accounts_user_add": {"initial_password": NEW_PASSWORD},
}
FILES = dict.fromkeys(("import-upload", "comparison-create"), lambda: (SHEET.name, SHEET.read_bytes()))
ON_EVERY_PAGE = {"logout", "set_language"}
# Sent last, as what follows would meet what is closed, another language or password, or nobody.
LAST = [
    "child-guardianship-new",
    "import-preview",
    "child-enrol",
    "import-undo",
    "child-close",
    "set_language",
    "password-change",
    "logout",
]
LEFT_OUT = {"_addanother", "_continue"}  # save like "_save"; Django alone decides where they lead


class Sending(NamedTuple):
    """A filled form."""

    form: Form
    data: dict[str, list[str]]

    def with_value(self, name: str, value: str) -> "Sending":
        return self._replace(data=self.data | {name: [value]})


def page_name(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def kind_of(path: str) -> tuple:
    return page_name(path), frozenset(name for name, _value in parse_qsl(urlsplit(path).query))


def kind_of_form(form: Form, way: dict) -> tuple:
    """Return what forms have in common of which one is sent: the pages it is on and sent to, and the button."""
    page = page_name(form.action)
    return page, "" if page in ON_EVERY_PAGE else page_name(form.address), form.method, way_name(way)


def was_accepted(answer) -> bool:
    return answer.status < 400 and not any(sign in answer.text for sign in REFUSED)


class SiteWalk:
    """Reads every kind of page and sends every kind of form once, by `browser`; `faults` are the errors it met."""

    def __init__(self, browser):
        self.browser, self.faults = browser, []
        self.queue = deque()
        self.known = defaultdict(list)  # kind of a page: its first addresses, of which the first is read
        self.shown_by = {}  # kind of a form: the kind of the page that shows it
        self.waiting, self.accepted = [], set()  # kinds of forms

    def sign_in_form(self, username: str) -> Sending:
        (form,) = [form for form in read_forms(self.open("/login/").text, "/login/") if form.values("username")]
        return self.fill(form, {}).with_value("username", username)

    def sign_in(self, username: str) -> None:
        answer = self.transmit(self.sign_in_form(username))
        assert answer.location == "/", answer.text

    def run(self) -> None:
        self.note_link("/")
        while self.queue or self.waiting:
            while self.queue:
                self.read(self.queue.popleft())
            if self.waiting:
                self.waiting.sort(key=lambda kind: LAST.index(kind[0]) if kind[0] in LAST else -1)
                self.write(self.waiting.pop(0))

    def open(self, path: str):
        return self.look(self.browser.get(path), path)

    def look(self, answer, what: str):
        if answer.status >= 500:
            self.faults.append(f"{what}: {answer.status} {answer.body.decode()[-600:]}")
        return answer

    def read(self, path: str) -> None:
        answer = self.open(path)
        for form in read_forms(answer.text, path):
            for way in form.ways():
                self.note_form(kind_of_form(form, way), path)
        for link in links(answer.text, path) + ([answer.location] if answer.location else []):
            self.note_link(link)

    def note_link(self, link: str) -> None:
        addresses = self.known[kind_of(link)]
        if link not in addresses and len(addresses) < TRIES:
            addresses.append(link)
            if len(addresses) == 1:
                self.queue.append(link)

    def note_form(self, kind: tuple, path: str) -> None:
        if kind not in self.shown_by and not LEFT_OUT & set(kind[-1]):
            self.shown_by[kind] = kind_of(path)
            self.waiting.append(kind)

    def write(self, kind: tuple) -> None:
        """Send the form of this kind on one page after the other until one is accepted."""
        for path in self.known[self.shown_by[kind]]:
            forms = read_forms(self.open(path).text, path)
            found = [(form, way) for form in forms for way in form.ways() if kind_of_form(form, way) == kind]
            for form, way in found[:1]:
                self.send(kind, self.fill(form, way))
            if kind in self.accepted:
                return

    def send(self, kind: tuple, sending: Sending) -> None:
        answer = self.look(self.transmit(sending), f"{sending.form.method} {sending.form.action} {kind[-1]}")
        if was_accepted(answer):
            self.accepted.add(kind)
        if answer.location:
            self.note_link(answer.location)

    def fill(self, form: Form, way: dict) -> Sending:
        given = GIVEN.get(page_name(form.action), {})
        return Sending(form, fill(form, given, lambda control: self.search(form, control)) | way)

    def search(self, form: Form, control) -> tuple[str, str]:
        """Return the first row that the script of a search field would suggest, as key and label."""
        own = f"{form.address.split('?')[0]}?suggest={control.name.removesuffix('-words')}"
        for word in WORDS:
            answer = self.open(f"{own if control.search == '?' else control.search}&term={word}")
            if answer.status == 200 and (results := json.loads(answer.body)["results"]):
                return results[0]["id"], results[0]["text"]
        return "", ""

    def transmit(self, sending: Sending):
        form, body = sending.form, urlencode(sending.data, doseq=True)
        if form.method == "GET":
            return self.browser.get(f"{form.action.split('?')[0]}?{body}")
        self.browser.page = form.address
        if not form.multipart:
            return self.browser.post(form.action, body.encode(), "application/x-www-form-urlencoded")
        make = FILES.get(page_name(form.action), lambda: ("photo.jpg", pictures.photo()))
        files = {control.name: SimpleUploadedFile(*make()) for control in form.controls if control.kind == "file"}
        return self.browser.post(form.action, encode_multipart(BOUNDARY, sending.data | files), MULTIPART_CONTENT)


def way_name(way: dict) -> tuple[str, ...]:
    """Return the names of a way, with the value where it is a word of ours: a number means one row among many."""
    plain = {name for name, values in way.items() if name.startswith("_") or values[0].isdecimal()}
    return tuple(name if name in plain else f"{name}={values[0]}" for name, values in way.items())
