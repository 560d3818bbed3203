"""Unusual cells: two values in one cell, and other words in place of a name or number."""

import csv
import io

import pytest

from registry.imports import staging
from tests import factories as f
from tests import workbooks as w

pytestmark = pytest.mark.django_db


def number(sequence, birth="2016-05-04"):
    return w.number(sequence, birth)


@pytest.fixture(autouse=True)
def places():
    f.village(), f.other_village(), f.far_village(), f.other_school(), f.term()
    f.school_class(f.school(), 2023, 1), f.school_class(f.school(), 2023, 2)


def read(data, name="x.xlsx", place=None):
    """Return the rows of a sheet by the child's name, and the columns that were not read."""
    batch = staging.stage_file(name=name, data=data, term=f.term(), by=f.coordinator_of(f.county()), place=place)
    return {row.values["name"]: row for row in batch.rows.all()}, batch.counts["ignored"]


def remarks(row) -> list[str]:
    return [text for _column, text, _severity in row.notes]


PARENT = ["序号", "姓名", "性别", "出生年月", "身份证号码", "家庭住址", "家长姓名", "与学生关系", "家长电话"]


def test_the_relation_beside_the_one_parent_named_says_which_it_is():
    headings = [*PARENT, "双亲外出", "父亲外出", "母亲外出", "监护人姓名", "联系方式", "住校"]
    rows, ignored = read(
        w.workbook(
            [
                ["百里洲镇中心小学四年级留守儿童登记表"],
                ["学校：百里洲镇中心小学", None, None, "班主任：周敏", None, "2026年9月"],
                headings,
                [1, "王一鸣", "男", "2016.5", number(21), "合心村三组", "王强", "父子", "13900001111", "√"]
                + [None, None, "王奶奶", "13900001112", "√"],
                ["小计", "1人"],
                [2, "赵三宝", "男", "2016年5月", number(23), "关志村一组", "赵军", "母子", "13900001115", None]
                + [None, "√", None, None, "×"],
                ["合计", "2人"],
                ["填表人：周敏", None, None, "审核人：陈国强"],
            ]
        )
    )
    assert ignored == ["A 序号"] and set(rows) == {"王一鸣", "赵三宝"}
    first, second = rows["王一鸣"].values, rows["赵三宝"].values
    assert (first["father_name"], first["father_phone"]) == ("王强", "13900001111")
    assert (first["guardian_name"], first["guardian_phone"]) == ("王奶奶", "13900001112")
    assert not first.get("guardian_relation"), "the father is not what the grandmother is"
    assert (first["father_away"], first["mother_away"], first["boards"]) == (True, True, True)
    assert (second["mother_name"], second["mother_phone"]) == ("赵军", "13900001115"), "whatever the surname"
    assert not second.get("father_name") and second["mother_away"] and not remarks(rows["赵三宝"])


def test_a_grandmother_named_as_parent_is_the_guardian():
    rows, _ignored = read(
        w.workbook([PARENT, [1, "王一鸣", "男", "2016.5", number(21), "合心村", "李奶奶", "祖母", "13900001111"]])
    )
    values = rows["王一鸣"].values
    guardian = {key: values.get(f"guardian_{key}") for key in ("name", "relation", "phone")}
    assert guardian == {"name": "李奶奶", "relation": "62", "phone": "13900001111"}
    assert not values.get("father_name") and not values.get("mother_name")


def test_a_grandmother_beside_another_guardian_is_not_taken_for_the_mother():
    rows, _ignored = read(
        w.workbook(
            [
                [*PARENT, "监护人姓名"],
                [1, "王一鸣", "男", "2016.5", number(21), "合心村", "李奶奶", "祖母", "13900001111", "王大伯"],
            ]
        )
    )
    values = rows["王一鸣"].values
    assert values["guardian_name"] == "王大伯" and not values.get("mother_name")
    assert any("neither parent" in text for text in remarks(rows["王一鸣"]))


def test_a_name_and_phone_in_one_cell_are_split():
    headings = ["组别", "儿童姓名", "性别", "出生日期", "身份证号", "就读学校及班级", "父母务工情况", "父亲姓名及电话"]
    headings += ["母亲姓名、联系电话", "实际监护人姓名及联系方式"]
    cells = ["1组", "沈小小", "男", 42494, number(71), "百里洲镇中心小学四年级1班", "父母均在外务工"]
    rows, ignored = read(
        w.workbook(
            [
                ["合心村留守儿童、困境儿童摸底台账"],
                headings,
                [*cells, "沈大 13900006661", "李芳（0717-4212345）", "沈大爷：13900006663"],
            ]
        )
    )
    values = rows["沈小小"].values
    assert ignored == []
    assert (values["father_name"], values["father_phone"]) == ("沈大", "13900006661")
    assert (values["mother_name"], values["mother_phone"]) == ("李芳", "0717-4212345")
    assert (values["guardian_name"], values["guardian_phone"]) == ("沈大爷", "13900006663")
    assert values["school"] == f.school().pk and values["school_class"] == f.school_class(f.school(), 2023, 1).pk


