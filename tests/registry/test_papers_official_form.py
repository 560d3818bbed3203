"""The official form, field by field: all three outputs print what the standard's list says."""

import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse

from registry import census
from registry.models import Absence, Relative
from registry.papers.official_form import FORM_ROWS, GRID_COLUMNS, WIDTHS
from tests import factories as f
from tests.registry.papers import HOUSE, ID, NAME, PHONE, body, full_child, in_full, pdf_pages, sheet_of

pytestmark = pytest.mark.django_db
# The 43 fields with their printed headings (census standard §1.2), and what they hold for the child of tests.papers.
PAPER = (
    (1, "姓名", NAME),
    (2, "性别", "√男　□女"),
    (3, "民族", "土家族"),
    (4, "出生日期", "2014-05-04"),
    (5, "公民身份证号码", ID["child"]),
    (6, "是否登记户口", "√是　□否"),
    (7, "户籍所在地", "湖北省枝江市"),
    (8, "现居住地", HOUSE),
    (9, "身体情况", "□健康　√残疾　□患病"),
    (10, "残疾类别及等级", "肢体残疾二级"),
    (11, "患病类型", "先天性心脏病"),
    (12, "是否学校寄宿", "√是　□否"),
    (13, "就学情况", "□幼儿园　□未入园　√小学　□初中　□高中　□中职　□辍学　□不在学"),
    (14, "祖父姓名", "王一"),
    (15, "出生日期", "1950-02-03"),
    (16, "祖母姓名", "李二"),
    (17, "出生日期", "1951-02-03"),
    (18, "外祖父姓名", "张三"),
    (19, "出生日期", "1952-02-03"),
    (20, "外祖母姓名", "赵四"),
    (21, "出生日期", "1953-02-03"),
    (22, "父亲姓名", "王五"),
    (23, "出生日期", "1986-03-02"),
    (24, "当前务工地点", "广东省深圳市"),
    (25, "联系电话", PHONE["father"]),
    (26, "母亲姓名", "孙六"),
    (27, "出生日期", "1988-07-06"),
    (28, "当前务工地点", "浙江省温州市"),
    (29, "联系电话", PHONE["mother"]),
    (30, "父亲公民身份证号码", ID["father"]),
    (31, "母亲公民身份证号码", ID["mother"]),
    (32, "父母双方同时外出", "√是　□否"),
    (33, "父母一方外出、另一方无监护能力", "□是　√否"),
    (34, "无监护能力", "□父亲　□母亲"),
    (35, "父母外出有无委托其他监护人", "√有　□无"),
    (36, "委托监护人姓名", "李二"),
    (37, "受委托监护人电话", PHONE["guardian"]),
    (38, "公民身份证号码", ID["guardian"]),
    (39, "与被监护人关系", "祖母"),
    (40, "居住地地址", HOUSE),
    (41, "监护情况评估", "□较好　√一般　□差"),
    (42, "家庭经济来源", "√打工收入　√种养殖业　□政府救助　□亲朋接济　□其他（以上选项可多选）"),
    (43, "救助帮扶情况", "√享受低保　□临时救助　√医疗救助　□住房救助　□其他救助（以上选项可多选）"),
)
BLOCKS = ("留守儿童个人基本情况", "家庭情况", "实际监护情况", "家庭经济来源与救助帮扶情况")
AROUND = ("农村留守儿童基本情况登记表", "填报单位（盖章）：枝江市百里洲镇合心村", "填报日期：")
SIGNED = ("单位负责人（签名）", "复核人（签名）", "填表人（签名）")


def form(login, child, kind: str = "print", full: bool = True) -> bytes:
    client = login(f.admin_of(f.village()))
    address = f"{reverse('child-form', args=[child.code])}?format={kind}"
    response = in_full(client, address) if full else client.get(address)
    assert response.status_code == 200
    return body(response)


def cells_of(page: str) -> list[str]:
    return [unescape(text).strip() for text in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page, re.S)]


def test_the_list_of_the_standard_and_the_list_of_the_registry_have_the_same_headings():
    assert [(field.number, field.heading) for field in census.PRINTED_FIELDS] == [line[:2] for line in PAPER]


def test_every_field_stands_on_the_form_once_in_printed_order_and_each_row_is_full():
    rows = [row for lines in FORM_ROWS for row in lines]
    assert [number for row in rows for number, _heading, _value in row] == list(range(1, 44))
    assert {sum(heading + value for _number, heading, value in row) for row in rows} == {GRID_COLUMNS}
    assert len(WIDTHS) == GRID_COLUMNS + 1


