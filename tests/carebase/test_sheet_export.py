import csv
import datetime
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carebase.sheets.export import csv_rows, escape_formula, xlsx_bytes
from carebase.sheets.reader import Formula, column_letter, read_sheets

LIVE = "=+-@|%＝＋－＠\t\r\n"
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=20).map(str.strip)


def written(rows, encoding="utf-8-sig"):
    return b"".join(csv_rows(rows, encoding))


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "\u200b@x", "\tx", "\r=x", "-2+3", "%x", "＝1", "\0=1", "\ufeff+1"])
def test_text_that_could_act_as_a_formula_gets_an_apostrophe(text):
    assert escape_formula(text).startswith("'")


@pytest.mark.parametrize("value", ["何小静", "990000201506010021", "a=b", "'x", -5, -1.5, Decimal("-2.50"), 0])
def test_plain_text_and_numbers_stay_as_they_are(value):
    assert escape_formula(value) == value and type(escape_formula(value)) is type(value)


def test_dates_blanks_and_formulas_taken_from_a_file_are_written_as_text():
    row = [datetime.date(2026, 9, 1), None, True, Formula("=1+1")]
    assert written([row]) == "\ufeff2026-09-01,,True,'=1+1\r\n".encode()


def test_offices_that_know_no_unicode_get_gb18030_without_a_mark():
    assert written([["何小静", "㐂"]], "gb18030") == "何小静,㐂\r\n".encode("gb18030")
    with pytest.raises(ValueError):
        written([["何小静"]], "latin-1")


def test_half_a_surrogate_pair_does_not_stop_an_export():
    assert written([["何\ud800", "薛"]]) == "\ufeff何?,薛\r\n".encode()


def test_rows_are_streamed_before_the_last_one_is_known():
    def endless():
        while True:
            yield ["何小静"]

    pieces = csv_rows(endless())
    assert next(pieces) == b"\xef\xbb\xbf" and next(pieces).count(b"\r\n") > 100


@given(
    st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=5),
    st.sampled_from(["utf-8-sig", "gb18030"]),
)
def test_no_exported_text_starts_like_a_formula(rows, encoding):
    text = written(rows, encoding).decode(encoding)
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.lstrip().startswith(tuple(LIVE)) and not cell.startswith(tuple(LIVE))


@given(st.lists(st.lists(PLAIN_TEXT, min_size=2, max_size=2), max_size=5), st.sampled_from(["utf-8-sig", "gb18030"]))
def test_what_is_written_is_read_back(rows, encoding):
    rows = [["姓名", "备注"], *rows]
    (sheet,) = read_sheets("x.csv", written(rows, encoding))
    expected = [[text.removeprefix("'") if text[:2].startswith("'") else text for text in row] for row in rows]
    found = [[(cell or "").removeprefix("'") for cell in row] for row in sheet.rows]
    blank = ["", ""]
    assert found + [blank] * (len(expected) - len(found)) == expected


@given(st.integers(0, 20_000))
def test_column_letters_count_on_without_gaps(index):
    value = 0
    for letter in column_letter(index):
        value = value * 26 + ord(letter) - 64
    assert value - 1 == index


def test_a_template_keeps_id_numbers_as_text_and_holds_no_formula():
    data = xlsx_bytes("名册/2026", [["姓名", "身份证号", "人数"], ["=1+1", "990000201506010021", 3]], widths=[12, 24])
    (sheet,) = read_sheets("x.xlsx", data)
    assert sheet.title == "名册 2026"
    assert sheet.rows[1] == ["=1+1", "990000201506010021", 3] and type(sheet.rows[1][0]) is str
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b'numFmtId="49"' in archive.read("xl/styles.xml")
