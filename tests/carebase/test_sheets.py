import datetime
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carebase.sheets import guard
from carebase.sheets.guard import SheetError
from carebase.sheets.reader import Formula, LostDigitsWarning, column_letter, read_sheets

DATA = Path(__file__).parent.parent / "data"
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT_RELATIONS = RELATIONS.replace("/worksheet", "/officeDocument").replace("worksheets/sheet1.xml", "xl/workbook.xml")
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def xlsx(rows, **other_sheets):
    book = openpyxl.Workbook()
    book.active.title = "名册"
    for sheet, content in ((book.active, rows), *((book.create_sheet(k), v) for k, v in other_sheets.items())):
        for row in content:
            sheet.append(row)
    return saved(book)


def saved(book):
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def raw_xlsx(sheet_data, *, parts=(), method=zipfile.ZIP_DEFLATED):
    """An XLSX written by hand, to say what no honest program would say."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        content = {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": ROOT_RELATIONS,
            "xl/workbook.xml": WORKBOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/worksheets/sheet1.xml": SHEET.format(sheet_data),
            **dict(parts),
        }
        for path, text in content.items():
            archive.writestr(path, text)
    return output.getvalue()


def text_cell(reference, text):
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def refusal(data, name="名册.xlsx"):
    with pytest.raises(SheetError) as caught:
        read_sheets(name, data)
    return str(caught.value)


def only_rows(data, name="x.csv"):
    (sheet,) = read_sheets(name, data)
    return sheet.rows


def test_it_reads_the_same_table_from_every_text_encoding():
    text = "姓名,性别\r\n何小静,女\r\n薛小杰,男\r\n"
    expected = [["姓名", "性别"], ["何小静", "女"], ["薛小杰", "男"]]
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert only_rows(text.encode(encoding)) == expected, encoding
    assert only_rows(b"\xfe\xff" + text.encode("utf-16-be")) == expected


def test_lines_are_split_at_the_delimiter_of_the_heading_and_not_inside_a_remark():
    for sign in ",;\t":
        text = f'花名册\n姓名{sign}性别{sign}备注\n何小静{sign}女{sign}"a,b;c"\n'
        assert only_rows(text.encode())[1:] == [["姓名", "性别", "备注"], ["何小静", "女", "a,b;c"]]


def test_the_kind_of_file_is_recognised_by_content_and_not_by_name():
    assert only_rows("姓名,性别\n何小静,女".encode(), "名册.xls")[1] == ["何小静", "女"]
    assert only_rows(xlsx([["姓名"], ["何小静"]]), "名册.csv")[1] == ["何小静"]


def test_a_legacy_workbook_gives_dates_numbers_and_hidden_sheets():
    roll, codes = read_sheets("legacy.xls", (DATA / "legacy.xls").read_bytes())
    assert roll.rows[2] == [1, "何小静", "女", datetime.date(2015, 6, 1), "990000201506010021", 13800000001]
    assert roll.merged == [(0, 0, 0, 5)]
    assert (roll.hidden, codes.hidden, codes.title) == (False, True, "代码")
    assert isinstance(roll.rows[4][1], Formula)
    assert isinstance(roll.rows[5][4], LostDigitsWarning)


def test_cells_become_plain_values():
    day = datetime.datetime(2015, 6, 1)
    table = [[" 何小静 ", 13800000001.0, 1.5, True, day, None, datetime.time(8, 30)]]
    row = only_rows(xlsx(table))[0]
    assert row == ["何小静", 13800000001, 1.5, True, day.date(), None, "08:30:00"]
    assert isinstance(row[1], int) and not isinstance(row[4], str)


def test_an_id_number_kept_as_a_number_is_marked_as_having_lost_digits_and_one_kept_as_text_is_not():
    row = only_rows(xlsx([[990000201506010021.0, "990000201506010021", 999_999_999_999_999]]))[0]
    assert isinstance(row[0], LostDigitsWarning) and row[0].startswith("9.9000020150601")
    assert type(row[1]) is str
    assert row[2] == 999_999_999_999_999
    row = only_rows(b"9.90000201506E+17,990000201506010021,1.5E+3\n,,")[0]
    assert isinstance(row[0], LostDigitsWarning)
    assert [type(cell) for cell in row[1:]] == [str, str]


def test_a_formula_cell_is_known_by_its_place_and_its_neighbour_is_untouched():
    rows = only_rows(xlsx([["姓名", "年龄"], ["何小静", "=1+1"], ["薛小杰", 11]]))
    assert isinstance(rows[1][1], Formula) and rows[1][1] == "=1+1"
    assert rows[2] == ["薛小杰", 11]
    assert not isinstance(only_rows(b"a,=1+1\nb,c")[0][1], Formula)


def test_a_formula_with_a_namespace_prefix_or_without_a_reference_is_found_too():
    cells = '<row><c t="inlineStr"><is><t>a</t></is></c><c><f>HYPERLINK("x")</f><v>7</v></c></row>'
    (row,) = only_rows(raw_xlsx(f"<sheetData>{cells}</sheetData>"))
    assert row == ["a", '=HYPERLINK("x")'] and isinstance(row[1], Formula)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c>'
    data = raw_xlsx("", parts={"xl/worksheets/sheet1.xml": sheet + "</x:row></x:sheetData></x:worksheet>"})
    assert isinstance(only_rows(data)[0][0], Formula)


def test_a_table_that_begins_lower_down_keeps_its_row_and_column_numbers():
    book = openpyxl.Workbook()
    book.active["C3"] = "姓名"
    (sheet,) = read_sheets("x.xlsx", saved(book))
    assert sheet.rows == [[None, None, None], [None, None, None], [None, None, "姓名"]]
    assert list(sheet.numbered(2)) == [(3, [None, None, "姓名"])]


def test_empty_sheets_and_blank_rows_at_the_end_are_left_out():
    sheets = read_sheets("x.xlsx", xlsx([["姓名"], [None], ["何小静"], [" "]], 空表=[]))
    assert [(sheet.title, len(sheet.rows)) for sheet in sheets] == [("名册", 3)]


def test_formatted_blank_cells_far_out_do_not_make_a_table_too_large():
    data = raw_xlsx(f'<sheetData><row r="1">{text_cell("A1", "姓名")}<c r="XFD1" s="0"/></row></sheetData>')
    assert only_rows(data) == [["姓名"]]


def test_invisible_marks_are_removed_and_joiners_of_other_scripts_stay():
    rows = only_rows("姓名,电话\n\u202d何小静\u202c\u200b,\u200e13800000001\x07\n\u0628\u200d,\ufeff2".encode())
    assert rows[1:] == [["何小静", "13800000001"], ["\u0628\u200d", "2"]]


def test_a_leading_apostrophe_that_only_keeps_a_number_text_is_dropped():
    assert only_rows(b"'990000201506010021,'t Hart\n'=1+1,b") == [
        ["990000201506010021", "'t Hart"],
        ["=1+1", "b"],
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b",,\r\n,,", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a spreadsheet"),
        (b"%PDF-1.7\n%", "not a spreadsheet"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not a spreadsheet"),
        ("姓名,性别\n何\0小静,女".encode(), "not a spreadsheet"),
        ("姓名\0,性别".encode("utf-16"), "not a spreadsheet"),
        (b"\xff\xff\x81\x00\x80", "not a spreadsheet"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><Workbook/>", "web page"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "damaged"),
        (b'a,b\n1,"never closed\n2,c\n', "line 3"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(data, reason):
    message = refusal(data, "附件.xls")
    assert reason in message and message.startswith("附件.xls") and message.endswith(".")


def test_a_letter_renamed_to_xlsx_is_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "not a spreadsheet" in refusal(output.getvalue())


def test_a_workbook_cut_short_or_altered_at_any_place_is_refused_or_read_but_never_crashes():
    for data in (xlsx([["姓名", "=1+1"], ["何小静", 2]]), (DATA / "legacy.xls").read_bytes()):
        for place in range(0, len(data), 37):
            altered = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
            for hostile in (data[:place], altered):
                try:
                    read_sheets("x.xlsx", hostile)
                except SheetError as error:
                    assert str(error)


@given(st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b'a,"']), st.binary())
def test_any_bytes_are_read_or_refused_with_a_message(start, rest):
    try:
        sheets = read_sheets("x.csv", start + rest)
    except SheetError as error:
        assert str(error).endswith(".")
    else:
        assert all(len({len(row) for row in sheet.rows}) == 1 for sheet in sheets)


def ole2_file(stream_name):
    """A container with one directory sector and one allocation sector, as an encrypted workbook has."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    header[0x18:0x22] = b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
    header[0x30:0x34] = (1).to_bytes(4, "little")
    header[0x38:0x48] = b"\0\x10\0\0" + b"\xfe\xff\xff\xff" + b"\0\0\0\0" + b"\xfe\xff\xff\xff"
    header[0x4C:] = b"\0\0\0\0" + b"\xff" * (512 - 0x50)
    table = b"\xfd\xff\xff\xff" + b"\xfe\xff\xff\xff" + b"\xff" * 504
    title = stream_name.encode("utf-16-le")
    entry = title.ljust(64, b"\0") + (len(title) + 2).to_bytes(2, "little") + b"\x02"
    return bytes(header) + table + entry.ljust(512, b"\0")


