"""The census form said once: the 43 blanks of 《农村留守儿童基本情况登记表》 in printed order, and how each is kept.

The form, the child's page, the admin, the import and the export read this list. A blank that concerns a relative is
named by person and attribute ("father_phone"); blanks 32–34 are no facts of their own but follow from the parents'
dated absences and their ability to act as guardians, which the form in the browser asks for instead.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from registry.codes import parse_disability, parse_ethnicity, parse_relation, parse_sex
from registry.codes.dates import parse_date, parse_month_or_date
from registry.codes.id_number import normalise
from registry.codes.parsing import parse_choice, parse_choices, parse_text, parse_yes_no
from registry.codes.people import NameState, parse_person_name, parse_phone
from registry.codes.relation import Relation
from registry.models import Child

# The relatives who each have blanks of their own, as the names of those blanks begin.
PERSONS = {
    "grandfather": Relation.PATERNAL_GRANDFATHER,
    "grandmother": Relation.PATERNAL_GRANDMOTHER,
    "maternal_grandfather": Relation.MATERNAL_GRANDFATHER,
    "maternal_grandmother": Relation.MATERNAL_GRANDMOTHER,
    "father": Relation.FATHER,
    "mother": Relation.MOTHER,
}
PARENTS = ("father", "mother")
DECEASED, UNKNOWN = "—", "不详"  # how the paper says it (note 4); what a name is entered and shown as

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
# Both prints of blank 41: the grades, and the types of 2016, which the printed definitions map to grades.
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


def choice(names: dict[str, str]) -> Callable:
    return lambda value: parse_choice(value, names)


def choices(names: dict[str, str]) -> Callable:
    return lambda value: parse_choices(value, names)


def text(length: int) -> Callable:
    return lambda value: parse_text(value, length) or ""


def name(value) -> str:
    """Return a name, "—" for a person who has died, "不详" for one unknown, or "" when blank."""
    parsed = parse_person_name(value, none_is_blank=True)
    return {NameState.DECEASED: DECEASED, NameState.UNKNOWN: UNKNOWN}.get(parsed, parsed or "")


def relatives_birth_date(value):
    """Return a date, or None where the paper has 「—」 beside a relative who has died."""
    return None if isinstance(value, str) and not value.strip("—-－ ") else parse_date(value)


def phone(value) -> str:
    return "、".join(parse_phone(value))


def disability(value) -> list | None:
    """Return [kind, grade or None], or None when blank."""
    parsed = parse_disability(value)
    return list(parsed) if parsed else None


@dataclass(frozen=True)
class Blank:
    """One blank: its printed number and heading, the name it is known by here, and how a cell of it is read."""

    number: int
    name: str
    heading: str
    label: str
    read: Callable
    masked: bool = False

    @property
    def person(self) -> str:
        """Return whose blank it is: "" for the child, "father", …, "guardian"."""
        owners = [owner for owner in (*PERSONS, "guardian") if self.name.startswith(f"{owner}_")]
        return max(owners, key=len, default="")


def relative(number: int, person: str, title: str, label: str, born: str) -> tuple[Blank, Blank]:
    return (
        Blank(number, f"{person}_name", f"{title}姓名", label, name),
        Blank(number + 1, f"{person}_birth_date", "出生日期", born, relatives_birth_date),
    )


CHILD = (
    Blank(1, "name", "姓名", _("full name"), name),
    Blank(2, "sex", "性别", _("sex"), parse_sex),
    Blank(3, "ethnicity", "民族", _("ethnicity"), lambda value: parse_ethnicity(value) or ""),
    Blank(4, "birth_date", "出生日期", _("date of birth"), parse_month_or_date),
    Blank(5, "id_number", "公民身份证号码", _("resident ID number"), normalise, masked=True),
    Blank(6, "hukou_registered", "是否登记户口", _("household registered"), parse_yes_no),
    Blank(7, "hukou_place", "户籍所在地", _("place of household registration"), text(200)),
    Blank(8, "residence", "现居住地", _("current residence"), text(200), masked=True),
    Blank(9, "condition", "身体情况", _("physical condition"), choice(CONDITIONS)),
    Blank(10, "disability", "残疾类别及等级", _("disability category and grade"), disability),
    Blank(11, "illness", "患病类型", _("type of illness"), text(100)),
    Blank(12, "boards", "是否学校寄宿", _("boards at school"), parse_yes_no),
    Blank(13, "schooling", "就学情况", _("schooling status"), choice(SCHOOLINGS)),
)
FAMILY = (
    *relative(14, "grandfather", "祖父", _("paternal grandfather"), _("paternal grandfather's date of birth")),
    *relative(16, "grandmother", "祖母", _("paternal grandmother"), _("paternal grandmother's date of birth")),
    *relative(
        18, "maternal_grandfather", "外祖父", _("maternal grandfather"), _("maternal grandfather's date of birth")
    ),
    *relative(
        20, "maternal_grandmother", "外祖母", _("maternal grandmother"), _("maternal grandmother's date of birth")
    ),
    *relative(22, "father", "父亲", _("father"), _("father's date of birth")),
    Blank(24, "father_work_place", "当前务工地点", _("father's place of work"), text(100)),
    Blank(25, "father_phone", "联系电话", _("father's phone"), phone, masked=True),
    *relative(26, "mother", "母亲", _("mother"), _("mother's date of birth")),
    Blank(28, "mother_work_place", "当前务工地点", _("mother's place of work"), text(100)),
    Blank(29, "mother_phone", "联系电话", _("mother's phone"), phone, masked=True),
    Blank(30, "father_id_number", "父亲公民身份证号码", _("father's resident ID number"), normalise, masked=True),
    Blank(31, "mother_id_number", "母亲公民身份证号码", _("mother's resident ID number"), normalise, masked=True),
)
GUARDIANSHIP = (
    Blank(32, "both_away", "父母双方同时外出", _("both parents away"), parse_yes_no),
    Blank(33, "one_away", "父母一方外出、另一方无监护能力", _("one away, the other not able"), parse_yes_no),
    Blank(34, "unable_parent", "无监护能力", _("parent without guardianship ability"), choice(PARENT_WORDS)),
    Blank(35, "entrusted", "父母外出有无委托其他监护人", _("another guardian entrusted"), parse_yes_no),
    Blank(36, "guardian_name", "委托监护人姓名", _("guardian's full name"), name),
    Blank(37, "guardian_phone", "受委托监护人电话", _("guardian's phone"), phone, masked=True),
    Blank(38, "guardian_id_number", "公民身份证号码", _("guardian's resident ID number"), normalise, masked=True),
    Blank(39, "guardian_relation", "与被监护人关系", _("guardian's relation to the child"), parse_relation),
    Blank(40, "guardian_address", "居住地地址", _("guardian's address"), text(200), masked=True),
    Blank(41, "assessment", "监护情况评估", _("guardianship assessment"), choice(ASSESSMENTS)),
)
LIVELIHOOD = (
    Blank(42, "income", "家庭经济来源", _("main economic source"), choices(INCOMES)),
    Blank(43, "relief", "救助帮扶情况", _("relief and assistance"), choices(RELIEFS)),
)


@dataclass(frozen=True)
class Section:
    """A block of the form, with its printed title."""

    name: str
    heading: str
    label: str
    blanks: tuple[Blank, ...]


SECTIONS = (
    Section("child", "留守儿童个人基本情况", _("The child"), CHILD),
    Section("family", "家庭情况", _("The family"), FAMILY),
    Section("guardianship", "实际监护情况", _("Actual guardianship"), GUARDIANSHIP),
    Section("livelihood", "家庭经济来源与救助帮扶情况", _("Livelihood and assistance"), LIVELIHOOD),
)
BLANKS = tuple(blank for section in SECTIONS for blank in section.blanks)
BY_NAME = {blank.name: blank for blank in BLANKS}

# What is stored of the guardian, by the names of the blanks.
GUARDIAN = {
    "entrusted": "entrusted",
    "guardian_name": "name",
    "guardian_phone": "phone",
    "guardian_id_number": "id_number",
    "guardian_relation": "relation",
    "guardian_address": "address",
    "assessment": "assessment",
}
