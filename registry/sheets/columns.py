"""Which column of a sheet is which field.

Headings repeat (联系电话 twice); one that does not say whose it is belongs to the person named before it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from carebase.sheets.headings import OPTIONS, Heading
from carebase.sheets.reader import column_letter
from registry.census import SheetField
from registry.codes.parsing import parse_yes_no
from registry.codes.text import quoted
from registry.sheets.fields import FIELDS
from registry.sheets.vocabulary import (
    FIELD_BY_HEADING,
    GUARDIAN_HEADINGS,
    PERSON_TITLES,
    SHARED_HEADINGS,
    STRANGER_HEADING,
)

GROUP_ENDING = re.compile("(?:的)?(?:基本)?(?:情况|信息|资料)$")
PERSON_TITLE = re.compile("|".join(sorted(PERSON_TITLES, key=len, reverse=True)))
UNKNOWN_PERSON = "stranger"
# The field of a heading that names nobody, where the child has no such field, or after both parents.
FIELDS_OF_CHILD = {"phone": "home_phone", "work_place": "parents_work_place", "left": "left_type"}
FIELDS_OF_PARENTS = {"left": "left_type", "work_place": "parents_work_place"}


@dataclass(frozen=True)
class CellColumn:
    """A column that is read: its index from 0, its heading, its field, and the choice that a tick in it means."""

    index: int
    heading: str
    field: SheetField
    option: str = ""

    @cached_property
    def read(self) -> Callable:
        """Return the function that reads a cell; it caches, as most columns repeat a few words."""
        return lru_cache(maxsize=256, typed=True)(self.ticked if self.option else self.field.read)

    def ticked(self, value):
        """Return the choice that heads a ticked cell, or None."""
        is_ticked = parse_yes_no(value)
        if is_ticked is False and self.option in ("是", "有"):
            return self.field.read("否")
        return self.field.read(self.option) if is_ticked else None

    @property
    def label(self) -> str:
        """Return how a user finds the column: "E 公民身份证号码"."""
        return f"{column_letter(self.index)} {self.heading}"


def columns_of_heading(heading: Heading) -> tuple[list[CellColumn], list[str]]:
    """Return the columns that are read, and the labels of those that are not."""
    return columns_from_names(heading, assign_fields(heading))


def columns_from_names(heading: Heading, names: list[str]) -> tuple[list[CellColumn], list[str]]:
    """Return the same, given the field of each column, "" for none."""
    columns, ignored, taken = [], [], set()
    for index, name in enumerate(names[: len(heading.columns)]):
        text, option = heading.columns[index], column_option(heading, index)
        if name in FIELDS and (name, option) not in taken:
            taken |= {(name, option), (name, "")}
            label = f"{heading.groups[index]} {text}" if option else text
            columns.append(CellColumn(index, label, FIELDS[name], option))
        elif text:
            ignored.append(f"{column_letter(index)} {quoted(text)}")
    return columns, ignored


def column_option(heading: Heading, index: int) -> str:
    text = heading.columns[index]
    return text if text in OPTIONS and (heading.groups[index] or text in ("男", "女")) else ""


def assign_fields(heading: Heading) -> list[str]:
    """Return the field of each column, "" for an unknown heading."""
    reader = HeadingReader(heading)
    for index in range(len(heading.columns)):
        reader.read_column(index)
    reader.assign_to_child()
    return reader.names


class HeadingReader:
    """Reads a heading from left to right and remembers whose columns it has reached."""

    def __init__(self, heading: Heading):
        self.heading = heading
        self.names: list[str] = []
        self.person = ""
        self.unassigned: dict[str, list[int]] = {}  # columns that name nobody, by attribute

    def read_column(self, index: int) -> None:
        text, title = self.heading.columns[index], GROUP_ENDING.sub("", self.heading.groups[index])
        option = column_option(self.heading, index)
        if option:
            name = "sex" if option in ("男", "女") else self.field_name(index, self.heading.groups[index])
            self.names.append(name)  # several columns are one field
            return
        if title in PERSON_TITLES and (title + text) in FIELD_BY_HEADING:
            text = title + text
        name = self.field_name(index, text)
        self.names.append(name if name in FIELDS and name not in self.names else "")

    def field_name(self, index: int, text: str) -> str:
        if text in GUARDIAN_HEADINGS and self.person == "guardian":
            name = f"guardian_{GUARDIAN_HEADINGS[text]}"
            if name not in self.names and (text not in FIELD_BY_HEADING or FIELD_BY_HEADING[text] in self.names):
                return name
        if text in FIELD_BY_HEADING:
            name = FIELD_BY_HEADING[text]
            if name == "guardian_relation" and self.person == "parents" and "监护" not in text:
                return "parents_relation"  # 家长姓名, 与学生关系
            self.person = self.person_after(index, name)
            return name
        if text in SHARED_HEADINGS:
            return self.unspecific_field(index, SHARED_HEADINGS[text])
        title = PERSON_TITLE.match(text)
        if STRANGER_HEADING.search(text):
            self.person = UNKNOWN_PERSON
        elif title:  # 父亲职业: a column that is not read, but what follows is the father's
            self.person = PERSON_TITLES[title[0]]
        return ""

    def person_after(self, index: int, name: str) -> str:
        if name == "mother_name" and index and self.names[index - 1] == "father_name":
            return "parents"  # both are named before one telephone
        if name.startswith("parents_"):
            return "parents"
        if name == "name":
            return ""
        return FIELDS[name].person or self.person

    def unspecific_field(self, index: int, attribute: str) -> str:
        if attribute == "name":
            self.person = "" if "name" not in self.names else UNKNOWN_PERSON
            return "name"
        self.unassigned.setdefault(attribute, []).append(index)
        if self.person == UNKNOWN_PERSON:
            return ""
        if self.person == "parents" and attribute in FIELDS_OF_PARENTS:
            return FIELDS_OF_PARENTS[attribute]
        if not self.person and attribute in FIELDS_OF_CHILD:
            return FIELDS_OF_CHILD[attribute]
        name = f"{self.person}_{attribute}" if self.person else attribute
        if name not in FIELDS and attribute == "work_place":
            return "parents_work_place"
        return name

    def assign_to_child(self) -> None:
        """Assign the only date of birth or ID number of a sheet to the child, whoever stands before it."""
        for attribute in ("birth_date", "id_number"):
            columns = self.unassigned.get(attribute, ())
            if attribute not in self.names and len(columns) == 1:
                self.names[columns[0]] = attribute
