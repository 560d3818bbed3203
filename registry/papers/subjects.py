"""What stands on a paper about a child: read for a day and for who asks, masked unless it may and shall be in full.

Facts with dates (absences, guardianships) are those of the day; the child's own fields are today's.
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
from registry.models import Child, Definition, Division, SchoolClass
from registry.places import ancestors


class DatedChildFile(ChildFile):
    """A child's family as of a day, from rows that were read before: a class is one question, not one a child."""

    def __init__(self, child: Child, day: date):
        self.child = child
        self.relatives = {row.relation: row for row in child.relatives.all()}
        self.history = [row for row in child.absences.all() if row.since <= day]
        self.absences = {row.parent: row for row in self.history if is_open_after(row.returned_on, day)}
        present = [row for row in child.guardianships.all() if row.starts_on <= day and is_open_after(row.ends_on, day)]
        self.guardianship = present[0] if present else None

    def away(self, person: str) -> bool | None:
        """Return whether a parent was away that day; None when nothing was recorded by then."""
        relation = census.PERSONS[person]
        return relation in self.absences or (False if any(row.parent == relation for row in self.history) else None)


def is_open_after(end: date | None, day: date) -> bool:
    return end is None or end > day


@dataclass
class PaperRequest:
    """Who asks for a paper, about which village or class, for which day, in full or masked; and who counts."""

    by: User
    place: Division | SchoolClass
    on: date
    full: bool = False
    definition: Definition | None = None

    def children(self):
        """Return the children that `by` sees there whose files were open that day."""
        here = {"village": self.place} if isinstance(self.place, Division) else {"school_class": self.place}
        seen = Child.objects.visible_to(self.by).filter(file_open_on(self.on), **here)
        return prefetch_family(seen).order_by("village_id", "pinyin", "pk")

    def subjects(self) -> list["PaperSubject"]:
        return [PaperSubject(child, self.on, self.full) for child in self.children()]

    @cached_property
    def unit(self) -> str:
        """Return the name of the village with what it lies in, or of the class with its school."""
        if isinstance(self.place, SchoolClass):
            return f"{self.place.school} {self.place.label(self.on)}"
        return full_place_name(self.place)

    @property
    def key(self) -> str:
        """Return how addresses and file names call the place."""
        return self.place.key if isinstance(self.place, SchoolClass) else self.place.code

    def remarks(self) -> list[str]:
        """Return what has to be known of whom and when the paper speaks of."""
        said = []
        if self.on < timezone.localdate():
            said.append(
                _("Absences and guardianships are those of %(day)s; all other particulars are today's.")
                % {"day": self.on.isoformat()}
            )
        if isinstance(self.place, SchoolClass) and self.by.role_definition.reaches_places:
            said.append(_("Children of this class who live outside your division are not on this paper."))
        return said


def file_open_on(day: date) -> Q:
    """Return the condition that a file was open: not closed by then. When it was registered does not count, for a
    census is entered after its cut-off date; but the child was born."""
    return (Q(closed_on=None) | Q(closed_on__gt=day)) & Q(birth_date__lte=day)


def prefetch_family(children):
    """Read the family of all children at once."""
    together = children.select_related("village", "school", "school_class__school")
    return together.prefetch_related("relatives", "absences", "guardianships")


def full_place_name(village: Division) -> str:
    """Return the name of a division after those of what it lies in, from the county down."""
    above = ancestors(village.code)[2:]
    names = dict(Division.objects.filter(code__in=above).values_list("code", "name"))
    return "".join([*(names.get(code, "") for code in above), village.name])


class PaperSubject:
    """One child on a paper."""

    def __init__(self, child: Child, on: date, full: bool):
        self.child, self.on, self.full = child, on, full
        self.file = DatedChildFile(child, on)
        self.values = self.file.values() | deceased_names(self.file)

    def text(self, name: str) -> str:
        """Return what stands in the field `name` of registry.census, in words, masked unless in full."""
        if name == "school_class":
            return self.class_label
        field = census.BY_NAME[name]
        words = field_text(self.child, field, self.values)
        return self.kept(name, words) if field.masked else words

    def kept(self, name: str, words: str) -> str:
        """Return a restricted value as this paper may show it; an address ends at the village."""
        if self.full or not words or words == DECEASED:
            return words
        if name == "residence":
            return truncate_to_village(words, self.child.village.name) or self.child.village.name
        if name == "guardian_address":
            return truncate_to_village(words, self.child.village.name) or mask(name, words)
        return mask(name, words)

    @property
    def class_label(self) -> str:
        return self.child.school_class.label(self.on) if self.child.school_class else ""

    @property
    def school_and_class(self) -> str:
        return " ".join(part for part in (str(self.child.school or ""), self.class_label) if part)

    def work_place(self, parent: str) -> str:
        """Return where a parent worked that day, or else the place of work that is recorded."""
        absence = self.file.absences.get(census.PERSONS[parent])
        return (absence.destination if absence else "") or self.text(f"{parent}_work_place")

    def phones(self) -> str:
        """Return both parents' phones, each after whose it is."""
        each = ((_("father"), self.text("father_phone")), (_("mother"), self.text("mother_phone")))
        return "、".join(f"{parent} {number}" for parent, number in each if number)


def child_codes(subjects: list[PaperSubject]) -> list[str]:
    return [subject.child.code for subject in subjects]
