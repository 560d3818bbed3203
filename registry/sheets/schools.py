"""Finding the school and class that a sheet names, among those that the importer may see."""

import datetime as dt
import re
from collections import defaultdict
from typing import NamedTuple

from registry import places
from registry.codes.grades import KINDERGARTEN, parse_class, parse_grade, school_year
from registry.codes.text import InvalidCell, key
from registry.models import Child, Division, School, SchoolClass
from registry.sheets.places import add_short_names

Schooling = Child.Schooling
KINDERGARTEN_WORDS = re.compile(r"[大中小]\(?[一二三1-9]\)?班|大班|中班|小班|学前|托班|幼儿|苗苗班")
# 602, 六2班, 6.2班: the grade runs into the number of the class.
GRADE_AND_CLASS = re.compile(r"([1-9]|1[0-2]|[一二三四五六七八九])[.\-—·]?\(?(0?[1-9]|1[0-9])\)?班?")
CLASS_IN_WORDS = re.compile(
    r"((?:[一二三四五六七八九]|[1-9])年级|[初高][一二三])\s*[(（]?([0-9一二三四五六七八九十]{1,2})?[)）]?班?"
)
STAGES = ((0, Schooling.KINDERGARTEN), (6, Schooling.PRIMARY), (9, Schooling.JUNIOR), (12, Schooling.SENIOR))


class ClassPlace(NamedTuple):
    """A place in school: grade (0 is kindergarten) or year of entry, and number of the class."""

    grade: int | None = None
    entry_year: int | None = None
    number: int | None = None


def parse_class_place(grade: str, words: str) -> ClassPlace:
    """Parse 六年级 and 2班, 六(2)班, 602 or the roll's 202102; raise InvalidCell for anything else."""
    stated_grade = KINDERGARTEN if KINDERGARTEN_WORDS.search(grade) else parse_grade(grade)
    if not words:
        return ClassPlace(stated_grade)
    if KINDERGARTEN_WORDS.search(words):
        return ClassPlace(KINDERGARTEN)
    if stated_grade is None and (only_grade := parse_grade_alone(words)) is not None:
        return ClassPlace(only_grade)
    match = GRADE_AND_CLASS.fullmatch(words)
    try:
        parsed = parse_class(words)
    except InvalidCell:
        if not match or (stated_grade is not None and parse_grade(match[1]) != stated_grade):
            raise
        return ClassPlace(parse_grade(match[1]), None, int(match[2]))
    return ClassPlace(stated_grade if parsed.grade is None else parsed.grade, parsed.entry_year, parsed.number)


def parse_grade_alone(words: str) -> int | None:
    try:
        return parse_grade(words) if "级" in words or words[:1] in "初高" else None
    except InvalidCell:
        return None


def schooling_of_grade(grade: int | None) -> str:
    return next((stage for last, stage in STAGES if grade is not None and grade <= last), "")


class SchoolFinder:
    """Matches a name such as 百里洲中心小学, or a code, to a school, and a class to one of that school."""

    def __init__(self, user):
        self.schools = list(School.objects.visible_to(user).order_by("code"))
        self.own_school_only = user.role_definition.reaches_school
        self.own = self.schools[0] if self.own_school_only and len(self.schools) == 1 else None
        self.forms: dict[str, set[int]] = defaultdict(set)
        self.by_pk = {school.pk: school for school in self.schools}
        names = self.names_above()
        for school in self.schools:
            for form in spellings_of(school, names):
                self.forms[key(form)].add(school.pk)
        # Names that contain a place: only a longer address can stand before them.
        self.placed = [
            form for form in self.forms if any(key(name) in form for above in names.values() for name in above)
        ]
        rows = SchoolClass.objects.filter(school__in=self.by_pk).values_list("school", "entry_year", "number", "pk")
        self.classes = {(school, year, number): pk for school, year, number, pk in rows}
        self.found: dict[str, School | None] = {}

    def names_above(self) -> dict[str, list[str]]:
        codes = {school.division_id for school in self.schools}
        codes |= {code for own in list(codes) for code in places.ancestors(own)}
        return {division.code: add_short_names(division.names) for division in Division.objects.filter(pk__in=codes)}

    def find(self, words: str) -> School | None:
        """Return the one school that the words name, or None for none or several."""
        if words not in self.found:
            self.found[words] = self.search(key(words))
        return self.found[words]

    def search(self, text: str) -> School | None:
        exact = [pk for pk in self.forms.get(text, ()) if key(self.by_pk[pk].name) == text]
        found = set(exact) or self.forms.get(text, set())
        if not found:
            endings = [form for form in self.placed if text.endswith(form)]
            found = self.forms.get(max(endings, key=len, default=""), set())
        return self.by_pk[next(iter(found))] if len(found) == 1 else None

    def named_in(self, text: str) -> School | None:
        found = [school for school in self.schools if key(school.name) in key(text)]
        return found[0] if len(found) == 1 else None

    def class_of(self, school: School, place: ClassPlace, on: dt.date) -> int | None:
        year = place.entry_year
        if year is None and place.grade is not None:
            year = school_year(on) - (place.grade - school.first_grade)
        return self.classes.get((school.pk, year, place.number))


def spellings_of(school: School, names_above: dict[str, list[str]]) -> set[str]:
    """Return the ways to write a school's name: with or without the places above it, and its code."""
    levels = [names_above.get(code, []) for code in (*places.ancestors(school.division_id), school.division_id)]
    rest = school.name
    for names in levels:
        rest = next((rest.removeprefix(name) for name in names if rest.startswith(name) and rest != name), rest)
    spellings, prefixes = {school.code, school.name, rest}, [""]
    for names in reversed(levels):
        prefixes += [name + prefix for name in names for prefix in prefixes]
        spellings |= {prefix + rest for prefix in prefixes}
    return spellings


def find_class_words(title: str) -> tuple[str, str]:
    """Return the grade and class in a title, such as 六年级 and 2, or two empty strings."""
    match = CLASS_IN_WORDS.search(title)
    if match and match[2]:
        return match[1], match[2]
    short = re.fullmatch(r"([1-9])(0[1-9]|1[0-9])班?|([一二三四五六七八九])[(（]([0-9]{1,2})[)）]班?", title)
    if short:
        return short[1] or short[3], str(int(short[2] or short[4]))
    return (match[1], "") if match else ("", "")
