"""Which column is which field, however the sheet is ordered and whatever else it holds."""

import io
import random

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carebase.sheets.guard import SheetError
from carebase.sheets.headings import Heading, find_heading
from carebase.sheets.reader import read_sheets
from registry import census
from registry.sheets.columns import columns_of_heading
from registry.sheets.fields import FIELDS
from registry.sheets.reading import open_census, read_row
from registry.sheets.vocabulary import FIELD_BY_HEADING, is_known_heading
from tests import workbooks

PLAIN = workbooks.plain_headings()


def letters_by_field(*headings: str, groups: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the letter of each column that is read, by the blank that it is."""
    columns, _ignored = columns_of_heading(Heading(0, list(headings), list(groups or [""] * len(headings))))
    return {column.field.name: column.label[0] for column in columns}


def test_the_official_form_is_read_column_by_column_in_printed_order():
    census_workbook = open_census("form.xlsx", workbooks.official_form(workbooks.row()))
    assert [column.field.number for column in census_workbook.tables[0].columns] == list(range(1, 44))
    assert census_workbook.ignored == []


def test_an_unspecific_heading_belongs_to_the_person_before_it():
    assert letters_by_field("姓名", "出生日期", "父亲姓名", "联系电话", "务工地点", "母亲姓名", "联系电话") == {
        "name": "A",
        "birth_date": "B",
        "father_name": "C",
        "father_phone": "D",
        "father_work_place": "E",
        "mother_name": "F",
        "mother_phone": "G",
    }


def test_the_telephone_of_somebody_else_is_not_taken_for_a_parents():
    assert letters_by_field("姓名", "父亲姓名", "班主任", "联系电话", "母亲姓名", "电话") == {
        "name": "A",
        "father_name": "B",
        "mother_name": "E",
        "mother_phone": "F",
    }


def test_a_group_of_columns_says_whose_they_are():
    headings = ("姓名", "出生日期", "姓名", "电话", "姓名", "电话")
    groups = ("", "", "父亲情况", "父亲情况", "监护人基本情况", "监护人基本情况")
    assert letters_by_field(*headings, groups=groups) == {
        "name": "A",
        "birth_date": "B",
        "father_name": "C",
        "father_phone": "D",
        "guardian_name": "E",
        "guardian_phone": "F",
    }


def test_a_repeated_field_is_read_once_and_the_other_column_is_named():
    columns, ignored = columns_of_heading(Heading(0, ["姓名", "性别", "性别", "备注"], [""] * 4))
    assert [column.label for column in columns] == ["A 姓名", "B 性别"]
    assert ignored == ["C 性别", "D 备注"]


def test_a_very_long_heading_is_named_by_its_beginning():
    _columns, ignored = columns_of_heading(Heading(0, ["姓名", "填表说明" * 1000], [""] * 2))
    assert len(ignored[0]) < 40


@given(seed=st.integers(0, 10**6))
def test_the_order_of_the_columns_does_not_matter(seed):
    names = list(PLAIN)
    random.Random(seed).shuffle(names)
    row = workbooks.row()
    columns, ignored = columns_of_heading(Heading(0, [PLAIN[name] for name in names], [""] * len(names)))
    read = read_row(2, [row.get(name) for name in names], columns)
    in_order, _ignored = columns_of_heading(Heading(0, list(PLAIN.values()), [""] * len(names)))
    assert ignored == []
    assert read.values == read_row(2, [row.get(name) for name in PLAIN], in_order).values
    assert set(read.values) >= {"name", "father_phone", "guardian_phone", "relief"}


WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


def test_full_width_signs_and_stray_spaces_read_like_plain_ones():
    columns, _ignored = columns_of_heading(Heading(0, list(PLAIN.values()), [""] * len(PLAIN)))
    row = workbooks.row(id_number=workbooks.number(12), sex="女")
    plain = read_row(2, [row.get(name) for name in PLAIN], columns)
    wide = read_row(2, [f"\u3000{row[name].translate(WIDE)} " if row.get(name) else None for name in PLAIN], columns)
    assert wide.notes == plain.notes == []
    apart = {"hukou_place", "residence", "guardian_address"}  # texts stay as they were typed
    assert {k: v for k, v in wide.values.items() if k not in apart} == {
        k: v for k, v in plain.values.items() if k not in apart
    }


def test_a_number_and_a_yes_that_are_equal_to_python_are_read_each_as_itself():
    columns, _ignored = columns_of_heading(Heading(0, ["姓名", "性别", "民族", "是否登记户口"], [""] * 4))
    assert read_row(2, ["王小明", 1, 1, True], columns).values["sex"] == "1"
    refused = read_row(3, ["王小明", True, True, 1], columns)
    assert {label for label, _text, _severity in refused.notes} == {"B 性别", "C 民族"}


def test_every_known_heading_leads_to_a_field():
    headings = [text for blank in census.PRINTED_FIELDS for text in (blank.heading, PLAIN[blank.name])]
    assert all(map(is_known_heading, headings))


def test_every_visible_sheet_with_the_same_heading_is_read_and_a_hidden_one_is_named():
    headings = ["姓名", "性别", "出生日期", "身份证号"]
    data = workbooks.workbook([headings, ["甲"]], 合心村=[headings, ["乙"]], 关志村=[headings, ["丙"]])
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Sheet"].sheet_state, book.active = "hidden", 1
    output = io.BytesIO()
    book.save(output)

    read = open_census("three.xlsx", output.getvalue())
    assert [table.sheet.title for table in read.tables] == ["合心村", "关志村"]
    assert read.ignored == ["sheet “Sheet”"]


@pytest.mark.parametrize(
    "headings", [["一", "二", "三"], ["姓名", "备注", "电话"], ["性别", "民族", "出生日期", "身体情况"]]
)
def test_a_sheet_without_the_headings_of_the_form_is_refused_by_name(headings):
    with pytest.raises(SheetError, match="list.xlsx.*Sheet.*row 1.*姓名"):
        open_census("list.xlsx", workbooks.workbook([headings, ["甲", "乙", "丙"]]))


def test_the_heading_is_found_below_title_and_date():
    (sheet,) = read_sheets("form.xlsx", workbooks.official_form(workbooks.row()))
    assert find_heading(sheet, is_known_heading).row == 2


@pytest.mark.parametrize(
    ("headings", "letters"),
    [
        (
            ("姓名", "爸爸电话", "妈妈手机", "监护人", "关系", "电话"),
            "name:A father_phone:B mother_phone:C guardian_name:D guardian_relation:E guardian_phone:F",
        ),
        (("姓名", "父亲姓名", "母亲姓名", "联系电话"), "name:A father_name:B mother_name:C parents_phone:D"),
        (("姓名", "父亲", "母亲", "身份证号"), "name:A father_name:B mother_name:C id_number:D"),
        (("姓名", "家庭住址", "监护人", "住址"), "name:A residence:B guardian_name:C guardian_address:D"),
        (("姓名", "家长", "电话", "务工地"), "name:A parents_name:B parents_phone:C parents_work_place:D"),
        (("姓名", "父亲职业", "联系电话"), "name:A father_phone:C"),
        (("姓名", "联系电话", "打工地点"), "name:A home_phone:B parents_work_place:C"),
        (("姓名", "帮扶干部", "联系电话"), "name:A"),
    ],
)
def test_headings_of_other_sheets_are_known_by_themselves_or_by_their_place(headings, letters):
    assert letters_by_field(*headings) == dict(pair.split(":") for pair in letters.split())


def test_columns_of_ticks_are_one_field():
    heading = Heading(1, ["姓名", "男", "女", "是", "否"], ["", "性别", "性别", "是否寄宿", "是否寄宿"])
    columns, ignored = columns_of_heading(heading)
    assert [column.field.name for column in columns] == ["name", "sex", "sex", "boards", "boards"] and not ignored
    assert read_row(2, ["王明", None, "√", "√", None], columns).values == {"name": "王明", "sex": "2", "boards": True}
    assert read_row(3, ["王明", "√", None, None, "√"], columns).values == {"name": "王明", "sex": "1", "boards": False}


def test_every_heading_of_the_vocabulary_means_a_field_that_there_is():
    assert set(FIELD_BY_HEADING.values()) <= set(FIELDS)
