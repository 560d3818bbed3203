"""Invented sheets, as odd as those that schools and villages keep."""

import openpyxl
import pytest

from carebase.sheets.guard import SheetError
from registry.imports import staging
from tests import factories as f
from tests import workbooks as w

pytestmark = pytest.mark.django_db


def number(sequence, birth="2015-06-01"):
    return w.number(sequence, birth)


@pytest.fixture(autouse=True)
def places():
    f.village(), f.other_village(), f.far_village(), f.other_school(), f.term()
    for number in (1, 2):
        f.school_class(f.school(), 2021, number)
        f.school_class(f.school(), 2022, number)


def read(data, by=None, place=None):
    """Return the rows of a sheet by the child's name, and the columns that were not read."""
    by = by or f.coordinator_of(f.county())
    batch = staging.stage_file(name="x.xlsx", data=data, term=f.term(), by=by, place=place)
    return {row.values["name"]: row for row in batch.rows.all()}, batch.counts["ignored"]


def class_sheet() -> bytes:
    """A class's sheet with groups of columns, ticks, a heading repeated in the middle, numbered blank rows, totals."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for cells in (
        ["百里洲镇中心小学六年级（1）班留守儿童信息登记表"],
        ["班主任：张老师", *[None] * 10, "填表时间：2026.10.8"],
        ["序号", "学生姓名", "性别", None, "出生年月", "身份证号码", "家庭住址", "父亲情况", None, None]
        + ["母亲情况", None, None, "监护人情况", None, None, "是否寄宿", None, "备注"],
        [None, None, "男", "女", None, None, None, "姓名", "务工地点", "联系电话"]
        + ["姓名", "务工地点", "联系电话", "姓名", "与学生关系", "电话", "是", "否"],
        [
            1,
            "王 明",
            "√",
            None,
            "二〇一五年六月",
            number(11),
            "百里洲镇合心村三组",
            "王强",
            "广东东莞",
            "１３９００００００１１",
        ]
        + ["李梅", "广东东莞", "13900000012", "王建国", "爷爷", "'13900000013", "√"],
        [2, "陈芳", None, "√", "15.6.1", number(12), "合心村2组", "陈刚", "在家", None]
        + ["刘云", "浙江", "13900000014", "陈刚", "父亲", None, None, "√"],
        ["序号", "学生姓名", "性别", None, "出生年月", "身份证号码", "家庭住址", "父亲情况"],
        [3, "李强", "√", None, 2015.1, number(13, "2015-10-02"), "关志村", "李军", None, None]
        + ["—", None, None, "王桂英", "奶奶", None, "√", None, "低保"],
        [4],
        [5],
        ["合计", None, 2, 1],
        ["说明：本表一式两份，于10月前上报。"],
        [None, "注：√表示是"],
    ):
        sheet.append(cells)
    for area in [
        "A1:P1",
        "A3:A4",
        "B3:B4",
        "C3:D3",
        "E3:E4",
        "F3:F4",
        "G3:G4",
        "H3:J3",
        "K3:M3",
        "N3:P3",
        "Q3:R3",
        "S3:S4",
    ]:
        sheet.merge_cells(area)
    return w.workbook_bytes(book)


def test_a_class_sheet_with_groups_and_ticks_is_read_without_its_other_rows():
    rows, ignored = read(class_sheet())
    assert set(rows) == {"王明", "陈芳", "李强"} and ignored == ["A 序号", "S 备注"]
    assert [rows[name].values["sex"] for name in ("王明", "陈芳", "李强")] == ["1", "2", "1"]
    assert [rows[name].values["boards"] for name in ("王明", "陈芳", "李强")] == [True, False, True]
    assert not [row.notes for row in rows.values() if row.notes]


def test_the_title_of_a_class_sheet_names_school_and_class():
    rows, _ignored = read(class_sheet())
    values = rows["王明"].values
    assert values["school"] == f.school().pk
    assert values["school_class"] == f.school_class(f.school(), 2021, 1).pk
    assert values["schooling"] == "primary"


def test_a_group_of_columns_says_whose_telephone_it_is():
    values = read(class_sheet())[0]["王明"].values
    numbers = [values[f"{person}_phone"] for person in ("father", "mother", "guardian")]
    assert numbers == ["13900000011", "13900000012", "13900000013"]
    assert values["guardian_relation"] == "61"


def test_the_id_number_resolves_an_ambiguous_date():
    rows, _ignored = read(class_sheet())
    assert rows["陈芳"].values["birth_date"] == "2015-06-01"  # 15.6.1
    assert rows["李强"].values["birth_date"] == "2015-10-02"  # the number 2015.1


def test_an_ambiguous_date_is_refused_without_a_matching_id_number():
    headings = ["姓名", "性别", "出生日期", "身份证号", "家庭住址"]
    sheet = w.workbook(
        [headings, ["王明", "男", "15.6.2", number(11), "合心村"], ["王亮", "男", "15.6.1", None, "合心村"]]
    )
    rows, _ignored = read(sheet)
    assert all(
        any("two-digit year" in text for _c, text, _s in row.notes) and row.status == "problem" for row in rows.values()
    )


def test_every_class_of_a_workbook_is_read_and_the_list_of_teachers_is_not():
    headings = ["姓名", "性别", "民族", "身份证号", "现住址", "父母姓名", "父母电话", "留守类型", "务工地"]
    five = [
        "张三",
        "男",
        "汉",
        number(21),
        "合心村",
        "张大（父）、王二（母）",
        "父13900000021 母13900000022",
        "双亲",
        "省外",
    ]
    six = ["张四", "女", "土家", number(22), "关志村", "王五/张六", "13900000023", "单亲（父亲外出）", "县内"]
    teacher = [["姓名", "性别", "民族", "身份证号", "职务"], ["老师", "女", "汉", number(23), "教师"]]
    classes = {"五年级2班": [["名册"], headings, five, ["五年级小计", 1]], "602": [["名册"], headings, six]}
    rows, ignored = read(w.workbook([["说明"], ["请填写"]], **classes, 教师=teacher), f.head_of(f.school()))

    assert ignored == ["sheet “教师”"]
    assert {name: (row.sheet, row.number) for name, row in rows.items()} == {
        "张三": ("五年级2班", 3),
        "张四": ("602", 3),
    }
    assert rows["张三"].values["school_class"] == f.school_class(f.school(), 2022, 2).pk
    assert rows["张四"].values["school_class"] == f.school_class(f.school(), 2021, 2).pk
    assert (rows["张三"].values["father_name"], rows["张三"].values["mother_phone"]) == ("张大", "13900000022")
    assert rows["张三"].values["mother_cross_county"] is True
    four = rows["张四"].values
    assert (four["father_name"], four["mother_name"]) == ("张六", "王五")  # by the surname
    assert (four["father_away"], four["father_cross_county"]) == (True, False)
    assert "mother_away" not in four


def test_the_registration_block_of_a_class_names_one_parent_and_another_guardian():
    headings = [
        "班级",
        "姓名",
        "性别",
        "出生年月",
        "家长姓名",
        "家庭详细住址",
        "家庭联系电话",
        "家长务工单位详细地址",
        "家长联系电话",
    ]
    headings += ["其他法定监护人职业", "称谓", "详细地址", "联系电话"]
    cells = [
        "六年级1班",
        "赵敏",
        "女",
        "2015-3-4",
        "赵大军",
        "百里洲镇合心村1组",
        "0717-4212345",
        "深圳市富士康",
        "13900000031",
    ]
    rows, ignored = read(w.workbook([["登记"], headings, [*cells, "务农", "奶奶", "合心村1组", "13900000032"]]))
    values = rows["赵敏"].values
    assert ignored == ["J 其他法定监护人职业"]
    assert (values["father_name"], values["father_work_place"]) == ("赵大军", "深圳市富士康")
    assert (values["father_phone"], values["guardian_phone"]) == ("13900000031", "13900000032")
    assert (values["guardian_relation"], values["guardian_address"]) == ("62", "合心村1组")
    assert any("Only one parent is named" in text for _column, text, _severity in rows["赵敏"].notes)


def test_a_roster_of_pairings_without_addresses_is_refused():
    headings = [
        "序号",
        "班级",
        "留守儿童姓名",
        "性别",
        "监护人",
        "联系电话",
        "帮扶教师",
        "职务/学科",
        "帮扶教师电话",
        "帮扶内容",
        "备注",
    ]
    cells = [1, "六年级1班", "孙小", "男", "孙大爷", "13900000041", "李老师", "语文", "13900000042", "学习"]
    roster = w.workbook([["合心村小学留守儿童和结对教师名册"], headings, cells])
    with pytest.raises(SheetError, match="names no village"):  # 合心村小学 is a school
        read(roster)
    rows, ignored = read(roster, place=f.other_village())
    assert rows["孙小"].values["guardian_phone"] == "13900000041"
    assert ignored == ["A 序号", "G 帮扶教师", "H 职务/学科", "I 帮扶教师电话", "J 帮扶内容", "K 备注"]


def test_a_village_in_the_title_and_group_in_a_column_are_the_address():
    headings = ["序号", "组别", "姓名", "性别", "身份证号", "是否低保", "是否建档立卡", "户口性质", "健康状况"]
    rows, _ignored = read(
        w.workbook(
            [
                ["百里洲镇合心村留守儿童台账"],
                headings,
                [1, 3, "周明", "男", number(31), "否", "是", "农业户口", "有慢性病"],
            ]
        )
    )
    values = rows["周明"].values
    assert (values["village"], values["residence"]) == (f.village().code, "合心村3组")
    assert (values["relief"], values["hukou_rural"], values["condition"]) == (["other"], True, "ill")


def test_township_and_village_in_columns_of_their_own_are_the_address():
    headings = ["乡镇", "行政村", "村民小组", "姓名", "性别", "身份证号"]
    rows, _ignored = read(w.workbook([headings, ["小白山乡", "中心", "2组", "周明", "男", number(31)]]))
    assert rows["周明"].values["village"] == f.far_village().code
    assert rows["周明"].values["residence"] == "小白山乡中心村2组"


def test_a_head_cannot_import_the_children_of_another_school():
    headings = ["姓名", "性别", "身份证号", "家庭住址", "就读学校"]
    mine, other = number(41), number(43)
    sheet = w.workbook(
        [
            headings,
            ["周明", "男", mine, "合心村", "百里洲中心小学"],
            ["周亮", "男", other, "合心村", "小白山乡中心小学"],
        ]
    )
    rows, _ignored = read(sheet, f.head_of(f.school()))
    assert rows["周明"].values["school"] == f.school().pk
    assert rows["周亮"].status == "problem" and rows["周亮"].notes[-1][1] == "This is not your school."
