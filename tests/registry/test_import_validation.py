"""What an import refuses: with file, row, column and cause, and nothing is saved."""

import datetime as dt
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carebase.files.uploads import BoundedMemoryUploadHandler
from carebase.sheets.guard import SheetError
from registry import census
from registry.imports import staging, writer
from registry.models import Child, ImportBatch, ImportFile
from tests import factories as f
from tests import workbooks
from tests.workbooks import number, row

pytestmark = pytest.mark.django_db
PRINTED_NAMES = [field.name for field in census.PRINTED_FIELDS]
WRONG = number()[:-1] + {"0": "1"}.get(number()[-1], "0")  # its last character does not fit


def stage(by, data, name="census.xlsx"):
    return staging.stage_file(name=name, data=data, term=f.term(), by=by)


def upload(client, data, name="census.xlsx"):
    return client.post(reverse("import-upload"), {"file": SimpleUploadedFile(name, data), "term": f.term().pk})


def refusals(by, *rows) -> list[tuple]:
    """Return the refusals of the form with these rows, and check that nothing is saved."""
    return refused(by, workbooks.official_form(*rows))


def refused(by, data: bytes) -> list[tuple]:
    """Return (row number, column, text) of every refusal."""
    batch = stage(by, data)
    found = [
        (line.number, column, text)
        for line in batch.rows.order_by("number")
        for column, text, severity in line.notes
        if severity == "error"
    ]
    if found:
        with pytest.raises(ValidationError, match="nothing was saved"):
            writer.save_batch(batch=batch, by=by)
        assert Child.objects.count() == 0
    return found


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("notes.txt", "今天天气很好\n".encode(), "heading"),
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a spreadsheet"),
        ("letter.xlsx", workbooks.word_document(), "not a spreadsheet|damaged"),
        ("cut.xlsx", workbooks.official_form(row())[:2000], "damaged"),
        ("empty.csv", b"", "empty"),
        ("heads.xlsx", workbooks.official_form(), "no child below the heading in row 3"),
        ("bomb.xlsx", workbooks.zip_bomb(), "too large|damaged"),
    ],
)
def test_a_file_that_is_no_census_sheet_is_refused_by_name(by, login, name, data, cause):
    page = upload(login(by), data, name)
    assert page.status_code == 200
    message = " ".join(page.context["form"].errors["file"])
    assert name in message
    assert any(part in message for part in cause.split("|")), message
    assert set(ImportBatch.objects.values_list("status", flat=True)) <= {"cancelled"}
    assert ImportFile.objects.count() == 0


def test_a_file_of_a_hundred_megabytes_is_refused_and_never_kept(by, login, monkeypatch):
    kept = []
    plain = BoundedMemoryUploadHandler.file_complete
    monkeypatch.setattr(
        BoundedMemoryUploadHandler,
        "file_complete",
        lambda self, size: kept.append(self.file.tell()) or plain(self, size),
    )
    page = upload(login(by), b"\0" * 100 * 1024 * 1024, "huge.xlsx")
    assert page.context["form"].errors["file"] == [
        "“huge.xlsx” is too large; the limit is 20 MB. Split it into several files."
    ]
    assert 19 < sum(kept) / 1024**2 <= 20


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        ({"name": None}, "A 姓名", "The child's name is missing"),
        ({"name": "—"}, "A 姓名", "The child's name is missing"),
        ({"name": "点此:王"}, "A 姓名", "A name contains only letters"),
        ({"sex": "女"}, "B 性别", "The ID number shows another sex"),
        ({"sex": "或许"}, "B 性别", "not one of the choices"),
        ({"birth_date": "2015-02-30"}, "D 出生日期", "does not exist"),
        ({"birth_date": "2016-05-05"}, "D 出生日期", "The ID number shows another date of birth"),
        ({"birth_date": "2015-06"}, "D 出生日期", "Only a month is given"),
        ({"birth_date": "2015.1", "id_number": None}, "D 出生日期", "Only a month is given"),
        ({"birth_date": "2099-01-01", "id_number": None}, "D 出生日期", "is in the future"),
        ({"birth_date": "1950-01-01", "id_number": None, "father_birth_date": None}, "D 出生日期", "is not a child"),
        ({"id_number": WRONG}, "E 公民身份证号码", "does not fit the other 17"),
        ({"id_number": "99000020160504"}, "E 公民身份证号码", "has 18 characters"),
        ({"id_number": 990000201605040000}, "E 公民身份证号码", "lost the last digits"),
        ({"residence": "小白山乡中心村", "hukou_place": None}, "H 现居住地", "No village in your area"),
        ({"residence": None, "hukou_place": None}, "H 现居住地", "No village in your area"),
        ({"hukou_place": "村" * 201}, "G 户籍所在地", "at most 200"),
        ({"condition": "健康", "disability": "肢体三级"}, "J 残疾类别及等级", "the condition is not 残疾"),
        ({"condition": "健康", "illness": "心脏病"}, "K 患病类型", "the condition is not 患病"),
        ({"father_birth_date": "2017-01-01"}, "W 出生日期", "younger than the child"),
        ({"father_id_number": "123"}, "AD 父亲公民身份证号码", "has 18 characters"),
        ({"guardian_name": None}, "AJ 委托监护人姓名", "not named"),
        ({"guardian_phone": "一二三"}, "AK 受委托监护人电话", "not a phone number"),
        ({"assessment": "优秀"}, "AO 监护情况评估", "not one of the choices"),
    ],
)
def test_an_invalid_row_is_refused_with_its_column_and_one_cause(by, cells, column, cause):
    found = refusals(by, row(name="李四", id_number=number(13)), row(**cells))
    assert len(found) == 1, found
    assert found[0][:2] == (5, column)
    assert cause in found[0][2]


