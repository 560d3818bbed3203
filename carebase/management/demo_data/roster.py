"""The forty children of the demonstration and the situations of their families.

A line: name, sex, ethnicity, grade (0 and below: years before school), birthday, class, situation.
The situation "+" means a sibling of the child above; a school grade without a class means dropped out.
"""

from dataclasses import dataclass

from carebase.management.demo_data.places import CENTRE, GUANZHI, HEXIN
from registry.codes.relation import Relation

ROSTER = {
    HEXIN: """
        曾小慧 2 01 4 03-12 1 both
        曾小龙 1 01 1 10-25 1 +
        单晓阳 1 01 4 05-20 1 maternal
        覃雨欣 2 15 4 11-08 1 both
        李子涵 1 01 4 01-30 1 grandfather
        古丽娜尔·艾山 2 05 5 06-17 1 both
        王梓萱 2 01 4 07-22 1 widow
        张俊杰 1 01 6 02-14 1 father
        刘思琪 2 01 3 09-19 1 both
        陈浩宇 1 01 7 04-05 1 nobody
        杨欣怡 2 01 8 12-01 2 aunt
        赵文博 1 01 9 03-28 1 single
        周雨桐 2 01 2 08-11 2 both
        吴佳豪 1 01 5 10-02 2 mother
        向婷婷 2 15 0 05-09 - maternal
        黄子轩 1 01 -1 02-26 - both
        徐诗雨 2 01 -3 06-30 - both
        孙宇航 1 01 6 01-17 2 returned
    """,
    GUANZHI: """
        田家乐 1 15 4 04-18 1 both
        田家欣 2 15 2 06-06 1 +
        郑雅婷 2 01 4 08-27 1 neighbour
        马小军 1 03 5 03-03 1 business
        朱梦琪 2 01 3 12-15 2 both
        胡志远 1 01 7 09-29 2 grandfather
        郭静怡 2 01 8 02-08 1 vanished
        何天宇 1 01 9 11-21 2 both
        高思雨 2 01 1 05-15 2 maternal
        林峰 1 01 6 07-04 1 father
        罗紫玲 2 06 4 10-13 2 both
        梁家明 1 01 5 01-26 2 single
        梁家鸣 1 01 5 01-26 2 +
        宋佳慧 2 01 0 03-19 - widow
        解雨晨 2 01 9 02-19 1 aunt
        仇志强 1 01 9 04-30 - both
    """,
    CENTRE: """
        刘彤 2 01 4 06-21 1 vanished
        冉阳 1 15 3 03-16 1 both
        白露 2 01 5 09-08 1 grandfather
        石磊 1 15 6 12-22 1 father
        秦朗 1 01 0 04-11 - maternal
        冉小雪 2 15 -3 07-19 - both
    """,
}
UNREGISTERED = "冉小雪"  # a birth that is not yet in the household register has no ID number
# Perhaps 梁家明 a second time, with a homophone: same birthday, same village, no household book seen.
POSSIBLE_DUPLICATE = "梁家鸣"
WITHOUT_NUMBER = {UNREGISTERED: "户口正在办理", POSSIBLE_DUPLICATE: "转学时没有带户口本"}
SPECIAL_FIELDS = {
    "张俊杰": {"condition": "disabled", "disability": "62", "disability_grade": 2, "relief": ["allowance", "medical"]},
    "高思雨": {"condition": "ill", "illness": "先天性心脏病", "relief": ["medical"]},
    "王梓萱": {"relief": ["allowance", "temporary"]},
    "陈浩宇": {"income": ["wages", "relatives"], "relief": ["allowance"]},
    "徐诗雨": {"income": ["wages", "farming"]},
}


@dataclass(frozen=True)
class Entry:
    """One line of the roster; `village` is a place code and `birthday` month and day."""

    village: str
    name: str
    sex: str
    ethnicity: str
    grade: int
    birthday: tuple[int, int]
    class_number: int
    situation: str


@dataclass(frozen=True)
class Situation:
    """Which parents are away, dead, of unknown whereabouts, unable or back, and who is the guardian."""

    away: tuple[str, ...]
    guardian: str = Relation.PATERNAL_GRANDMOTHER
    dead: str = ""
    unknown: str = ""
    unable: str = ""
    back: str = ""
    entrusted: bool = True
    reason: str = "work"
    assessment: str = "fair"


FATHER, MOTHER = Relation.FATHER, Relation.MOTHER
BOTH = (FATHER, MOTHER)
SITUATIONS = {
    "both": Situation(BOTH, assessment="good"),
    "grandfather": Situation(BOTH, Relation.PATERNAL_GRANDFATHER),
    "maternal": Situation(BOTH, Relation.MATERNAL_GRANDMOTHER, assessment="good"),
    "aunt": Situation(BOTH, Relation.FATHERS_SISTER),
    "neighbour": Situation(BOTH, Relation.NOT_RELATED, assessment="poor"),
    "nobody": Situation(BOTH, "", entrusted=False, assessment="poor"),
    "business": Situation(BOTH, reason="business"),
    "father": Situation((FATHER,), unable=MOTHER, assessment="poor"),
    "mother": Situation((MOTHER,), Relation.PATERNAL_GRANDFATHER, unable=FATHER, assessment="poor"),
    "widow": Situation((MOTHER,), Relation.MATERNAL_GRANDFATHER, dead=FATHER),
    "vanished": Situation((FATHER,), unknown=MOTHER),
    "single": Situation((FATHER,), MOTHER, entrusted=False, assessment="good"),
    "returned": Situation(BOTH, MOTHER, back=MOTHER, entrusted=False, assessment="good"),
}


def roster_entries() -> list[Entry]:
    return [parse_entry(village, line) for village, text in ROSTER.items() for line in text.strip().splitlines()]


def parse_entry(village: str, line: str) -> Entry:
    name, sex, ethnicity, grade, birthday, number, situation = line.split()
    month, day = birthday.split("-")
    class_number = 0 if number == "-" else int(number)
    return Entry(village, name, sex, ethnicity, int(grade), (int(month), int(day)), class_number, situation)
