"""What a column with an unknown heading may be: by the known words in it, or by what its first cells hold.

A proposal is shown to a person and never read by itself.
"""

import re
from collections.abc import Callable, Sequence

from carebase.sheets.reader import Heading
from registry.codes.text import cell_text, key, words
from registry.sheets.columns import CHILDS, TITLE, assigned, option_of
from registry.sheets.fields import FIELDS
from registry.sheets.vocabulary import ANYBODYS, GUARDIANS, OWN, STRANGER, TITLES

SPOKEN = {
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
ATTRIBUTES = ANYBODYS | GUARDIANS | SPOKEN
LONGEST_FIRST = sorted(ATTRIBUTES, key=len, reverse=True)
WHOLE = sorted((heading for heading in OWN if len(heading) > 1 and heading not in TITLES), key=len, reverse=True)
ENOUGH = 0.7  # of the cells look like it
SEXES = frozenset(words("男 女 男性 女性"))
LOOKS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("id_number", re.compile(r"[0-9]{17}[0-9Xx]").fullmatch),
    ("home_phone", re.compile(r"1[3-9][0-9]{9}").fullmatch),
    ("sex", SEXES.__contains__),
    ("birth_date", re.compile(r"(?:19|20)[0-9]{2}[-/.年]?[01]?[0-9](?:[-/.月]?[0-3]?[0-9]日?)?").fullmatch),
    ("ethnicity", re.compile(r"汉族?|.{1,4}族").fullmatch),
    ("grade_words", re.compile(r"[一二三四五六七八九]年级|[初高][一二三]").fullmatch),
    ("residence", re.compile(r".*(?:村|社区|街道|乡|镇).*[0-9一二三四五六七八九十]+[组号].*").fullmatch),
)


def proposed(heading: Heading, rows: Sequence[list]) -> tuple[list[str], set[int]]:
    """Return the field of each column, "" for none, and the indexes of those that are only guessed."""
    names, guessed = assigned(heading), set()
    for index, name in enumerate(names):
        text = heading.columns[index]
        if name or option_of(heading, index) or STRANGER.search(text):
            continue
        cells = [key(cell_text(row[index])) for row in rows[:30] if index < len(row) and row[index] is not None]
        for guess in (by_words(text), by_look(cells)):
            if guess and guess not in names:
                names[index] = guess
                guessed.add(index)
                break
    return names, guessed


def by_words(text: str) -> str:
    """Return the field whose known words are in a heading: 爸爸的电话是多少 is father_phone."""
    title = TITLE.search(text)
    person = TITLES[title[0]] if title else ""
    rest = text.replace(title[0], "", 1) if title else text
    for word in LONGEST_FIRST:
        if word in rest:
            attribute = ATTRIBUTES[word]
            name = f"{person}_{attribute}" if person else attribute
            if found := next((found for found in (name, attribute, CHILDS.get(attribute)) if found in FIELDS), ""):
                return found
    return next((OWN[heading] for heading in WHOLE if heading in text), "")


def by_look(cells: list[str]) -> str:
    """Return the field whose values look like most of the cells."""
    for name, looks in LOOKS:
        if cells and sum(bool(looks(cell)) for cell in cells) >= ENOUGH * len(cells):
            return name
    return ""
