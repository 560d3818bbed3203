"""Place codes: what lies below a division is one range of codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.places import ancestors, prefix, span, township_span


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("990000000000", "99"),
        ("990100000000", "9901"),
        ("990101000000", "990101"),
        ("990101101000", "990101101"),
        ("990101101201", "990101101201"),
        ("990101101200", "990101101200"),
    ],
)
def test_the_significant_digits_tell_the_level(code, digits):
    assert prefix(code) == digits


@pytest.mark.parametrize("code", ["9901011012010", "99010110120100", "99010110100x0000"])
def test_what_is_no_place_code_is_refused(code):
    with pytest.raises(ValueError, match="12-digit"):
        prefix(code)


def test_a_township_spans_its_villages_and_not_the_next_townships():
    first, last = span("990101101000")
    assert first <= "990101101201" <= last
    assert not first <= "990101102201" <= last
    assert span("990101101201") == ("990101101201", "990101101201")


def test_the_township_of_a_village_spans_its_neighbours():
    first, last = township_span("990101101201")
    assert first <= "990101101202" <= last < "990101102000"


def test_above_a_village_stand_its_township_county_prefecture_and_province():
    assert ancestors("990101101201") == ["990000000000", "990100000000", "990101000000", "990101101000"]
    assert ancestors("990000000000") == []


@given(st.integers(min_value=1, max_value=999_999_999_999).map(lambda n: f"{n:012}"))
def test_each_division_lies_in_all_above_it_and_in_itself(code):
    for above in [*ancestors(code), code]:
        first, last = span(above)
        assert first <= code <= last


@given(st.from_regex(r"99\d{4}", fullmatch=True), st.from_regex(r"99\d{10}", fullmatch=True))
def test_a_county_spans_exactly_the_codes_that_begin_like_it(county, code):
    first, last = span(county + "000000")
    shorter = prefix(county + "000000")
    assert (first <= code <= last) == code.startswith(shorter) or code < first
