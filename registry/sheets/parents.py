"""Two parents in one cell (缪飞、王秀芳, or 父：缪飞 母：王秀芳), and their phones beside them."""

import re

from django.utils.translation import gettext as _

from registry.cell_readers import DECEASED, UNKNOWN, read_name, read_phone
from registry.codes.people import NameState, parse_phone, split_people
from registry.codes.text import InvalidCell, narrow

PARENT_WORDS = {"父": "father", "爸": "father", "母": "mother", "妈": "mother"}
MARK_BEFORE_NAME = re.compile(r"(?:(父|母)亲?|(爸|妈)(?:爸|妈)?)[::]?\s*([^父母爸妈、,，;；/|\s()]+)")
MARK_AFTER_NAME = re.compile(r"([^父母爸妈、,，;；/|\s()]+)\s*\((?:(父|母)亲?|(爸|妈)(?:爸|妈)?)\)")


def split_by_marks(text: str) -> dict[str, str]:
    """Return the text of each parent where the cell itself marks it (父：…), else {}."""
    text = narrow(text)
    after = {PARENT_WORDS[mark or short]: name for name, mark, short in MARK_AFTER_NAME.findall(text)}
    return after or {PARENT_WORDS[mark or short]: name for mark, short, name in MARK_BEFORE_NAME.findall(text)}


def parse_parent_names(text: str, child: str) -> tuple[dict[str, str], str]:
    """Return the names by parent, and a remark or ""; the child's surname may tell who is whom.

    Raises InvalidCell when the cell holds something else than one or two names.
    """
    if marked := split_by_marks(text):
        return {parent: read_name(name) for parent, name in marked.items()}, ""
    people = [name_text(name) for name in split_people(text)]
    if len(people) > 2:
        raise InvalidCell(_("There are more than two names here. Write father and mother, as in 缪飞、王秀芳."))
    if len(people) == 2:
        return dict(zip(parent_order(people, child), people, strict=True)), ""
    if not people or not people[0]:
        return {}, ""
    parent = "father" if same_surname(people[0], child) else "mother"
    return {parent: people[0]}, (
        _("Only one parent is named; taken as the father, by the surname.")
        if parent == "father"
        else _("Only one parent is named; taken as the mother, by the surname.")
    )


def name_text(name) -> str:
    return {NameState.DECEASED: DECEASED, NameState.UNKNOWN: UNKNOWN}.get(name, name or "")


def parent_order(people: list[str], child: str) -> tuple[str, str]:
    """Return father first, as is usual, unless only the second has the child's surname."""
    reversed_order = same_surname(people[1], child) and not same_surname(people[0], child)
    return ("mother", "father") if reversed_order else ("father", "mother")


def same_surname(name: str, child: str) -> bool:
    return bool(name and child) and name[0] == child[0]


def parse_parent_phones(text: str, parents: list[str]) -> tuple[dict[str, str], str]:
    """Return the phones by parent, in the order of `parents`, and a remark or ""."""
    if marked := split_by_marks(text):
        return {parent: read_phone(number) for parent, number in marked.items()}, ""
    numbers = parse_phone(text)
    if len(numbers) == len(parents) == 2:
        return dict(zip(parents, numbers, strict=True)), ""
    if len(parents) == 1:
        return {parents[0]: "、".join(numbers)}, ""
    if not numbers:
        return {}, ""
    parent = (parents or ["father"])[0]
    return {parent: "、".join(numbers)}, _("It does not say whose phone this is; saved for the parent named first.")
