import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes import parse_disability, parse_ethnicity, parse_relation, parse_sex
from registry.codes.dates import parse_date, parse_month_or_date
from registry.codes.grades import parse_grade
from registry.codes.id_number import parse_id_number
from registry.codes.parsing import parse_choice, parse_choices, parse_money, parse_text, parse_yes_no
from registry.codes.people import parse_person_name, parse_phone, split_people
from registry.codes.text import InvalidCell, LostDigits

SOURCES = {"打工收入": "work", "种养殖业": "farming", "政府救助": "relief", "其他": "other", "水、电": "utilities"}
PARSERS = [
    parse_text,
    parse_date,
    parse_month_or_date,
    parse_yes_no,
    parse_phone,
    parse_person_name,
    parse_money,
    split_people,
    parse_sex,
    parse_ethnicity,
    parse_relation,
    parse_disability,
    parse_grade,
    lambda cell: parse_choice(cell, SOURCES),
    lambda cell: parse_choices(cell, SOURCES),
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("blank", [None, "", " \t\n", "\u3000", "\ufeff\u200b"])
def test_blank_cells_have_no_value(parse, blank):
    assert parse(blank) in (None, [])


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()),
    st.sampled_from(PARSERS),
)
def test_no_cell_ends_in_anything_but_a_value_or_a_sentence(cell, parse):
    try:
        parse(cell)
    except InvalidCell as refused:
        assert str(refused).endswith((".", "…"))


@pytest.mark.parametrize("number", [1e15, 9.90000201508172e17, 10**17, -1e18])
@pytest.mark.parametrize("parse", [parse_text, parse_phone, parse_person_name, parse_date, parse_money])
def test_numbers_that_lost_digits_are_refused(parse, number):
    with pytest.raises(LostDigits):
        parse(number)


@pytest.mark.parametrize(
    "cell", ["是", "有", "√", "✓", "✔️", "Y", "yes", "ＹＥＳ", "1", 1, 1.0, True, "TRUE", "已", " 是 "]
)
def test_yes_is_read(cell):
    assert parse_yes_no(cell) is True


@pytest.mark.parametrize("cell", ["否", "无", "×", "x", "X", "✗", "N", "no", "0", 0, 0.0, False, "False", "未", "没有"])
def test_no_is_read(cell):
    assert parse_yes_no(cell) is False


@pytest.mark.parametrize("cell", ["是否", "2", -1, "√×", "□", "？", "不详", "—"])
def test_neither_yes_nor_no_is_refused(cell):
    with pytest.raises(InvalidCell, match="neither yes nor no"):
        parse_yes_no(cell)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("打工收入", ["work"]),
        ("种养殖业、其他", ["farming", "other"]),
        ("其他,打工收入；其他", ["other", "work"]),
        ("政府救助 打工收入", ["relief", "work"]),
        ("水、电", ["utilities"]),
        ("1-打工收入/4.其他", ["work", "other"]),
    ],
)
def test_several_choices_are_read_in_their_order(cell, codes):
    assert parse_choices(cell, SOURCES) == codes


def test_a_choice_is_exact_and_its_refusal_lists_what_is_accepted():
    assert parse_choice("　打工 收入", SOURCES) == "work"
    assert parse_choice("1-打工收入", SOURCES) == "work"
    with pytest.raises(InvalidCell, match="“打工” is not one of the choices: 打工收入、种养殖业"):
        parse_choice("打工", SOURCES)
    with pytest.raises(InvalidCell, match="“捐款”"):
        parse_choices("打工收入、捐款", SOURCES)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1200", "1200.00"),
        (1200, "1200.00"),
        (1200.5, "1200.50"),
        (0.1 + 0.2, "0.30"),
        ("¥1,200.50", "1200.50"),
        ("￥１２００", "1200.00"),
        ("1200元", "1200.00"),
        ("1.2万元", "12000.00"),
        ("0", "0.00"),
    ],
)
def test_amounts_are_read_to_the_cent(cell, amount):
    assert str(parse_money(cell)) == amount


@pytest.mark.parametrize("cell", ["-5", -5, "12,00", "1.005", 1.005, "一千", "1e3x", "1200美元", "10000000000", True])
def test_amounts_that_are_none_are_refused(cell):
    with pytest.raises(InvalidCell):
        parse_money(cell)


@given(st.decimals(0, 9_999_999, places=2))
def test_every_amount_survives_text_and_number(amount):
    assert parse_money(str(amount)) == parse_money(float(amount)) == parse_money(f"{amount:,}元") == amount


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  填报单位（盖章）：\r\n", "填报单位（盖章）："),
        ("一_x000D_\n二", "一\n二"),
        ("a\x00\u202eb\ud800", "ab"),
        (3.0, "3"),
        (3.5, "3.5"),
        ("'0012", "0012"),
        (date(2015, 6, 1), "2015-06-01"),
        (datetime(2015, 6, 1), "2015-06-01"),
        (datetime(2015, 6, 1, 8, 30), "2015-06-01 08:30"),
    ],
)
def test_text_keeps_its_punctuation_and_loses_what_nobody_sees(cell, text):
    assert parse_text(cell) == text


def test_text_longer_than_its_field_is_refused_with_both_lengths():
    assert parse_text("一二三", max_length=3) == "一二三"
    with pytest.raises(InvalidCell, match="4 characters; at most 3"):
        parse_text("一二三四", max_length=3)


def test_the_village_ledger_is_read_without_a_refusal():
    path = Path(__file__).parent.parent / "data" / "village_ledger_gb18030.csv"
    with path.open(encoding="gb18030", newline="") as ledger:
        rows = list(csv.DictReader(ledger))
    for row in rows:
        number = parse_id_number(row["身份证号"], on=date(2026, 9, 10))
        assert number.birth_date == parse_date(row["出生日期"])
        assert {"male": "男", "female": "女"}[number.sex] == row["性别"]
        assert parse_person_name(row["姓名"]) == row["姓名"]
        assert len(split_people(row["父母姓名"])) == 2 and len(parse_phone(row["父母电话"])) == 2
        assert parse_relation(row["与监护人关系"]) in ("60", "80")
    assert len(rows) > 50
