"""Readers of the cells of a census sheet: each returns the value of a cell, or raises InvalidCell.

They accept the words of the printed form, of school rolls and of other lists: 住校, 健康或良好, 孙子.
"""

import re
from collections.abc import Callable

from registry.codes import parse_disability, parse_relation
from registry.codes.dates import parse_date
from registry.codes.id_number import normalise
from registry.codes.parsing import parse_choice, parse_choices, parse_text, parse_yes_no
from registry.codes.people import NameState, parse_person_name, parse_phone
from registry.codes.relation import DESCENDANTS, Relation
from registry.codes.text import Cell, code_text, says_nothing, words
from registry.models import Child

DECEASED, UNKNOWN = "—", "不详"  # as on paper (note 4), and as a name is entered and displayed

CONDITIONS = {"健康": "healthy", "健康或良好": "healthy", "良好": "healthy", "残疾": "disabled", "患病": "ill"}
SCHOOLINGS = dict(
    zip(
        ("幼儿园", "未入园", "小学", "初中", "高中", "中职", "辍学", "不在学"),
        Child.Schooling.values,
        strict=True,
    )
)
INCOMES = dict(zip(("打工收入", "种养殖业", "政府救助", "亲朋接济", "其他"), Child.Income.values, strict=True))
RELIEFS = dict(zip(("享受低保", "临时救助", "医疗救助", "住房救助", "其他救助"), Child.Relief.values, strict=True))
PARENT_WORDS = {"父亲": "father", "母亲": "mother", "父": "father", "母": "mother"}
# Field 41 in both editions: the grades, and the types of 2016, which the printed definitions map to grades.
ASSESSMENTS = {
    "较好": "good",
    "一般": "fair",
    "差": "poor",
    "监护情况较好": "good",
    "监护情况一般": "fair",
    "受委托监护人监护能力不足": "poor",
    "父或母无监护能力": "poor",
    "无人监护": "poor",
}
BOARDING = {
    True: frozenset(words("住校 寄宿 住宿 寄宿生 住校生 住宿生")),
    False: frozenset(words("走读 通学 走读生 通学生 不寄宿")),
}
ILLNESS = re.compile("病|患|症")
HEALTHY_WORDS = frozenset(words("健康 良好 正常 健康或良好 一般 一般或较弱 较弱 较好 好 优 无 良"))
MATERNAL, PATERNAL = "maternal", "paternal"  # the grandparents of one side, when it is not known which of the two
GRANDPARENT_SIDES = {
    "外祖孙": MATERNAL,
    "外公外婆": MATERNAL,
    "祖孙": PATERNAL,
    "爷孙": PATERNAL,
    "婆孙": PATERNAL,
    "爷爷奶奶": PATERNAL,
}
NO_ID_NUMBER = re.compile("[(（]?(?:暂无|尚?[未没]有?(?:办理?|上户口?|落户|登记|提供|填|带)|待[补办查]|暂缺|缺)[)）]?")
RURAL = {True: re.compile("^(?:1|农|农村|乡村)"), False: re.compile("^(?:2|非农|城|居民户口$|市民)")}


def choice_reader(names: dict[str, str]) -> Callable:
    return lambda value: parse_choice(value, names)


def choices_reader(names: dict[str, str]) -> Callable:
    return lambda value: parse_choices(value, names)


def text_reader(length: int) -> Callable:
    return lambda value: parse_text(value, length) or ""


def read_name(value) -> str:
    """Return a name, "—" for a deceased person, "不详" for an unknown one, or "" when blank."""
    parsed = parse_person_name(value, none_is_blank=True)
    return {NameState.DECEASED: DECEASED, NameState.UNKNOWN: UNKNOWN}.get(parsed, parsed or "")


def read_relatives_birth_date(value):
    """Return a date, or None where the paper has 「—」 beside a relative who has died."""
    return None if isinstance(value, str) and not value.strip("—-－ ") else parse_date(value)


def read_phone(value) -> str:
    return "、".join(parse_phone(value))


def read_disability(value) -> list | None:
    """Return [kind, grade or None], or None when blank."""
    parsed = parse_disability(value)
    return list(parsed) if parsed else None


def read_boarding(value: Cell) -> bool | None:
    text = re.sub(r"^\d[-.、]", "", code_text(value))
    boards = next((answer for answer, names in BOARDING.items() if text in names), None)
    return parse_yes_no(value) if boards is None else boards


def read_condition(value: Cell) -> str:
    """Return the condition (field 9), also from the words of school rolls: 健康或良好, 一般或较弱, 有慢性病."""
    text = code_text(value)
    if text in HEALTHY_WORDS:
        return "healthy"
    if "残" in text:
        return "disabled"
    return "ill" if ILLNESS.search(text) else parse_choice(value, CONDITIONS) or ""


def read_relation(value: Cell) -> str | None:
    """Return what the guardian is to the child; what the child is to the guardian (孙子) is reversed."""
    text = code_text(value)
    if text in GRANDPARENT_SIDES:
        return GRANDPARENT_SIDES[text]
    relation = parse_relation(value)
    if relation not in DESCENDANTS:
        return relation
    if relation in (Relation.DAUGHTERS_SON, Relation.DAUGHTERS_DAUGHTER):
        return MATERNAL
    return PATERNAL if relation >= Relation.GRANDCHILD else Relation.PARENT


def read_rural(value: Cell) -> bool | None:
    """Return whether the household is registered as agricultural; None if the registration no longer says so."""
    text = code_text(value)
    return next((answer for answer, pattern in RURAL.items() if pattern.match(text)), None)


def read_hukou_place(value: Cell) -> str:
    """Return the name of the place; a bare code, as in some rolls, is ignored."""
    text = parse_text(value, 200) or ""
    return "" if text.isdigit() else text


def read_id_number(value: Cell) -> str:
    """Return the number, "" for words that say there is none: 无, 未办理."""
    text = code_text(value)
    return "" if says_nothing(text) or NO_ID_NUMBER.fullmatch(text) else normalise(value)
