"""Open census tasks: transfers, a school roll with differences, and an import with refused rows."""

import csv
import io

from carebase.accounts.models import User
from carebase.management.demo_data.places import GUANZHI, HEXIN, HILLS_SCHOOL, TOWN_SCHOOL, Places
from registry.imports import staging, writer
from registry.models import Child, Comparison
from registry.transfers import services as transfers
from registry.verification.services import compare_list

# Child, village or school, reason, and who offers: one each way, for a school and for a village.
TRANSFERS = (
    ("周雨桐", HILLS_SCHOOL, "随外婆搬到小白山乡，下周一入学", "head"),
    ("白露", TOWN_SCHOOL, "母亲在百里洲镇租了房，孩子转来上学", "coordinator"),
    ("向婷婷", GUANZHI, "外婆家在关志村，孩子已住过去", "village"),
    ("冉阳", HEXIN, "祖父母搬到合心村", "coordinator"),
)
ROLL = ("姓名", "性别", "出生日期", "身份证号", "民族", "村")
MISSING, MISWRITTEN, UNKNOWN = "林峰", "朱梦琪", ("邓浩然", "男", "", "", "汉族", "关志村")
SHEET = ("姓名", "身份证号", "村", "父亲务工地点", "父亲联系电话")
MOVED = {
    "李子涵": ("浙江省宁波市", "13800004417"),
    "覃雨欣": ("江苏省无锡市", "13700002865"),
    "周雨桐": ("上海市", "15900003308"),
}


def make_census(places: Places, people: dict[str, User], children: dict[str, Child]) -> None:
    offices = places.divisions | places.schools
    for name, to, reason, by in TRANSFERS:
        transfers.offer_transfer(child=children[name], to=offices[to], reason=reason, by=people[by])
    make_comparison(places, people, children)
    make_import(places, people["coordinator"], children)


def make_comparison(places: Places, people: dict[str, User], children: dict[str, Child]) -> None:
    """Compare the town's school with a roll that lacks one pupil, has another, and differs in an ethnicity."""
    school = places.schools[TOWN_SCHOOL]
    pupils = [child for child in children.values() if child.school_id == school.pk and child.name != MISSING]
    rows = [roll_row(child) for child in pupils]
    rows.append([*UNKNOWN[:2], str(children[MISSING].birth_date), *UNKNOWN[3:]])
    data = csv_file(ROLL, rows)
    compare_list(name="学籍名单.csv", data=data, kind=Comparison.Kind.ROLL, place=school, by=people["head"])


def roll_row(child: Child) -> list[str]:
    people = "土家族" if child.name == MISWRITTEN else child.get_ethnicity_display()
    where = str(child.village)
    return [child.name, child.get_sex_display(), str(child.birth_date), child.id_number, people, where]


def make_import(places: Places, by: User, children: dict[str, Child]) -> None:
    """Save the valid rows of a sheet: three fathers moved, and two rows are refused."""
    where = str(places.divisions[HEXIN])
    rows = [[name, children[name].id_number, where, *changed] for name, changed in MOVED.items()]
    rows.append(["向志强", children["覃雨欣"].id_number[:-4] + "123", where, "", ""])
    rows.append(["田甜", "", where, "广东省东莞市", ""])
    batch = staging.stage_file(name="父亲务工变动.csv", data=csv_file(SHEET, rows), term=places.this_term, by=by)
    writer.save_batch(batch=batch, by=by, valid_rows=True)


def csv_file(heading: tuple[str, ...], rows: list[list[str]]) -> bytes:
    """Return a CSV file with the BOM that office programs write."""
    output = io.StringIO()
    csv.writer(output).writerows([heading, *rows])
    return output.getvalue().encode("utf-8-sig")
