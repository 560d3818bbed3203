"""The data that a browser would post from all forms of a page; single values are no lists."""

from html.parser import HTMLParser


def form_values(response) -> dict[str, str | list[str]]:
    """Return the names and values that the forms below <main> would post."""
    reader = FormValuesReader()
    reader.feed(response.content.decode().split("<main", 1)[1])
    return {name: values[0] if len(values) == 1 else values for name, values in reader.values.items()}


class FormValuesReader(HTMLParser):
    """Collects the successful controls of the forms below <main>."""

    def __init__(self):
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.select, self.text = None, None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        name = attributes.get("name")
        match tag:
            case "input" if (
                name and attributes.get("type") not in {"checkbox", "radio", "file"} or "checked" in attributes
            ):
                value = attributes.get("value", "on" if "checked" in attributes else "")
                self.values.setdefault(name, []).append(value or "")
            case "select":
                self.select, self.first = name, None
            case "option" if self.select:
                self.first = attributes.get("value") if self.first is None else self.first
                if "selected" in attributes:
                    self.values.setdefault(self.select, []).append(attributes.get("value") or "")
            case "textarea":
                self.text = name
                self.values[name] = [""]

    def handle_data(self, data):
        if self.text:
            self.values[self.text][0] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            self.values.setdefault(self.select, [self.first or ""])
            self.select = None
        elif tag == "textarea":
            self.text = None
