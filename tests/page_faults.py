"""What can be seen to be wrong in the HTML of a page, whatever the page: each finding is a short sentence."""

import re
from contextlib import suppress

from django.urls import Resolver404, resolve

UNKNOWN = "⟪unknown variable %s⟫"  # what Django prints in place of a variable that was not given
PRINTED = re.compile(UNKNOWN.replace("%s", "([^⟫]*)"))
TAG = re.compile(r"<(/?)(html|h1|label|input|select|textarea|img)\b([^>]*)>")
ATTRIBUTE = re.compile(r"""([\w-]+)(?:="([^"]*)")?""")
TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.S)
CONTROLS = {"input", "select", "textarea"}
NEEDS_NO_LABEL = {"hidden", "submit", "button"}
LINK = re.compile(r"""\b(?:href|action|src)="(/[^"?#]*)""")
NAMES = ("aria-label", "aria-labelledby", "title")


def text_of(response) -> str:
    """Return what a browser shows or saves as text; "" of pictures and workbooks."""
    kind = response.headers.get("Content-Type", "")
    if not kind.startswith("text/"):
        return ""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def is_page(response) -> bool:
    return not response.streaming and "text/html" in response.headers.get("Content-Type", "") and bool(response.content)


def linked_pages(response) -> set[str]:
    """Return the names of the pages that a page links to or sends a form to."""
    found = set()
    for path in set(LINK.findall(text_of(response) if is_page(response) else "")):
        with suppress(Resolver404):
            found.add(resolve(path).view_name)
    return found


def unknown_variables(response) -> set[str]:
    """Return the variables that were printed on a page without having been given; see the fixture of that name."""
    return set(PRINTED.findall(response.content.decode())) if is_page(response) else set()


def inaccessible(html: str) -> list[str]:
    """Return what a reader who hears the page would miss: its language, title, heading, labels and pictures' words."""
    tags = [(name, close, dict(ATTRIBUTE.findall(rest))) for close, name, rest in TAG.findall(html)]
    found = [f"{name} is not there" for name in missing(html, tags)]
    labelled = {attrs.get("for") for name, close, attrs in tags if name == "label" and not close} - {None}
    inside = 0
    for name, close, attrs in tags:
        if name == "label":
            inside += -1 if close else 1
        elif name == "img" and "alt" not in attrs:
            found.append(f"the picture {attrs.get('src')} has no words")
        elif name in CONTROLS and not close and not inside and not is_named(attrs, labelled):
            found.append(f"{attrs.get('name')} has no label")
    return found


def is_named(attrs: dict, labelled: set) -> bool:
    """Return whether a control that stands outside of a label has a name, or needs none."""
    named = attrs.get("id") in labelled or any(attrs.get(key) for key in NAMES)
    return named or attrs.get("type") in NEEDS_NO_LABEL


def missing(html: str, tags: list) -> list[str]:
    title = TITLE.search(html)
    there = {
        "the language": any(name == "html" and attrs.get("lang") for name, _close, attrs in tags),
        "a title of its own": title and not title[1].startswith("·"),
        "one heading of the first order": sum(name == "h1" and not close for name, close, _attrs in tags) == 1,
    }
    return [what for what, is_there in there.items() if not is_there]
