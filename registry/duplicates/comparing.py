"""Two files side by side: which blanks they fill differently, and whose value stays unless somebody chooses.

Blanks that hang together are chosen together: a disability with the condition that it needs, a class with its school.
Of the family, what both files have a row of is compared; what only one has comes along with all its other rows.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carebase.audit.models import Action, Event
from carebase.display import read
from carebase.encryption.masks import mask
from carebase.fields import EncryptedField
from registry.census import GUARDIAN
from registry.child_file import RELATIVE_FIELDS
from registry.codes.relation import Relation
from registry.models import Absence, Child, Guardianship, Relative

TOGETHER = (
    ("id_number", "id_reason"),
    ("condition", "disability", "disability_grade", "illness"),
    ("school", "school_class"),
)
OF_RELATIVE = (("state", "name"), *((name,) for name in RELATIVE_FIELDS))
OF_ABSENCE = ("left_on", "known_on", "destination", "cross_county", "reason")
OF_GUARDIANSHIP = tuple(
    dict.fromkeys(
        ("starts_on", "entrusted", "alone", "found_on", *GUARDIAN.values())
        + ("assessed_on", "assessed_by", "assessment_reason")
    )
)


class Group(NamedTuple):
    """Fields of one row that are chosen together; `owner` says whose: "child", a relation, or a kind of row."""

    name: str
    label: str
    owner: str
    fields: tuple[str, ...]


def own_groups() -> list[Group]:
    """Return the groups of the child's own fields in the order of the model, so that a new field is never forgotten."""
    first = {names[0]: names for names in TOGETHER}
    later = {name for names in TOGETHER for name in names[1:]}
    editable = [field for field in Child._meta.concrete_fields if field.editable and not field.primary_key]
    return [
        Group(field.name, capfirst(str(field.verbose_name)), "child", first.get(field.name, (field.name,)))
        for field in editable
        if field.name not in later
    ]


def family_groups(owners: Iterable[str]) -> list[Group]:
    """Return the groups of those rows of the family that both files have, by owner."""
    groups = []
    for owner in owners:
        kind, _dash, relation = owner.partition("-")
        person = capfirst(str(Relation(relation).label)) if relation else ""
        match kind:
            case "relative":
                groups += [of_relative(owner, person, names) for names in OF_RELATIVE]
            case "absence":
                groups.append(Group(owner, f"{person} · {Absence._meta.verbose_name}", owner, OF_ABSENCE))
            case "guardianship":
                groups.append(Group(owner, _("Present guardianship"), owner, OF_GUARDIANSHIP))
    return groups


def of_relative(owner: str, person: str, names: tuple[str, ...]) -> Group:
    label = Relative._meta.get_field(names[-1]).verbose_name
    return Group(f"{owner}-{names[-1]}", f"{person} · {label}", owner, names)


def rows_of(children: list[Child]) -> dict[int, dict[str, object]]:
    """Return, for each child's key, its row of each owner: itself, singular relatives, open absences, guardianship."""
    rows = {child.pk: {"child": child} for child in children}
    for row in Relative.objects.filter(child__in=children, relation__in=Relative.SINGULAR):
        rows[row.child_id][f"relative-{row.relation}"] = row
    for row in Absence.objects.filter(child__in=children, returned_on=None):
        rows[row.child_id][f"absence-{row.parent}"] = row
    for row in Guardianship.objects.filter(child__in=children, ends_on=None):
        rows[row.child_id]["guardianship"] = row
    return rows


def shared(one: dict, other: dict) -> list[str]:
    """Return the owners of rows that both files have, the child itself left out."""
    return sorted(owner for owner in one if owner in other and owner != "child")


def alone(one: dict, other: dict) -> list[str]:
    """Return the owners of rows that only the first of two files has."""
    return sorted(owner for owner in one if owner not in other)


def raw(row, names: Iterable[str]) -> list:
    return [getattr(row, row._meta.get_field(name).attname) for name in names]


def filled(row, names: tuple[str, ...]) -> bool:
    """Return whether anything is known; a reason why there is no number, or an unknown relative, says nothing."""
    told = names[:1] if names[0] == "id_number" else names
    return any(value not in (None, "", [], Relative.State.UNKNOWN) for value in raw(row, told))


def words(row, names: Iterable[str]) -> str:
    """Return the values of a row in words, what is restricted masked."""
    names = list(names)
    told = [labelled(row, name) if len(names) > 1 else masked(row, name) for name in names]
    return " · ".join(filter(None, dict.fromkeys(told)))  # the day of leaving is often that of its being known


def labelled(row, name: str) -> str:
    """Return a value among others: a yes or no says of what."""
    value = masked(row, name)
    if not isinstance(getattr(row, name), bool):
        return value
    return _("%(what)s: %(value)s") % {"what": row._meta.get_field(name).verbose_name, "value": value}


def masked(row, name: str) -> str:
    if isinstance(row._meta.get_field(name), EncryptedField):
        return mask(name, getattr(row, name))
    if name == "alone":
        return _("lives alone") if row.alone else ""
    return read(row, name)


class ComparedValue(NamedTuple):
    """A group with the words of both files; `choice` is "left" or "right" where they differ, "" where they agree."""

    name: str
    label: str
    left: str
    right: str
    choice: str


class FileComparison:
    """Two children, left and right, in three questions for their families and one for who was written to last."""

    def __init__(self, left: Child, right: Child):
        rows = rows_of([left, right])
        self.left, self.right = rows[left.pk], rows[right.pk]
        self.groups = [*own_groups(), *family_groups(shared(self.left, self.right))]
        self.newer = newer(left, right)

    def compared(self) -> list[ComparedValue]:
        return [self.of(group) for group in self.groups]

    def single(self) -> list[tuple[str, str, str]]:
        """Return (side, label, words) of what the family of only one file has; it goes to the file that stays."""
        found = []
        for side, one, other in (("left", self.left, self.right), ("right", self.right, self.left)):
            for group in family_groups(alone(one, other)):
                found.append((side, group.label, words(one[group.owner], group.fields)))
        return [entry for entry in found if entry[2]]

    def of(self, group: Group) -> ComparedValue:
        one, other = self.left[group.owner], self.right[group.owner]
        choice = self.default(one, other, group.fields) if raw(one, group.fields) != raw(other, group.fields) else ""
        return ComparedValue(group.name, group.label, words(one, group.fields), words(other, group.fields), choice)

    def default(self, one, other, names) -> str:
        """Return the side that is filled, or of two that are the one written to last."""
        if filled(one, names) != filled(other, names):
            return "left" if filled(one, names) else "right"
        return self.newer


def newer(left: Child, right: Child) -> str:
    """Return which of two files was written to last."""
    written = Event.objects.filter(subject__in=[left.code, right.code], action__in=[Action.CREATE, Action.CHANGE])
    last = dict(written.order_by().values_list("subject").annotate(Max("pk")))
    return "right" if last.get(right.code, 0) > last.get(left.code, 0) else "left"
