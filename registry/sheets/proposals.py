"""Proposals for columns with an unknown heading: by known words in it, or by the first cells.

A proposal is shown to the user and never read without confirmation.
"""

import re
from collections.abc import Callable, Sequence

from carebase.sheets.headings import Heading
from registry.codes.text import cell_text, key, words
from registry.sheets.columns import FIELDS_OF_CHILD, PERSON_TITLE, assign_fields, column_option
from registry.sheets.fields import FIELDS
from registry.sheets.vocabulary import (
    FIELD_BY_HEADING,
    GUARDIAN_HEADINGS,
    PERSON_TITLES,
    SHARED_HEADINGS,
    STRANGER_HEADING,
)

COLLOQUIAL_WORDS = {
    "叫什么": "name",
    "号码": "phone",
    "家住": "residence",
    "住哪": "residence",
    "住在": "residence",
    "老家": "hukou_place",
    "打工": "work_place",
    "务工": "work_place",
    "几年级": "grade_words",
    "读几": "grade_words",
    "几班": "class_words",
    "留守": "left_type",
    "低保": "relief_low",
    "贫困": "relief_poor",
    "住校": "boards",
    "寄宿": "boards",
    "残疾": "disability",
    "健康": "condition",
    "疾病": "illness",
}
ATTRIBUTES = SHARED_HEADINGS | GUARDIAN_HEADINGS | COLLOQUIAL_WORDS
LONGEST_FIRST = sorted(ATTRIBUTES, key=len, reverse=True)
WHOLE_HEADINGS = sorted(
    (text for text in FIELD_BY_HEADING if len(text) > 1 and text not in PERSON_TITLES), key=len, reverse=True
)
MIN_SHARE = 0.7  # of the cells that must match
SEXES = frozenset(words("男 女 男性 女性"))
VALUE_PATTERNS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("id_number", re.compile(r"[0-9]{17}[0-9Xx]").fullmatch),
    ("home_phone", re.compile(r"1[3-9][0-9]{9}").fullmatch),
    ("sex", SEXES.__contains__),
    ("birth_date", re.compile(r"(?:19|20)[0-9]{2}[-/.年]?[01]?[0-9](?:[-/.月]?[0-3]?[0-9]日?)?").fullmatch),
    ("ethnicity", re.compile(r"汉族?|.{1,4}族").fullmatch),
    ("grade_words", re.compile(r"[一二三四五六七八九]年级|[初高][一二三]").fullmatch),
    ("residence", re.compile(r".*(?:村|社区|街道|乡|镇).*[0-9一二三四五六七八九十]+[组号].*").fullmatch),
)


def propose_fields(heading: Heading, rows: Sequence[list]) -> tuple[list[str], set[int]]:
    """Return the field of each column, "" for none, and the indexes of those that are only guessed."""
    names, guessed = assign_fields(heading), set()
    for index, name in enumerate(names):
        text = heading.columns[index]
        if name or column_option(heading, index) or STRANGER_HEADING.search(text):
            continue
        cells = [key(cell_text(row[index])) for row in rows[:30] if index < len(row) and row[index] is not None]
        for guess in (guess_from_heading(text), guess_from_cells(cells)):
            if guess and guess not in names:
                names[index] = guess
                guessed.add(index)
                break
    return names, guessed


def guess_from_heading(text: str) -> str:
    """Return the field whose known words stand in a heading: 爸爸的电话是多少 is father_phone."""
    title = PERSON_TITLE.search(text)
    person = PERSON_TITLES[title[0]] if title else ""
    rest = text.replace(title[0], "", 1) if title else text
    for word in LONGEST_FIRST:
        if word in rest:
            attribute = ATTRIBUTES[word]
            name = f"{person}_{attribute}" if person else attribute
            candidates = (name, attribute, FIELDS_OF_CHILD.get(attribute))
            if field := next((candidate for candidate in candidates if candidate in FIELDS), ""):
                return field
    return next((FIELD_BY_HEADING[heading] for heading in WHOLE_HEADINGS if heading in text), "")


def guess_from_cells(cells: list[str]) -> str:
    """Return the field whose values most of the cells look like."""
    for name, matches in VALUE_PATTERNS:
        if cells and sum(bool(matches(cell)) for cell in cells) >= MIN_SHARE * len(cells):
            return name
    return ""
