from pathlib import Path

from carebase.sheets.headings import find_heading, is_blank, is_footer, normalise_heading
from carebase.sheets.reader import Sheet, read_sheets

DATA = Path(__file__).parent.parent / "data"
KNOWN_TEXT = """
    学校标识码 姓名 学生姓名 性别 民族 出生日期 出生年月 身份证号 身份证件号 公民身份证号码 班号 入学年月 就读方式
    现住址 家庭住址 联系电话 父亲姓名 母亲姓名 务工地点 当前务工地点 监护人 实际监护人 监护人电话 就读学校 学校 年级
    班级 备注 走访记录 与学生关系 家庭经济来源 留守类型 户口性质 是否留守儿童 是否孤儿 残疾类型 健康状况 成员1姓名
    成员1关系 成员1联系电话 成员2姓名 成员2关系 籍贯 国籍/地区 成员2联系电话
"""
KNOWN = set(KNOWN_TEXT.split())


def heading_of(name):
    (sheet, *_others) = read_sheets(name, (DATA / name).read_bytes())
    return sheet, find_heading(sheet, KNOWN)


def test_the_heading_of_the_census_form_is_found_under_its_groups():
    sheet, heading = heading_of("census_form_34.xlsx")
    assert heading.row == 3
    assert heading.columns[:3] == ["姓名", "性别", "民族"]
    assert heading.columns[41:] == ["家庭经济来源", "救助帮扶情况"]
    telephones = [place for place, text in enumerate(heading.columns) if text == "联系电话"]
    assert [heading.groups[place] for place in (0, *telephones, 40)] == [
        "留守儿童个人基本情况",
        "家庭情况",
        "家庭情况",
        "实际监护情况",
    ]
    assert [number for number, row in sheet.numbered(4) if is_footer(row)] == [39, 40]


def test_the_heading_of_the_hand_made_sheet_keeps_its_duplicates_in_order():
    sheet, heading = heading_of("school_hand_made.xlsx")
    assert heading.row == 2 and heading.columns[10:16] == [
        "父亲姓名",
        "务工地点",
        "联系电话",
        "母亲姓名",
        "务工地点",
        "联系电话",
    ]
    assert set(heading.groups) == {""}
    assert [number for number, row in sheet.numbered(3) if is_footer(row)] == [81, 82]


def test_the_headings_of_the_roll_and_the_village_ledger_are_their_first_rows():
    roll, heading = heading_of("school_roll_export.xlsx")
    assert (heading.row, len(heading.columns), heading.columns[70]) == (0, 71, "是否进城务工人员随迁子女")
    ledger, heading = heading_of("village_ledger_gb18030.csv")
    assert (heading.row, len(heading.columns), heading.columns[2]) == (0, 20, "姓名")
    assert not any(is_footer(row) for sheet in (roll, ledger) for row in sheet.rows[1:])


def test_two_levels_without_merged_cells_are_read_from_the_blanks():
    rows = [
        ["名册", None, None, None, None, None],
        ["序号", "姓名", "父亲", None, "性别", "备注"],
        [None, None, "姓名", "联系电话", None, None],
        [1, "何小静", "何大山", "13800000001", "女", None],
    ]
    heading = find_heading(Sheet("x", rows), KNOWN)
    assert heading.row == 2
    assert heading.columns == ["序号", "姓名", "姓名", "联系电话", "性别", "备注"]
    assert heading.groups == ["", "", "父亲", "父亲", "", ""]


def test_a_group_ends_where_its_merged_cell_ends():
    rows = [["父亲", None, None, "孩子"], ["姓名", "联系电话", "民族", "性别"], ["何大山", "1", "汉", "女"]]
    heading = find_heading(Sheet("x", rows, merged=[(0, 0, 0, 1)]), KNOWN)
    assert heading.groups == ["父亲", "父亲", "", "孩子"]


def test_a_table_without_known_headings_or_with_them_too_low_has_no_heading():
    assert find_heading(Sheet("x", [["姓名", "性别", "苹果"], ["何小静", "女", "3"]]), KNOWN) is None
    low = [[None, None, None]] * 12 + [["姓名", "性别", "民族"]]
    assert find_heading(Sheet("x", low), KNOWN) is None
    assert find_heading(Sheet("x", low), KNOWN, within=13).row == 12


def test_headings_are_compared_without_spaces_width_marks_and_remarks():
    assert normalise_heading(" 姓　名（＊）") == "姓名"
    assert normalise_heading("*联系\n电话：") == "联系电话"
    assert normalise_heading("监护人【电话】") == "监护人(电话)"
    rows = [["姓 名", "留守类型（单亲／双亲）", "性别*", "监护人(手机)"]]
    assert find_heading(Sheet("x", rows), KNOWN).columns == ["姓名", "留守类型", "性别", "监护人"]
    assert find_heading(Sheet("x", rows), KNOWN | {"监护人(手机)"}).columns[3] == "监护人(手机)"


def test_footers_are_not_taken_for_children():
    assert all(
        is_footer([None, text, 3])
        for text in ("合 计", "总计：77人", "填表人：", "备注：1.", "注:x", "单位负责人（签名）")
    )
    assert not any(is_footer([text, "女"]) for text in (1, "何小静", "注册", "备注", "2026-01-01"))
    assert is_footer([None, None]) and is_blank([None]) and not is_blank([0])
