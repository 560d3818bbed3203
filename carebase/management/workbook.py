"""The official form as a workbook of any number of invented children, to try and to measure the import."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import xlsxwriter

from carebase.management.demo_data import names
from registry import census
from registry.cell_readers import DECEASED
from registry.codes.id_number import build_id_number
from registry.codes.sex import Sex

COUNTY = "990000"  # assigned to no county, so that an invented number belongs to nobody
VILLAGES = ("百里洲镇合心村", "百里洲镇关志村")
FIRST_BIRTHDAY, BIRTHDAYS = dt.date(2011, 9, 1), 5000
SEQUENCES = range(100, 340, 2)  # of ID numbers, none of which the demonstration uses
MAX_INVENTED_ROWS = BIRTHDAYS * len(SEQUENCES)
TITLE = "农村留守儿童基本情况登记表"
CITIES = ("广东省深圳市", "浙江省温州市", "江苏省苏州市", "湖北省武汉市")


def invented_rows(number: int, villages: tuple[str, ...] = VILLAGES, seed: int = 1) -> Iterator[list[str]]:
    """Yield the cells of `number` children in printed order, each with its own ID number."""
    if number > MAX_INVENTED_ROWS:
        raise ValueError(f"At most {MAX_INVENTED_ROWS} rows have ID numbers of their own.")
    rng = random.Random(seed)
    for index in range(number):
        round_, step = divmod(index, BIRTHDAYS)
        sex = (Sex.MALE, Sex.FEMALE)[index % 2]
        birth = FIRST_BIRTHDAY + dt.timedelta(days=step)
        id_number = build_id_number(COUNTY, birth, SEQUENCES[round_] + (sex == Sex.MALE))
        yield list(invented_blanks(rng, sex, birth, id_number, villages[index % len(villages)]).values())


def invented_blanks(rng: random.Random, sex: str, birth: dt.date, id_number: str, village: str) -> dict[str, str]:
    blanks = {field.name: "" for field in census.PRINTED_FIELDS} | {
        "name": names.random_name(rng, sex), "sex": {Sex.MALE: "男", Sex.FEMALE: "女"}[sex], "ethnicity": "汉族",
        "birth_date": birth.isoformat(), "id_number": id_number, "hukou_registered": "是",
        "hukou_place": f"湖北省枝江市{village}", "residence": f"{village}{rng.randrange(1, 9)}组{rng.randrange(99)}号",
        "condition": "健康", "boards": "否", "schooling": "小学", "both_away": "是", "one_away": "否",
        "entrusted": "是", "guardian_name": names.random_name(rng, Sex.FEMALE),
        "guardian_phone": names.random_phone(rng), "guardian_relation": "祖母", "guardian_address": village,
        "assessment": rng.choice(("较好", "一般")),
        "income": "打工收入", "relief": rng.choice(("", "享受低保", "医疗救助、住房救助")),
    }  # fmt: skip
    for person in census.PERSONS:
        blanks |= invented_relative(rng, person, birth)
    return blanks


def invented_relative(rng: random.Random, person: str, birth: dt.date) -> dict[str, str]:
    parent, sex = person in census.PARENTS, Sex.MALE if person.endswith("father") else Sex.FEMALE
    born = birth - dt.timedelta(days=rng.randrange(9000, 12000) + (0 if parent else 10000))
    if not parent and rng.random() < 0.2:
        return {f"{person}_name": DECEASED, f"{person}_birth_date": DECEASED}
    blanks = {f"{person}_name": names.random_name(rng, sex), f"{person}_birth_date": born.isoformat()}
    if parent:
        blanks[f"{person}_work_place"], blanks[f"{person}_phone"] = rng.choice(CITIES), names.random_phone(rng)
        blanks[f"{person}_id_number"] = build_id_number(COUNTY, born, 2 * rng.randrange(500) + (sex == Sex.MALE))
    return blanks


def official_form(rows: Iterable[list], path: Path | str, *, reported_on: str = "2026年9月10日") -> None:
    """Write the printed form to `path`: title, date of report, two rows of headings, then `rows` of 43 cells."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("登记表")
        sheet.write_string(0, 0, TITLE)
        sheet.write_string(1, len(census.PRINTED_FIELDS) - 2, f"填报日期：{reported_on}")
        for number, heading in census.BLOCKS.items():
            sheet.write_string(2, number - 1, heading)
        sheet.write_row(3, 0, [field.heading for field in census.PRINTED_FIELDS])
        for number, cells in enumerate(rows, 4):
            sheet.write_row(number, 0, cells)