def test_each_field_of_the_print_page_holds_what_it_must(login):
    child = full_child()
    f.child("赵小兰")
    page = form(login, child).decode()
    cells = cells_of(page)
    for number, heading, value in PAPER:
        place = cells.index(f"{number} {heading}")
        assert cells[place + 1] == value, f"{number} {heading}"
    assert all(text in page for text in (*BLOCKS, *AROUND, *SIGNED)) and "赵小兰" not in page


def test_each_field_of_the_workbook_holds_what_it_must(login):
    child = full_child()
    sheet = sheet_of(form(login, child, "xlsx"))
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    for number, heading, value in PAPER:
        assert cells[cells.index(f"{number} {heading}") + 1] == value, f"{number} {heading}"
    text = "".join(cells)
    assert all(part in text for part in (*BLOCKS, *AROUND, *SIGNED))


def test_each_field_of_the_pdf_holds_what_it_must(login):
    child = full_child()
    (text,) = pdf_pages(form(login, child, "pdf"))
    at = 0
    for number, heading, value in PAPER:  # one after the other, each value behind its heading
        expected = "".join(f"{number}{heading}{value}".split())
        found = text.find(expected, at)
        assert found >= 0, f"{number} {heading}"
        at = found
    assert all("".join(part.split()) in text for part in (*BLOCKS, *AROUND, *SIGNED))


def test_the_seven_notes_stand_below_in_each_output(login):
    child = full_child()
    words = (
        "丧失监护能力",
        "年龄计算截止日期为",
        "患有重特大疾病",
        "填写“—”",
        "③差：无人监护",
        "14至16周岁",
        "省（区、市）",
    )
    page, (pdf,) = form(login, child).decode(), pdf_pages(form(login, child, "pdf"))
    sheet = "".join(str(cell) for row in sheet_of(form(login, child, "xlsx")).values for cell in row)
    for number, word in enumerate(words, 1):
        for text in (page, pdf, sheet):
            note = text[text.index(f"注{number}．") :]
            assert word in note.split(f"注{number + 1}．")[0]


def test_the_masked_form_holds_no_number_phone_or_house(login):
    child = full_child()
    for kind in ("print", "pdf", "xlsx"):
        data = form(login, child, kind, full=False)
        text = (
            data.decode()
            if kind == "print"
            else "".join(pdf_pages(data))
            if kind == "pdf"
            else "".join(str(cell) for row in sheet_of(data).values for cell in row)
        )
        assert not [secret for secret in (*ID.values(), *PHONE.values(), "三组12号") if secret in text]
        assert "138****0001" in text and "********" + ID["child"][-4:] in text and "百里洲镇合心村" in text


def test_who_has_died_has_dashes_in_each_field_of_theirs(login):
    child = full_child()
    for relation in ("51", "63"):
        row = Relative.objects.get(child=child, relation=relation)
        row.state = "deceased"
        row.save()
    Absence.objects.get(child=child, parent="51").delete()
    cells = cells_of(form(login, child).decode())
    dashes = {number for number, heading, _value in PAPER if cells[cells.index(f"{number} {heading}") + 1] == "—"}
    assert dashes == {18, 19, 22, 23, 24, 25, 30}


def test_who_is_unknown_is_not_dead_and_what_is_empty_stays_empty(login):
    child = f.child("赵小兰", id_number="", id_reason="未上户口")
    Relative.objects.create(child=child, relation="61", state="unknown")
    cells = cells_of(form(login, child).decode())
    assert cells[cells.index("14 祖父姓名") + 1] == "不详" and cells[cells.index("16 祖母姓名") + 1] == ""
    assert cells[cells.index("6 是否登记户口") + 1] == "□是　□否", "nothing is ticked that nobody said"


def test_the_one_away_and_the_other_unable_are_ticked(login):
    child = full_child()
    Absence.objects.get(child=child, parent="52").delete()
    mother = Relative.objects.get(child=child, relation="52")
    mother.able = False
    mother.save()
    cells = cells_of(form(login, child).decode())
    printed = {number: cells[cells.index(f"{number} {heading}") + 1] for number, heading, _value in PAPER}
    assert (printed[32], printed[33], printed[34]) == ("□是　√否", "√是　□否", "□父亲　√母亲")


def test_the_form_is_chinese_in_whatever_language_one_works(login, settings):
    child = full_child(school_class=f.school_class(entry_year=2022))
    client = login(f.head_of(f.school()))
    query = {"class": child.school_class.key, "date": dt.date(2026, 10, 1).isoformat()}
    page = client.get(reverse("paper-print", args=["forms"]), query).content.decode()
    assert "五年级" in page and "Grade 5" not in page and "填报日期：2026年10月1日" in page
