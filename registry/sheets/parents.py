"""Two parents in one cell: 缪飞、王秀芳, or 父：缪飞 母：王秀芳, and their telephones beside them."""

import re

from django.utils.translation import gettext as _

from registry.cell_readers import DECEASED, UNKNOWN, read_name, read_phone
from registry.codes.people import NameState, parse_phone, split_people
from registry.codes.text import InvalidCell, narrow

PARENT_WORDS = {"父": "father", "爸": "father", "母": "mother", "妈": "mother"}
MARK_BEFORE_NAME = re.compile(r"(?:(父|母)亲?|(爸|妈)(?:爸|妈)?)[::]?\s*([^父母爸妈、,，;；/|\s()]+)")
MARK_AFTER_NAME = re.compile(r"([^父母爸妈、,，;；/|\s()]+)\s*\((?:(父|母)亲?|(爸|妈)(?:爸|妈)?)\)")


def split_by_marks(text: str) -> dict[str, str]:
    """Return the words of each parent where the cell itself says whose they are, else nothing."""
    text = narrow(text)
    found = {PARENT_WORDS[who or parent]: words for words, who, parent in MARK_AFTER_NAME.findall(text)}
    return found or {PARENT_WORDS[who or parent]: words for who, parent, words in MARK_BEFORE_NAME.findall(text)}


def parse_parent_names(text: str, child: str) -> tuple[dict[str, str], str]:
    """Return the names by parent, and a doubt or ""; the surname of the child may tell who is whom.

    Raises InvalidCell when the cell holds something else than one or two names."""
    if marked := split_by_marks(text):
        return {parent: read_name(name) for parent, name in marked.items()}, ""
    given = [name_text(name) for name in split_people(text)]
    if len(given) > 2:
        raise InvalidCell(_("More than two names stand here. Write father and mother, as in 缪飞、王秀芳."))
    if len(given) == 2:
        return dict(zip(parent_order(given, child), given, strict=True)), ""
    if not given or not given[0]:
        return {}, ""
    parent = "father" if same_surname(given[0], child) else "mother"
    return {parent: given[0]}, (
        _("Only one parent is named; by the surname taken for the father.")
        if parent == "father"
        else _("Only one parent is named; by the surname taken for the mother.")
    )


def name_text(name) -> str:
    return {NameState.DECEASED: DECEASED, NameState.UNKNOWN: UNKNOWN}.get(name, name or "")


def parent_order(given: list[str], child: str) -> tuple[str, str]:
    """Return father first, as everybody writes, unless only the second has the child's surname."""
    turned = same_surname(given[1], child) and not same_surname(given[0], child)
    return ("mother", "father") if turned else ("father", "mother")


def same_surname(name: str, child: str) -> bool:
    return bool(name and child) and name[0] == child[0]


def parse_parent_phones(text: str, parents: list[str]) -> tuple[dict[str, str], str]:
    """Return the telephones by parent, in the order in which `parents` are named, and a doubt or ""."""
    if marked := split_by_marks(text):
        return {parent: read_phone(number) for parent, number in marked.items()}, ""
    given = parse_phone(text)
    if len(given) == len(parents) == 2:
        return dict(zip(parents, given, strict=True)), ""
    if len(parents) == 1:
        return {parents[0]: "、".join(given)}, ""
    if not given:
        return {}, ""
    whose = (parents or ["father"])[0]
    return {whose: "、".join(given)}, _("It does not say whose telephone this is; kept with the parent named first.")
