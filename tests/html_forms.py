"""The forms of a page as a browser sends them, and what somebody fills in who wants them accepted."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.utils import timezone

BOXES = {"checkbox", "radio"}
ACTION, ROWS = "action", "_selected_action"  # of a list of the admin site
FIRST, FINAL = 0, -1  # values that are given: the first or the last that the form offers
TEMPLATE_ROW = "__prefix__"  # of an inline of the admin site: the row that its script copies


@dataclass
class Control:
    name: str
    kind: str  # the type of an input, "select", "textarea" or "button"
    value: str = ""
    attributes: dict = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    search: str = ""  # where a search field asks for its rows

    @property
    def sent(self) -> list[str]:
        """Return what a browser sends if nobody touched the control."""
        if self.kind == "select":
            return self.chosen or ([] if "multiple" in self.attributes else self.options[:1])
        untouched = self.kind in {"button", "file"} or (self.kind in BOXES and "checked" not in self.attributes)
        return [] if untouched else [self.value]

    @property
    def all_values(self) -> list[str]:
        return self.options if self.kind == "select" else [self.value]

    @property
    def is_required(self) -> bool:
        return "required" in self.attributes


@dataclass
class Form:
    address: str  # of its page
    action: str
    method: str
    multipart: bool = False
    controls: list[Control] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for control in self.controls if control.name == name for value in control.all_values]

    def ways(self) -> list[dict[str, list[str]]]:
        """Return what each way to send it adds to the data: its buttons, or the actions of an admin's list."""
        if actions := [value for value in self.values(ACTION) if value]:
            return [{ACTION: [action], ROWS: self.values(ROWS)} for action in actions]
        buttons = [control for control in self.controls if control.kind == "button"]
        return [{control.name: [control.value]} for control in buttons] or [{}]

    def data(self) -> dict[str, list[str]]:
        data: dict[str, list[str]] = {}
        for control in self.controls:
            for value in control.sent:
                data.setdefault(control.name, []).append(value)
        return data


class FormsReader(HTMLParser):
    def __init__(self, address: str):
        super().__init__()
        self.address, self.forms, self.by_id = address, [], {}
        self.form = self.control = None
        self.search = ""

    def handle_starttag(self, tag, pairs):
        attributes = {name: value or "" for name, value in pairs}
        if tag == "form":
            action = urljoin(self.address, attributes.get("action") or self.address)
            self.form = Form(self.address, action, attributes.get("method", "get").upper())
            self.form.multipart = attributes.get("enctype") == "multipart/form-data"
            self.forms.append(self.form)
            if "id" in attributes:
                self.by_id[attributes["id"]] = self.form
        elif "data-url" in attributes:
            self.search = attributes["data-url"] or "?"
        elif tag == "option" and self.control:
            self.control.options.append(attributes.get("value", ""))
            self.control.chosen += [self.control.options[-1]] if "selected" in attributes else []
        elif tag in {"input", "select", "textarea", "button"}:
            self.add(tag, attributes)

    def add(self, tag: str, attributes: dict) -> None:
        name, kind = attributes.get("name", ""), attributes.get("type", "text") if tag == "input" else tag
        form = self.by_id.get(attributes["form"]) if "form" in attributes else self.form
        if not form or not name or TEMPLATE_ROW in name:
            return
        kind = "button" if kind == "submit" else kind
        value = attributes.get("value", "on" if kind in BOXES else "")
        self.control = Control(name, kind, value, attributes)
        if name.endswith("-words"):
            self.control.search = self.search
        form.controls.append(self.control)

    def handle_data(self, data):
        if self.control and self.control.kind == "textarea":
            self.control.value += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag in {"select", "textarea"}:
            self.control = None


def read_forms(html: str, address: str) -> list[Form]:
    reader = FormsReader(address)
    reader.feed(html)
    return reader.forms


def fill(form: Form, given: dict, search) -> dict[str, list[str]]:
    """Return the data of `form` with each required control filled, and those whose name ends with a key of `given`.

    `search(control)` returns the key and the label of a row that a search field offers.
    """
    data = form.data()
    for control in form.controls:
        name = control.name.removesuffix("-words")
        value = next((given[end] for end in given if name.endswith(end)), None)
        empty = not any(data.get(name, []))
        if control.search:
            data |= fill_search(control, name, search) if empty and (value is not None or control.is_required) else {}
        elif value in (FIRST, FINAL):
            offered = [choice for choice in form.values(name) if choice]
            data[name] = [offered[value]] if offered else data.get(name, [])
        elif value is not None:
            data[name] = [value]
        elif empty and control.is_required:
            data[name] = sensible_values(control)
    return data


def fill_search(control: Control, name: str, search) -> dict[str, list[str]]:
    key, label = search(control)
    return {name: [key], control.name: [label], f"{name}-shown": [label]}


def sensible_values(control: Control) -> list[str]:
    if control.kind == "select":
        return [option for option in control.options if option][:1]
    if control.kind == "number":
        return [control.attributes.get("min") or "1"]
    kind = "date" if "vDateField" in control.attributes.get("class", "") else control.kind
    sensible = {"date": timezone.localdate().isoformat(), "time": "09:30", "file": ""}
    return [control.value] if control.kind in BOXES else [sensible.get(kind, "说明")]


def links(html: str, address: str) -> list[str]:
    """Return the addresses below this site that a page leads to or shows pictures of."""
    found = re.findall(r"""<(?:a|img|iframe)\b[^>]*?\b(?:href|src)="([^"]*)""", html)
    whole = [urljoin(address, target.replace("&amp;", "&")).split("#")[0] for target in found]
    return [target for target in dict.fromkeys(whole) if target.startswith("/") and not target.startswith("/static/")]
