"""The data that a browser would post from a form, read from the HTML of its page; all values are lists."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects name → values of every input within the form with the given id (any form when it is empty)."""

    def __init__(self, form_id: str = ""):
        super().__init__()
        self.form_id, self.inside, self.data = form_id, False, {}
        self.select = self.textarea = None

    def add(self, name: str | None, value: str | None) -> None:
        if name:
            self.data.setdefault(name, []).append(value or "")

    def handle_starttag(self, tag, pairs):
        attrs = dict(pairs)
        if tag == "form":
            self.inside = not self.form_id or attrs.get("id") == self.form_id
        if not self.inside:
            return
        if tag == "input" and attrs.get("type") not in {"submit", "button"}:
            box = attrs.get("type") in {"checkbox", "radio"}
            if not box or "checked" in attrs:
                self.add(attrs.get("name"), attrs.get("value", "on" if box else ""))
        elif tag == "select":
            self.select = attrs.get("name")
        elif tag == "option" and "selected" in attrs:
            self.add(self.select, attrs.get("value"))
        elif tag == "textarea":
            self.textarea = attrs.get("name")
            self.data.setdefault(self.textarea, [""])

    def handle_data(self, text):
        if self.textarea:
            self.data[self.textarea][0] += text.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.textarea = None


def form_data(response, form_id: str = "", **changes) -> dict[str, list]:
    """Return the data of the form in `response` with `changes`, without the templates of new rows."""
    reader = FormReader(form_id)
    reader.feed(response.content.decode())
    data = {name: values for name, values in reader.data.items() if "__prefix__" not in name}
    return data | changes
