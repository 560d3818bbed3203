"""What follows from the words of sheets beyond the census form, one word at a time."""

import datetime as dt
from types import SimpleNamespace

import pytest

from registry.sheets import parents
from registry.sheets.derivation import derive_values
from registry.sheets.fields import FIELDS
from registry.sheets.proposals import guess_from_cells, guess_from_heading
from registry.sheets.schools import find_class_words, parse_class_place, schooling_of_grade
from tests import workbooks

NOWHERE = SimpleNamespace(find=lambda address: [])


def derive(**cells) -> tuple[dict, list[str]]:
    """Return the values and remarks of a row with these cells, none of them about a school."""
    values = {name: FIELDS[name].read(cell) for name, cell in cells.items()}
    remarks: list[str] = []
    derive_values(values, lambda name, text, **_severity: remarks.append(name), NOWHERE, None, dt.date(2026, 11, 1))
    return values, remarks


@pytest.mark.parametrize(
    ("words", "away"),
    [
        ("双亲", {"father", "mother"}),
        ("双亲留守儿童", {"father", "mother"}),
        ("2-双亲留守儿童", {"father", "mother"}),
        ("父母双方外出", {"father", "mother"}),
        ("父母均外出", {"father", "mother"}),
        ("单亲", {"mother"}),
        ("父母一方外出", {"mother"}),
        ("单亲留守", {"mother"}),
        ("父亲外出", {"father"}),
        ("单亲（父亲外出）", {"father"}),
        ("母亲外出务工", {"mother"}),
        ("是", {"mother"}),
        ("√", {"mother"}),
        ("否", set()),
        ("非留守儿童", set()),
        ("", set()),
    ],
)
def test_the_left_behind_type_says_who_is_away(words, away):
    values, _remarks = derive(left_type=words, mother_work_place="福建省泉州市")
    assert {parent for parent in ("father", "mother") if values.get(f"{parent}_away")} == away


@pytest.mark.parametrize("cells", [{}, {"father_work_place": "上海", "mother_work_place": "北京"}])
def test_an_unnamed_absent_parent_is_a_remark(cells):
    values, remarks = derive(left_type="单亲", **cells)
    assert "father_away" not in values and "mother_away" not in values and remarks == ["left_type"]
    assert values["one_parent_away"] == dt.date(2026, 11, 1)


@pytest.mark.parametrize(
    ("cells", "father", "mother"),
    [
        ({"left_type": "非留守"}, False, False),
        ({"left_type": "非留守", "mother_work_place": "上海"}, False, None),
        ({"left_type": "单亲（父亲外出）"}, True, None),
        ({"father_left": "否", "mother_left": "是"}, False, True),
        ({"left_type": "", "parents_work_place": "在家务农"}, False, False),
        ({"left_type": "", "parents_work_place": "不详"}, None, None),
        ({"left_type": ""}, None, None),
    ],
)
def test_a_parent_is_at_home_only_where_the_sheet_says_so(cells, father, mother):
    values, _remarks = derive(**cells)
    assert (values.get("father_away"), values.get("mother_away")) == (father, mother)


@pytest.mark.parametrize(
    ("words", "cross"), [("县内", False), ("县外", True), ("省外", True), ("本市", False), ("外省", True)]
)
def test_the_distance_is_recorded_for_absent_parents(words, cross):
    values, _remarks = derive(left_type="父亲外出", parents_work_place=words)
    assert values["father_cross_county"] is cross and "mother_cross_county" not in values


def test_a_parent_who_works_at_home_is_not_the_one_away():
    values, remarks = derive(left_type="单亲", father_work_place="在家务农", mother_work_place="广东")
    assert (values["father_away"], values["mother_away"], remarks) == (False, True, [])


