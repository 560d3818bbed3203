"""What is typed to find a place or a class: its words, and the conditions that they stand for."""

import re

from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from registry.codes.grades import find_class, school_year
from registry.places import LEVELS

TOWNSHIP_ENDS = re.compile("([省市县区镇乡])")
ENTRY_YEAR = re.compile("(?:19|20)[0-9]{2}级?")
NUMERAL = re.compile("[0-9一二三四五六七八九十]{1,2}")


def names_in(address: str) -> list[str]:
    """Return the names of an address: 百里洲镇合心村 is 百里洲镇 and 合心村."""
    return TOWNSHIP_ENDS.sub(r"\1 ", address).split()


def lineage() -> list:
    """Return the codes of an outer division and of all above it."""
    return [Concat(Substr(OuterRef("code"), 1, length), Value("0" * (12 - length))) for length in LEVELS]


def class_named(word: str) -> Q:
    """Return the condition on a class that `word` names it, or its grade."""
    if ENTRY_YEAR.fullmatch(word):
        return Q(entry_year=int(word[:4]))
    meant = find_class(word)
    if meant is None:
        return Q(pk__in=[])
    if NUMERAL.fullmatch(word):  # 五 is a grade as well as a class number
        return Q(number=meant.number) | class_named(f"{word}年级")
    condition = Q(number=meant.number) if meant.number else Q()
    if meant.grade is not None:
        year = school_year(timezone.localdate())
        condition &= Q(entry_year=F("school__first_grade") + (year - meant.grade))
    return condition & Q(entry_year=meant.entry_year) if meant.entry_year else condition
