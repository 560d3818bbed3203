"""What a browser would send of the form on a page, read from the page itself."""

from html.parser import HTMLParser


def form_values(response) -> dict[str, str | list[str]]:
    """Return the names and values that the page's own form (with the button "Save") would post unchanged."""
    reader = FormValuesReader()
    reader.feed(response.content.decode().split("<main", 1)[1])
    return {name: values[0] if len(values) == 1 else values for name, values in reader.found.items()}


class FormValuesReader(HTMLParser):
    """Collects the successful controls of the forms below <main>."""

    def __init__(self):
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.select, self.text = None, None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        match tag:
            case "input" if name and given.get("type") not in {"checkbox", "radio", "file"} or "checked" in given:
                value = given.get("value", "on" if "checked" in given else "")
                self.found.setdefault(name, []).append(value or "")
            case "select":
                self.select, self.first = name, None
            case "option" if self.select:
                self.first = given.get("value") if self.first is None else self.first
                if "selected" in given:
                    self.found.setdefault(self.select, []).append(given.get("value") or "")
            case "textarea":
                self.text = name
                self.found[name] = [""]

    def handle_data(self, data):
        if self.text:
            self.found[self.text][0] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            self.found.setdefault(self.select, [self.first or ""])
            self.select = None
        elif tag == "textarea":
            self.text = None