@pytest.mark.parametrize(
    ("relation", "more", "code"),
    [
        ("祖孙", {"guardian_sex": "男"}, "61"),
        ("祖孙", {"guardian_sex": "女"}, "62"),
        ("外祖孙", {"guardian_id_number": workbooks.number(12, "1960-01-01")}, "64"),
        ("外祖孙", {"grandmother_name": "张桂香", "maternal_grandfather_name": "郭峰"}, "60"),
        ("祖孙", {"grandmother_name": "张桂英"}, "62"),
        ("祖孙", {"father_name": "张桂英"}, "60"),
        ("祖孙", {"father_name": "张桂英", "guardian_sex": "男"}, "61"),
        ("外祖孙", {"grandmother_name": "张桂英"}, "60"),
        ("父母", {"grandmother_name": "张桂英", "mother_name": "李红"}, "50"),
        ("祖母", {"mother_name": "张桂英"}, "62"),
        ("祖孙", {}, "60"),
        ("孙女", {}, "60"),
        ("外孙", {"guardian_sex": "男"}, "63"),
        ("儿子", {"guardian_sex": "女"}, "52"),
        ("奶奶", {}, "62"),
        ("其他", {}, "80"),
    ],
)
def test_the_guardian_is_recognised_by_name_or_sex_or_stays_a_grandparent(relation, more, code):
    values, _remarks = derive(guardian_name="张桂英", guardian_relation=relation, **more)
    assert values["guardian_relation"] == code


def test_a_name_that_contradicts_the_relation_is_a_remark():
    assert derive(guardian_name="盛亮", father_name="盛亮", guardian_relation="祖孙")[1] == ["guardian_relation"]
    assert derive(guardian_name="盛亮", father_name="盛亮", guardian_relation="其他")[1] == ["guardian_relation"]
    assert derive(guardian_name="盛亮", father_name="盛亮", guardian_relation="父亲")[1] == []
    assert derive(guardian_name="盛亮", father_name="盛云", guardian_relation="祖孙")[1] == []


def test_a_parent_as_guardian_is_not_entrusted():
    values, _remarks = derive(guardian_name="王大明", guardian_relation="父亲", guardian_phone="13900000001")
    assert values["entrusted"] is False
    assert (values["father_name"], values["father_phone"]) == ("王大明", "13900000001")
    assert derive(guardian_name="王大明", guardian_relation="祖父")[0].get("entrusted") is None


def test_other_beside_an_empty_guardian_means_nobody():
    assert derive(guardian_name="", guardian_relation="其他")[0]["guardian_relation"] is None


@pytest.mark.parametrize(
    ("cell", "names", "has_remark"),
    [
        ("王强、李梅", {"father": "王强", "mother": "李梅"}, False),
        ("王强/李梅", {"father": "王强", "mother": "李梅"}, False),
        ("王强 李梅", {"father": "王强", "mother": "李梅"}, False),
        ("王强；李梅", {"father": "王强", "mother": "李梅"}, False),
        ("李梅、王强", {"father": "王强", "mother": "李梅"}, False),
        ("刘强、李梅", {"father": "刘强", "mother": "李梅"}, False),
        ("王强（父）李梅（母）", {"father": "王强", "mother": "李梅"}, False),
        ("母：李梅 父：王强", {"father": "王强", "mother": "李梅"}, False),
        ("父亲王强，母亲李梅", {"father": "王强", "mother": "李梅"}, False),
        ("—、李梅", {"father": "—", "mother": "李梅"}, False),
        ("王强", {"father": "王强"}, True),
        ("李梅", {"mother": "李梅"}, True),
        ("", {}, False),
    ],
)
def test_two_parents_in_one_cell_are_told_apart(cell, names, has_remark):
    assert (parents.parse_parent_names(cell, "王小明")[0], bool(parents.parse_parent_names(cell, "王小明")[1])) == (
        names,
        has_remark,
    )


def test_two_telephones_in_one_cell_follow_the_order_of_the_names():
    values, _remarks = derive(name="王小明", parents_name="李梅、王强", parents_phone="13900000001/13900000002")
    assert (values["mother_phone"], values["father_phone"]) == ("13900000001", "13900000002")
    _values, remarks = derive(name="王小明", parents_name="王强、李梅", parents_phone="13900000001")
    assert remarks == ["parents_phone"]