def test_a_formula_is_refused_whatever_its_result(by):
    """Made by a spreadsheet program as formulas; the sound row beside it is not saved either."""
    assert [line[1:] for line in refusals(by, row(name="=1+1"), row(id_number=number(13)))] == [
        ("A 姓名", "The cell holds a formula. Put the value itself there.")
    ]


def test_text_that_looks_like_a_formula_is_no_name(by):
    table = [list(workbooks.plain_headings().values()), list(row_of_all(name='=HYPERLINK("http://x","王小明")'))]
    assert [line[1:] for line in refused(by, sheet_of(table))] == [
        ("A 姓名", "A name contains only letters; this one contains “=”. Write only the name.")
    ]


def row_of_all(**cells) -> list:
    filled = row(**cells)
    return [filled.get(name) for name in PRINTED_NAMES]


def test_the_same_child_twice_in_a_file_is_refused_and_the_first_row_named(by):
    assert refusals(by, row(), row(name="李四", id_number=number(13)), row()) == [
        (6, "A 姓名", "The same child is already in row 4.")
    ]


def test_two_names_with_one_number_are_two_children_at_the_column_of_the_number(by):
    [(line, column, text)] = refusals(by, row(), row(name="赵云", birth_date=None, id_number=number()))
    assert (line, column) == (5, "E 公民身份证号码")
    assert text.startswith("Two children have this number: the other is in row 4")
    assert refusals(by, row(), row(name="王晓明"))[0][2] == "The same child is already in row 4.", "misspelt"


def test_a_number_registered_for_another_name_is_two_children(by):
    f.child("王小明", living_in=f.village(), id_number=number(), sex="1", birth_date=dt.date(2015, 6, 1))
    batch = stage(by, workbooks.official_form(row(name="赵云"), row(name="李小花", id_number=number(13))))
    line = batch.rows.get(number=4)
    assert line.status == "problem" and batch.rows.get(number=5).status == "new"
    [(column, text, severity)] = [note for note in line.notes if note[2] == "error"]
    assert column == "E 公民身份证号码"
    assert text.startswith("This number is registered for another child, 王小明.")


def test_an_unknown_county_is_a_remark_where_the_table_of_counties_is_loaded(by):
    f.division("990001000000", "甲县"), f.division("990002000000", "乙县")
    batch = stage(by, workbooks.official_form(row()))
    assert ["E 公民身份证号码", "The ID number starts with an unknown county code. Please check it.", "doubt"] in list(
        batch.rows.get().notes
    )


def test_a_village_that_two_townships_have_is_refused_until_the_township_is_written(by):
    f.division("990101101204", "中心村")
    county = f.coordinator_of(f.county())
    assert refusals(county, row(residence="中心村", hukou_place=None))[0][2].startswith("More than one village")
    assert refusals(county, row(residence="小白山乡中心村", hukou_place=None)) == []