def test_a_workbook_with_a_password_is_refused_with_advice():
    assert "password" in refusal(ole2_file("EncryptedPackage"))
    assert "not a spreadsheet" in refusal(ole2_file("WordDocument"))
    data = (DATA / "legacy.xls").read_bytes()
    start = data.index(b"\x09\x08\x10\0\0\x06\x05\0")
    next_record = start + 20
    assert "password" in refusal(data[:next_record] + b"\x2f\0" + data[next_record + 2 :])
    locked = bytearray(xlsx([["姓名"]]))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(bytes(locked))


def test_a_file_over_the_limit_is_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr("carebase.sheets.reader.MAX_FILE_SIZE", 10)
    assert "too large" in refusal(b"a,b,c,d,e,f\n")
    assert only_rows(b"a,b\n1,2") == [["a", "b"], ["1", "2"]]


def test_a_zip_bomb_is_refused_by_its_ratio():
    data = raw_xlsx(text_cell("A1", "0" * 30_000_000))
    assert len(data) < 100_000
    assert "too large" in refusal(data)


def test_a_zip_with_false_sizes_is_refused():
    bomb = bytearray(raw_xlsx(f'<sheetData><row r="1">{text_cell("A1", "0" * 3_000_000)}</row></sheetData>'))
    directory = bomb.rindex(b"PK\x01\x02")
    bomb[directory + 24 : directory + 28] = (500).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(bomb))