def test_the_roll_s_guardian_is_another_relative_before_a_parent_who_left():
    members = {
        "member1_name": "王强",
        "member1_relation": "父亲",
        "member1_guardian": "是",
        "member1_address": "上海市",
    }
    both = members | {"member2_name": "李梅", "member2_relation": "母亲", "member2_guardian": "是"}
    values, _remarks = derive(left_type="单亲", **both)
    assert (values["father_away"], values["guardian_name"], values["entrusted"]) == (True, "李梅", False)
    values, _remarks = derive(left_type="双亲", **(both | {"member2_name": "张英", "member2_relation": "祖母"}))
    assert (values["guardian_name"], values["guardian_relation"]) == ("张英", "62")


@pytest.mark.parametrize(
    ("grade", "words", "place"),
    [
        ("六年级", "1班", (6, None, 1)),
        ("六年级", "(2)班", (6, None, 2)),
        ("", "六年级2班", (6, None, 2)),
        ("", "六(2)班", (6, None, 2)),
        ("", "六2班", (6, None, 2)),
        ("", "602", (6, None, 2)),
        ("六年级", "602班", (6, None, 2)),
        ("", "6.2班", (6, None, 2)),
        ("", "初一(3)班", (7, None, 3)),
        ("", "八年级", (8, None, None)),
        ("", "202102", (None, 2021, 2)),
        ("", "2021级2班", (None, 2021, 2)),
        ("大班", "", (0, None, None)),
        ("", "小(1)班", (0, None, None)),
        ("", "2班", (None, None, 2)),
    ],
)
def test_grade_and_class_are_read_however_they_are_written(grade, words, place):
    assert tuple(parse_class_place(grade, words)) == place


@pytest.mark.parametrize(("grade", "words"), [("五年级", "602"), ("", "快乐班"), ("很高", "")])
def test_a_class_that_says_nothing_known_or_contradicts_its_grade_is_refused(grade, words):
    with pytest.raises(ValueError):
        parse_class_place(grade, words)


def test_the_grade_gives_the_schooling():
    assert [schooling_of_grade(grade) for grade in (None, 0, 1, 6, 7, 9, 10)] == [
        "",
        "kindergarten",
        "primary",
        "primary",
        "junior",
        "junior",
        "senior",
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("六年级（1）班", ("六年级", "1")),
        ("602", ("6", "2")),
        ("三（2）班", ("三", "2")),
        ("中心小学三年级2班花名册", ("三年级", "2")),
        ("七年级", ("七年级", "")),
        ("Sheet1", ("", "")),
        ("2026年留守儿童", ("", "")),
    ],
)
def test_the_name_of_a_sheet_may_name_the_class(title, expected):
    assert find_class_words(title) == expected


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("孩子名字是", "name"),
        ("爸爸的电话是多少", "father_phone"),
        ("妈妈打工的城市", "mother_work_place"),
        ("家住哪里", "residence"),
        ("孩子现在读几年级", "grade_words"),
        ("监护人的手机号（必填）", "guardian_phone"),
        ("是不是低保户", "relief_low"),
        ("天气", ""),
    ],
)
def test_an_unknown_heading_is_proposed_by_the_words_in_it(heading, name):
    assert guess_from_heading(heading) == name


def test_an_unknown_column_is_proposed_by_its_values():
    assert guess_from_cells([workbooks.number(11), workbooks.number(13)]) == "id_number"
    assert guess_from_cells(["13900000001", "13900000002", "无", "13900000003"]) == "home_phone"
    assert guess_from_cells(["男", "女"]) == "sex"
    assert guess_from_cells(["合心村2组36号"]) == "residence"
    assert guess_from_cells(["苹果", "男"]) == guess_from_cells([]) == ""
