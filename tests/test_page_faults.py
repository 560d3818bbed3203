"""What the walk over all pages would notice in their HTML."""

import pytest
from django.http import FileResponse, HttpResponse
from django.template import engines

from tests import page_faults
from tests.page_faults import inaccessible, text_of

PAGE = '<html lang="en"><head><title>Visits · Carebase</title></head><body><h1>Visits</h1>%s</body></html>'


def page(body: str = "") -> str:
    return PAGE % body


def test_a_page_with_all_its_hooks_is_without_fault():
    body = '<label for="a">A</label><input id="a" name="a"><label><input type="checkbox" name="b">B</label>'
    body += '<select name="c" aria-label="C"></select><input type="hidden" name="d"><img src="e" alt="">'
    assert inaccessible(page(body)) == []


@pytest.mark.parametrize(
    "html, fault",
    [
        (page().replace(' lang="en"', ""), "the language is not there"),
        (page().replace('lang="en"', 'lang=""'), "the language is not there"),
        (page().replace("<title>Visits", "<title>"), "a title of its own is not there"),
        (page().replace("h1", "h2"), "one heading of the first order is not there"),
        (page("<h1>Once more</h1>"), "one heading of the first order is not there"),
        (page('<label for="b">A</label><input id="a" name="a">'), "a has no label"),
        (page('<label>A</label><textarea name="a"></textarea>'), "a has no label"),
        (page('<select name="a"></select>'), "a has no label"),
        (page('<img src="a.png">'), "the picture a.png has no words"),
    ],
)
def test_what_a_listener_would_miss_is_said(html, fault):
    assert inaccessible(html) == [fault]


def test_an_unknown_variable_is_seen(unknown_variables):
    text = engines["django"].from_string("{{ nonsense }}").render({})
    assert page_faults.unknown_variables(HttpResponse(text)) == {"nonsense"}


def test_a_file_is_read_as_text_and_a_picture_is_not():
    assert text_of(FileResponse(iter([b"a,", b"b"]), content_type="text/csv")) == "a,b"
    assert text_of(HttpResponse(b"\xff\xd8", content_type="image/jpeg")) == ""