def test_one_long_text_used_by_thousands_of_cells_is_refused():
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2001))
    shared = {"xl/sharedStrings.xml": f"<sst><si><t>{'长x' * 10_000}</t></si></sst>"}
    assert "too much text" in refusal(raw_xlsx(f"<sheetData>{cells}</sheetData>", parts=shared, method=0))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "rows"),
        ('<row r="1048576"><c><v>1</v></c></row>', "rows"),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "columns"),
        ('<row r="50000"><c r="IV50000"><v>1</v></c></row>', "empty rows"),
        ('<row r="1"><c r="A0"><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="1"><v>1</v></c></row>', "damaged"),
        ('<row r="x"><c><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="s"><v>5</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "damaged"),
    ],
)
def test_a_cell_far_out_or_nowhere_is_refused_before_memory_is_taken(cell, reason):
    assert reason in refusal(raw_xlsx(f"<sheetData>{cell}</sheetData>"))


def test_the_claimed_size_of_a_sheet_is_ignored():
    data = raw_xlsx(
        f'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{text_cell("A1", "姓名")}</row></sheetData>'
    )
    assert only_rows(data) == [["姓名"]]


def test_external_entities_and_other_encodings_are_refused(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    body = SHEET.format('<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData>')
    for part in (entity + body, '<?xml version="1.0" encoding="cp037"?>' + body.replace("&e;", "x")):
        assert "damaged" in refusal(raw_xlsx("", parts={"xl/worksheets/sheet1.xml": part}))
    plain = body.replace("&e;", "x")
    assert only_rows(raw_xlsx("", parts={"xl/worksheets/sheet1.xml": plain})) == [["x"]]
    utf16 = plain.encode("utf-16")
    assert "damaged" in refusal(raw_xlsx("", parts={"xl/worksheets/sheet1.xml": utf16}))
    assert "damaged" in refusal(raw_xlsx("", parts={"xl/sharedStrings.xml": entity + "<sst/>"}))


def test_a_sheet_listed_twice_is_refused():
    twice = WORKBOOK.replace("</sheets>", '<sheet name="b" sheetId="2" r:id="rId1"/></sheets>')
    assert "damaged" in refusal(raw_xlsx("<sheetData/>", parts={"xl/workbook.xml": twice}))


def test_too_many_entries_rows_columns_or_cells_are_refused(monkeypatch):
    extra = {f"xl/media/{n}.xml": "<a/>" for n in range(guard.MAX_ENTRIES)}
    assert "damaged" in refusal(raw_xlsx("<sheetData/>", parts=extra))
    assert "50000 rows" in refusal(b"a,b\n" * 50_001)
    assert "256 columns" in refusal(b",".join([b"a"] * 257))
    assert len(only_rows(b"a\n" * 50_000)) == 50_000
    monkeypatch.setattr(guard, "MAX_CELLS", 5)
    assert "too large" in refusal(b"a,b\n1,2\n3,4\n")
    assert "名册" in refusal(xlsx([[1, 2], [3, 4], [5, 6]]), "x.xlsx")


def test_a_legacy_container_that_claims_more_than_its_bytes_is_refused():
    data = (DATA / "legacy.xls").read_bytes()
    stream_size = data.index("Workbook".encode("utf-16-le")) + 120
    for place in (0x28, 0x2C, 0x40, 0x48, stream_size):
        assert "damaged" in refusal(data[:place] + b"\xff\xff\xff\x7f" + data[place + 4 :])


def test_a_legacy_workbook_that_claims_a_huge_table_is_refused():
    data = bytearray((DATA / "legacy.xls").read_bytes())
    at = data.index(b"\x00\x02\x0e\x00")
    data[at + 8 : at + 12] = b"\xff\xff\xff\xff"
    assert "far larger" in refusal(bytes(data))
    data[at + 4 : at + 12] = b"\0\0\0\x39\2\0\0\0"
    assert "damaged" in refusal(bytes(data))


def test_columns_are_lettered_as_in_excel():
    assert [column_letter(i) for i in (0, 25, 26, 255, 701, 702)] == ["A", "Z", "AA", "IV", "ZZ", "AAA"]