@pytest.mark.parametrize(
    ("cells", "column", "doubt"),
    [
        ({"condition": "残疾"}, "J 残疾类别及等级", "category and grade are missing"),
        ({"id_number": None}, "E 公民身份证号码", "There is no ID number"),
        ({"residence": "小白山乡中心村"}, "H 现居住地", "the village of registration is used"),
        ({"residence": "百里洲镇关志村"}, "H 现居住地", "not live in the village of household registration"),
        ({"one_away": "是"}, "AG 父母一方外出、另一方无监护能力", "both ticked"),
        ({"both_away": "否", "one_away": "是"}, "AH 无监护能力", "which parent"),
        ({"unable_parent": "父亲"}, "AH 无监护能力", "is not ticked"),
        ({"father_name": "—"}, "V 父亲姓名", "no absence is recorded"),
        ({"entrusted": "否"}, "AI 父母外出有无委托其他监护人", "none was entrusted"),
        ({"birth_date": "2010-01-01", "id_number": number(11, "2010-01-01")}, "D 出生日期", "turned 16"),
    ],
)
def test_a_warning_is_shown_and_the_row_saved(by, cells, column, doubt):
    batch = stage(by, workbooks.official_form(row(**cells)))
    line = batch.rows.get()
    assert (line.status, line.remarks) == ("new", True)
    assert any(label == column and doubt in text for label, text, _severity in line.notes), line.notes
    assert writer.save_batch(batch=batch, by=by) == 1


def test_a_refusal_of_a_number_does_not_repeat_it(by):
    found = refusals(by, row(id_number=WRONG))
    assert len(found) == 1
    assert WRONG not in str(found)


# Whatever people put into cells, and what has broken other programs.
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.decimals(-1000, 1000, places=2),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    st.text("是否有无—不详0123456789X-.年月日 男女王小明村镇市残疾一二三级、", max_size=250),
    st.sampled_from(list(row().values())),
    st.sampled_from(
        ["—", "不详", "无", "是", "否", "健康", "残疾", "患病", "肢体三级", "父亲", "差", "2015.06", "祖母"]
    ),
)
CHANGES = st.dictionaries(st.sampled_from(sorted(PRINTED_NAMES)), CELLS, min_size=1, max_size=6)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_row_is_refused_with_a_reason_or_saved(by, changes):
    """Also on a database that measures texts: nothing that the rows let pass breaks one of its rules."""
    cells = {name: value for name, value in (row() | changes).items() if name in PRINTED_NAMES}
    cells = {name: float(value) if isinstance(value, Decimal) else value for name, value in cells.items()}
    table = [list(workbooks.plain_headings().values()), [cells.get(name) for name in PRINTED_NAMES]]
    with transaction.atomic():
        try:
            batch = stage(by, sheet_of(table))
        except SheetError:
            return
        count = writer.save_batch(batch=batch, by=by, valid_rows=True)
        assert count + batch.counts.get("problem", 0) == 1
        assert_fits(batch)
        connection.check_constraints()
        transaction.set_rollback(True)


def sheet_of(table: list[list]) -> bytes:
    """Return a workbook in which text stays text, also when it begins with an equals sign."""
    book = openpyxl.Workbook()
    for y, cells in enumerate(table, 1):
        for x, value in enumerate(cells, 1):
            cell = book.active.cell(y, x)
            if isinstance(value, str):
                value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type, cell._value = "s", value
            else:
                cell.value = value
    return workbooks.workbook_bytes(book)


def assert_fits(batch) -> None:
    """SQLite keeps a text of any length; PostgreSQL would refuse it."""
    for child in Child.objects.filter(imported_in=batch):
        records = [child, *child.relatives.all(), *child.absences.all(), *child.guardianships.all()]
        for record in records:
            for field in record._meta.concrete_fields:
                value = field.get_prep_value(getattr(record, field.attname)) if field.attname else None
                if field.max_length and isinstance(value, str):
                    assert len(value) <= field.max_length, field
                    assert "\0" not in value


def test_a_name_of_sixty_letters_and_its_search_keys_fit(by):
    long = "古丽娜尔·" + "艾山" * 27 + "木"
    assert len(long) == 60
    batch = stage(by, workbooks.official_form(row(name=long)))
    assert writer.save_batch(batch=batch, by=by) == 1
    assert_fits(batch)


def test_a_file_name_of_any_length_and_no_encoding_is_kept_readable(by):
    batch = stage(by, workbooks.official_form(row()), name="\udcff" + "表" * 300 + ".xlsx")
    assert len(batch.file_name) == 200
    assert batch.file_name.endswith("表.xlsx")
    assert ImportBatch.objects.filter(file_name=batch.file_name).exists()
