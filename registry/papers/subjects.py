"""The children on a paper, as of a day, masked unless the paper is requested in full.

Absences and guardianships are those of the day; the child's own fields are today's.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.models import User
from carebase.encryption.masks import mask, truncate_to_village
from registry import census
from registry.cell_readers import DECEASED
from registry.child_file import ChildFile
from registry.display import deceased_names, field_text
from registry.leftbehind.facts import FamilyFacts, parent_facts
from registry.models import Child, Definition, Division, SchoolClass
from registry.places import ancestors

PRINT = "registry.print_child"


class DatedChildFile(ChildFile):
    """A child's family as of a day, from prefetched rows, so that a class takes a constant number of queries."""

    def __init__(self, child: Child, day: date):
        self.child, self.day = child, day
        self.relatives = {row.relation: row for row in child.relatives.all()}
        self.history = [row for row in child.absences.all() if row.since <= day]
        self.absences = {row.parent: row for row in self.history if is_open_after(row.returned_on, day)}
        present = [row for row in child.guardianships.all() if row.starts_on <= day and is_open_after(row.ends_on, day)]
        self.guardianship = present[0] if present else None

    @cached_property
    def facts(self) -> FamilyFacts:
        return FamilyFacts(parent_facts(self.relatives, self.child.absences.all()))


def is_open_after(end: date | None, day: date) -> bool:
    return end is None or end > day


@dataclass
class PaperRequest:
    """A request for a paper: by whom, for which place and day, in full or masked, by which definition."""

    by: User
    place: Division | SchoolClass
    on: date
    full: bool = False
    definition: Definition | None = None

    def children(self):
        in_place = {"village": self.place} if isinstance(self.place, Division) else {"school_class": self.place}
        children = Child.objects.permitted_to(self.by, PRINT).filter(file_open_on(self.on), **in_place)
        return prefetch_family(children).order_by("village_id", "pinyin", "pk")

    def subjects(self) -> list["PaperSubject"]:
        return [PaperSubject(child, self.on, self.full) for child in self.children()]

    @cached_property
    def unit(self) -> str:
        if isinstance(self.place, SchoolClass):
            return f"{self.place.school} {self.place.label(self.on)}"
        return full_place_name(self.place)

    @property
    def key(self) -> str:
        """Return the identifier of the place in addresses and file names."""
        return self.place.key if isinstance(self.place, SchoolClass) else self.place.code

    def remarks(self) -> list[str]:
        remarks = []
        if self.on < timezone.localdate():
            remarks.append(
                _("Absences and guardianships are as of %(day)s; all other data is as of today.")
                % {"day": self.on.isoformat()}
            )
        if isinstance(self.place, SchoolClass) and self.by.role_definition.reaches_places:
            remarks.append(_("Children of this class who live outside your division are not in this document."))
        return remarks


def file_open_on(day: date) -> Q:
    """Return the condition that a file was open: not closed by then nor merged into another, and the child born.

    The day of registration does not count, because a census is entered after its cut-off date.
    """
    return (Q(closed_on=None) | Q(closed_on__gt=day)) & Q(birth_date__lte=day) & ~Q(closing=Child.Closing.DUPLICATE)


def prefetch_family(children):
    children = children.select_related("village", "school", "school_class__school")
    return children.prefetch_related("relatives", "absences", "guardianships")


def full_place_name(village: Division) -> str:
    """Return the names of the county, the township and the village in one string."""
    above = ancestors(village.code)[2:]
    names = dict(Division.objects.filter(code__in=above).values_list("code", "name"))
    return "".join([*(names.get(code, "") for code in above), village.name])


class PaperSubject:
    def __init__(self, child: Child, on: date, full: bool):
        self.child, self.on, self.full = child, on, full
        self.file = DatedChildFile(child, on)
        self.values = self.file.values() | deceased_names(self.file)

    def text(self, name: str) -> str:
        """Return the displayed value of a census field, masked unless the paper is in full."""
        if name == "school_class":
            return self.class_label
        field = census.BY_NAME[name]
        text = field_text(self.child, field, self.values)
        return self.mask_text(name, text) if field.masked else text

    def mask_text(self, name: str, text: str) -> str:
        """Return a restricted value unless masked; an address is cut off after the village."""
        if self.full or not text or text == DECEASED:
            return text
        if name == "residence":
            return truncate_to_village(text, self.child.village.name) or self.child.village.name
        if name == "guardian_address":
            return truncate_to_village(text, self.child.village.name) or mask(name, text)
        return mask(name, text)

    @property
    def class_label(self) -> str:
        return self.child.school_class.label(self.on) if self.child.school_class else ""

    @property
    def school_and_class(self) -> str:
        return " ".join(part for part in (str(self.child.school or ""), self.class_label) if part)

    def work_place(self, parent: str) -> str:
        absence = self.file.absences.get(census.PERSONS[parent])
        return (absence.destination if absence else "") or self.text(f"{parent}_work_place")

    def phones(self) -> str:
        phones = ((_("father"), self.text("father_phone")), (_("mother"), self.text("mother_phone")))
        return "、".join(f"{parent} {number}" for parent, number in phones if number)


def child_codes(subjects: list[PaperSubject]) -> list[str]:
    return [subject.child.code for subject in subjects]
