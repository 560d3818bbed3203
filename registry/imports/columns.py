"""Which column of a sheet is which blank of the census form.

Sheets repeat headings (联系电话 twice): one that does not say whose it is belongs to the person named before it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from carebase.sheets import Heading, column_letter, normalise_heading
from registry import census
from registry.codes.text import quoted

# Headings that name a person: what follows is theirs. "" is the child.
PEOPLE = {blank.heading: blank.person for blank in census.BLANKS if blank.name.endswith("name")} | {
    "学生姓名": "",
    "儿童姓名": "",
    "实际监护人": "guardian",
    "监护人": "guardian",
    "监护人姓名": "guardian",
}
# Headings that do not say whose they are.
ANYBODYS = {
    "出生日期": "birth_date",
    "出生年月": "birth_date",
    "联系电话": "phone",
    "电话": "phone",
    "当前务工地点": "work_place",
    "务工地点": "work_place",
    "公民身份证号码": "id_number",
    "身份证号码": "id_number",
    "身份证号": "id_number",
}
# Whose it is, where a heading (父亲联系电话) or the group above it (父亲情况) says so.
TITLES = {
    "祖父": "grandfather",
    "祖母": "grandmother",
    "外祖父": "maternal_grandfather",
    "外祖母": "maternal_grandmother",
    "父亲": "father",
    "母亲": "mother",
    "监护人": "guardian",
    "委托监护人": "guardian",
    "受委托监护人": "guardian",
    "实际监护人": "guardian",
    "儿童": "",
    "学生": "",
}
PLAIN = {
    f"{title}{heading}": f"{person}_{name}" if person else name
    for title, person in TITLES.items()
    for heading, name in ANYBODYS.items()
}
GROUP = re.compile("(?:基本)?(?:情况|信息)$")
# Headings of people whom the census form does not ask for: the columns behind them are not the last known person's.
STRANGER = re.compile("姓名$|教师$|老师$|班主任$|联系人$|负责人$|填表人$|采集人$")
OTHERS = {
    normalise_heading(blank.heading): blank.name
    for blank in census.BLANKS
    if blank.heading not in ANYBODYS and not blank.name.endswith("name")
} | {
    **{heading: name for heading, name in PLAIN.items() if name in census.BY_NAME},
    "家庭住址": "residence",
    "监护类型": "assessment",
    "是否寄宿": "boards",
    "与学生关系": "guardian_relation",
}


@dataclass(frozen=True)
class Column:
    """A column that is read: its index from 0, its heading, and its blank."""

    index: int
    heading: str
    blank: census.Blank

    @cached_property
    def read(self) -> Callable:
        """Return how a cell is read; most columns repeat a few words, which are read once."""
        return lru_cache(maxsize=256, typed=True)(self.blank.read)

    @property
    def label(self) -> str:
        """Return how a person finds it: "E 公民身份证号码"."""
        return f"{column_letter(self.index)} {self.heading}"


def known(heading: str) -> bool:
    return heading in PEOPLE or heading in ANYBODYS or heading in OTHERS


def columns_of(heading: Heading) -> tuple[list[Column], list[str]]:
    """Return the columns that are read, and the labels of those that are not."""
    columns, ignored, taken, person = [], [], set(), ""
    for index, (text, group) in enumerate(zip(heading.columns, heading.groups, strict=True)):
        title = GROUP.sub("", group)
        person, name = blank_of(title + text if known(title + text) and title in TITLES else text, person)
        if name in census.BY_NAME and name not in taken:
            taken.add(name)
            columns.append(Column(index, text, census.BY_NAME[name]))
        elif text:
            ignored.append(f"{column_letter(index)} {quoted(text)}")
    return columns, ignored


def blank_of(heading: str, person: str) -> tuple[str, str]:
    """Return the person that the columns from here on speak of, and the blank's name ("" when there is none)."""
    if heading in PEOPLE:
        person = PEOPLE[heading]
        return person, f"{person}_name" if person else "name"
    if heading in ANYBODYS:
        return person, f"{person}_{ANYBODYS[heading]}" if person else ANYBODYS[heading]
    if name := OTHERS.get(heading, ""):
        return census.BY_NAME[name].person or person, name
    return ("stranger" if STRANGER.search(heading) else person), ""
