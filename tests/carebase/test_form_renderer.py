"""The form renderer prints what Django's templates print, and escapes all text."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from carebase.form_renderer import FormRenderer

CHOICES = [("", "—"), (1, "one & <b>"), ("Group", [("a", "A"), ('"b"', "B")])]
WIDGETS = [
    (forms.TextInput({"class": "x", "required": True, "disabled": False, "title": 'a"<b>'}), ['<"&>', "", None]),
    (forms.NumberInput(), [3, None]),
    (forms.HiddenInput(), ["x"]),
    (forms.CheckboxInput(), [True, False]),
    (forms.DateInput({"type": "date"}), ["2026-11-23"]),
    (forms.FileInput(), [None]),
    (forms.Textarea({"rows": 3}), ["\n<b>\nx", None]),
    (forms.Select(choices=CHOICES), [1, "a", None]),
    (forms.SelectMultiple(choices=CHOICES), [["1", "a"], []]),
    (forms.RadioSelect({"class": "k"}, choices=CHOICES), ["a", None]),
    (forms.CheckboxSelectMultiple(choices=CHOICES), [["a"], []]),
]


class Markup(HTMLParser):
    """Reads tags, attributes and texts, whatever blanks stand between them."""

    def __init__(self, page: str):
        super().__init__()
        self.parts: list = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.parts.append((tag, sorted(attrs, key=str)))

    def handle_endtag(self, tag):
        self.parts.append(f"/{tag}")

    def handle_data(self, data):
        if data.strip():
            self.parts.append(data.strip())


@pytest.mark.parametrize("attrs", [None, {"id": "id_name"}])
@pytest.mark.parametrize(("widget", "values"), WIDGETS, ids=lambda case: type(case).__name__)
def test_widgets_are_rendered_as_by_django(widget, values, attrs):
    for value in values:
        ours = widget.render("name<", value, attrs, renderer=FormRenderer())
        assert Markup(ours).parts == Markup(widget.render("name<", value, attrs, renderer=DjangoTemplates())).parts


def test_other_widgets_keep_their_templates():
    widget = forms.SplitDateTimeWidget()
    assert Markup(widget.render("at", None, renderer=FormRenderer())).parts[0][0] == "input"


@given(st.text(alphabet="<>&\"'ab =/", max_size=12))
def test_all_text_in_widgets_is_escaped(words):
    inputs = Markup(forms.TextInput().render("n", words, renderer=FormRenderer())).parts
    assert inputs == [("input", sorted([("name", "n"), ("type", "text")] + [("value", words)] * bool(words), key=str))]
    tags = list(Markup(forms.Select(choices=[(words, words)]).render("n", None, renderer=FormRenderer())).parts)
    assert [part[0] for part in tags if isinstance(part, tuple)] == ["select", "option"]


def test_cells_of_a_table_are_escaped_and_labelled():
    rows = [{"url": "/x/?a=1&b", "cells": ["<b>", "1"]}, {"url": "", "cells": ["王小明", "<i>"]}]
    table = Template("{% load tables %}{% table_rows %}")
    page = table.render(Context({"columns": ["Name", 'Of "A"'], "rows": rows}))
    assert '<th scope="row"><a href="/x/?a=1&amp;b">&lt;b&gt;</a></th><td data-label="Of &quot;A&quot;">1</td>' in page
    assert '<th scope="row">王小明</th>' in page and "<i>" not in page
