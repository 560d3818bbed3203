"""The official form with as many invented rows as asked: what an import is measured with."""

import datetime as dt
import random
from pathlib import Path

import xlsxwriter

from carebase.management.invented import days, names
from registry import census
from registry.codes.id_number import make
from registry.codes.sex import Sex

SEED = 43
COUNTY, TOWNSHIP, VILLAGES = "湖北省枝江市", "百里洲镇", ("合心村", "关志村")
BIRTHDAYS, STRIDE = 5500, 1009  # nobody has turned 16; children who follow one another differ in age
SEQUENCES = range(100, 340, 2)  # of ID numbers, none of which the demonstration gives out
MOST = BIRTHDAYS * len(SEQUENCES)
HEADING_ROWS = 4


def write_census(file: Path, rows: int, day: dt.date) -> None:
    """Write the form of the township as reported on `day`; the same rows on the same day. ValueError beyond MOST."""
    if rows > MOST:
        raise ValueError(f"At most {MOST} rows have ID numbers of their own.")
    rng = random.Random(SEED)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("登记表")
        write_heading(sheet, day)
        for number in range(rows):
            values = invented_row(rng, number, day)
            cells = [str(values.get(blank.name, "")) for blank in census.BLANKS]
            sheet.write_row(HEADING_ROWS + number, 0, cells)


def write_heading(sheet, day: dt.date) -> None:
    """Write the printed heads: title, who reports when, sections, blanks."""
    sheet.write_string(0, 0, "农村留守儿童基本情况登记表")
    sheet.write_row(1, 0, [f"填报单位（盖章）：{TOWNSHIP}人民政府", f"填报日期：{day.year}年{day.month}月{day.day}日"])
    column = 0
    for section in census.SECTIONS:
        sheet.write_string(2, column, section.heading)
        column += len(section.blanks)
    sheet.write_row(3, 0, [blank.heading for blank in census.BLANKS])


def invented_row(rng: random.Random, number: int, day: dt.date) -> dict[str, object]:
    """Return what the paper says of one child, by the names of the blanks."""
    round_, step = divmod(number, BIRTHDAYS)
    born = days.before(day, 60 + step * STRIDE % BIRTHDAYS)
    sex = (Sex.MALE, Sex.FEMALE)[number % 2]
    name = names.person(rng, sex)
    place = f"{TOWNSHIP}{VILLAGES[number // 2 % len(VILLAGES)]}"
    child = {
        "name": name, "sex": "男" if sex == Sex.MALE else "女", "ethnicity": "汉族", "birth_date": born,
        "id_number": make(names.COUNTY, born, SEQUENCES[round_] + (sex == Sex.MALE)), "hukou_registered": "是",
        "hukou_place": COUNTY + place, "residence": f"{place}{rng.randrange(1, 9)}组{rng.randrange(1, 200)}号",
        "condition": "健康", "boards": "否", "schooling": "小学", "income": "打工收入", "relief": "享受低保",
    }  # fmt: skip
    return child | family_row(rng, names.surname_of(name), born) | guardian_row(rng, child["residence"])


def family_row(rng: random.Random, surname: str, born: dt.date) -> dict[str, object]:
    row = {}
    for person in census.PERSONS:
        sex = Sex.MALE if person.endswith("father") else Sex.FEMALE
        row[f"{person}_name"] = names.person(rng, sex, surname if person in {"father", "grandfather"} else "")
        birth = days.before(born, rng.randrange(8000, 11000) + (0 if person in census.PARENTS else 9000))
        row[f"{person}_birth_date"] = birth
        if person in census.PARENTS:
            row[f"{person}_work_place"], row[f"{person}_phone"] = "广东省深圳市", names.phone(rng)
            row[f"{person}_id_number"] = names.adult_id_number(rng, birth, sex)
    return row


def guardian_row(rng: random.Random, residence: str) -> dict[str, object]:
    birth = dt.date(1958, 1, 1) + dt.timedelta(rng.randrange(3000))
    return {
        "both_away": "是", "one_away": "否", "entrusted": "是", "guardian_name": names.person(rng, Sex.FEMALE),
        "guardian_phone": names.phone(rng), "guardian_id_number": names.adult_id_number(rng, birth, Sex.FEMALE),
        "guardian_relation": "祖母", "guardian_address": residence, "assessment": "一般",
    }  # fmt: skip