@pytest.mark.parametrize(
    ("name", "delimiter", "encoding"),
    [("list.csv", ",", "utf-8-sig"), ("list.txt", "\t", "gb18030"), ("list.csv", ";", "utf-8")],
)
def test_text_tables_are_read_alike_whatever_the_delimiter_and_encoding(name, delimiter, encoding):
    output = io.StringIO()
    writer = csv.writer(output, delimiter=delimiter)
    writer.writerow(["姓名", "性别", "出生年月", "身份证号码", "户籍地址", "现住址", "母亲姓名", "家庭类型"])
    place = "枝江市百里洲镇合心村"
    writer.writerow(["褚小贝", "女", "二〇一六年五月", number(52), place, "同户籍地", "离异", "一般家庭"])
    rows, ignored = read(output.getvalue().encode(encoding), name)
    row = rows["褚小贝"]
    assert (row.status, ignored) == ("new", [])
    assert (row.values["residence"], row.values["village"]) == (place, f.village().code)
    assert remarks(row) == ["“离异” is a remark, not a name. Write the person's name, or 不详."]
    assert not row.values.get("mother_name") and not row.values.get("relief")


def test_a_sheet_for_each_class_is_read_wholly_and_the_sums_beside_them_are_not():
    headings = ["序号", "姓名", "性别", "民族", "出生日期", "身份证号", "家庭住址", "父亲姓名", "留守类型", "监护人"]
    headings += ["与监护人关系"]
    first = [1, "何一一", "女", "汉", "20160504", number(42), "合心村4组", "何大", "双留守", "何老太", "祖孙"]
    second = [1, "何三三", "女", "土家族", "2016/5/4", f"'{number(44)}", "关志村", "何三", "母亲外出", "何三", "父女"]
    sheets = {
        name: [[f"百里洲镇中心小学{name}留守儿童名单"], headings, cells]
        for name, cells in (("四年级1班", first), ("四年级2班", second))
    }
    rows, _ignored = read(w.workbook([["班级", "人数"], ["四年级1班", 1], ["合计", 2]], **sheets))
    classes = {name: row.values["school_class"] for name, row in rows.items()}
    assert classes == {
        "何一一": f.school_class(f.school(), 2023, 1).pk,
        "何三三": f.school_class(f.school(), 2023, 2).pk,
    }
    assert rows["何三三"].values["mother_away"] and rows["何三三"].values["guardian_relation"] == "51"


@pytest.mark.parametrize("words", ["无", "不详", "/", "未办理", "暂无", "（未上户）", "没有办"])
def test_words_in_place_of_an_id_number_say_that_there_is_none(words):
    headings = ["姓名", "性别", "出生日期", "身份证号", "家庭住址", "父亲姓名", "父亲身份证号"]
    rows, _ignored = read(w.workbook([headings, ["王一鸣", "男", "20160504", words, "合心村", "王强", words]]))
    row = rows["王一鸣"]
    assert (row.status, row.values["id_number"], row.values["id_reason"]) == ("new", "", "not given in the sheet")
    assert len(remarks(row)) == 1 and "There is no ID number" in remarks(row)[0]


def test_ditto_repeats_the_cell_above_but_never_a_name_or_number():
    headings = ["姓名", "性别", "身份证号", "户籍所在地", "家庭住址", "父亲姓名"]
    first = ["陈星", "女", number(42), "枝江市百里洲镇合心村", "合心村3组", "陈大海"]
    sheet = [headings, first, ["陈月", "女", number(44), "同上", "〃", "同上"], ["小计", "2人"]]
    sheet += [["陈光", "男", number(45), "同上", "关志村", "同上"], ["陈亮", "男", "同上", "同上", "同上", "同上"]]
    rows, _ignored = read(w.workbook(sheet))
    for name, residence in (("陈月", "合心村3组"), ("陈光", "关志村")):
        values = rows[name].values
        assert (values["hukou_place"], values["father_name"]) == ("枝江市百里洲镇合心村", "陈大海")
        assert values["residence"] == residence
    assert rows["陈亮"].status == "problem", "nobody has the number of somebody else"
