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
from carebase.display import display_attr
from carebase.encryption.masks import mask
from carebase.fields import EncryptedField
from registry.census import GUARDIAN_COLUMNS
from registry.child_file import RELATIVE_FIELDS
from registry.codes.relation import Relation
from registry.models import Absence, Child, Guardianship, Relative

FIELD_GROUPS = (
    ("id_number", "id_reason"),
    ("condition", "disability", "disability_grade", "illness"),
    ("school", "school_class"),
)
RELATIVE_GROUPS = (("state", "name"), *((name,) for name in RELATIVE_FIELDS))
ABSENCE_FIELDS = ("left_on", "known_on", "destination", "cross_county", "reason")
GUARDIANSHIP_FIELDS = tuple(
    dict.fromkeys(
        ("starts_on", "entrusted", "alone", "found_on", *GUARDIAN_COLUMNS.values())
        + ("assessed_on", "assessed_by", "assessment_reason")
    )
)


class FieldGroup(NamedTuple):
    """Fields of one row that are chosen together; `owner` says whose: "child", a relation, or a kind of row."""

    name: str
    label: str
    owner: str
    fields: tuple[str, ...]


def child_groups() -> list[FieldGroup]:
    """Return the groups of the child's own fields in the order of the model, so that a new field is never forgotten."""
    first = {names[0]: names for names in FIELD_GROUPS}
    later = {name for names in FIELD_GROUPS for name in names[1:]}
    editable = [field for field in Child._meta.concrete_fields if field.editable and not field.primary_key]
    return [
        FieldGroup(field.name, capfirst(str(field.verbose_name)), "child", first.get(field.name, (field.name,)))
        for field in editable
        if field.name not in later
    ]


def family_groups(owners: Iterable[str]) -> list[FieldGroup]:
    """Return the groups of those rows of the family that both files have, by owner."""
    groups = []
    for owner in owners:
        kind, _dash, relation = owner.partition("-")
        person = capfirst(str(Relation(relation).label)) if relation else ""
        match kind:
            case "relative":
                groups += [relative_group(owner, person, names) for names in RELATIVE_GROUPS]
            case "absence":
                groups.append(FieldGroup(owner, f"{person} · {Absence._meta.verbose_name}", owner, ABSENCE_FIELDS))
            case "guardianship":
                groups.append(FieldGroup(owner, _("Present guardianship"), owner, GUARDIANSHIP_FIELDS))
    return groups


def relative_group(owner: str, person: str, names: tuple[str, ...]) -> FieldGroup:
    label = Relative._meta.get_field(names[-1]).verbose_name
    return FieldGroup(f"{owner}-{names[-1]}", f"{person} · {label}", owner, names)


def file_rows(children: list[Child]) -> dict[int, dict[str, object]]:
    """Return, for each child's key, its row of each owner: itself, singular relatives, open absences, guardianship."""
    rows = {child.pk: {"child": child} for child in children}
    for row in Relative.objects.filter(child__in=children, relation__in=Relative.SINGULAR):
        rows[row.child_id][f"relative-{row.relation}"] = row
    for row in Absence.objects.filter(child__in=children, returned_on=None):
        rows[row.child_id][f"absence-{row.parent}"] = row
    for row in Guardianship.objects.filter(child__in=children, ends_on=None):
        rows[row.child_id]["guardianship"] = row
    return rows


def shared_owners(one: dict, other: dict) -> list[str]:
    """Return the owners of rows that both files have, the child itself left out."""
    return sorted(owner for owner in one if owner in other and owner != "child")


def owners_only_in(one: dict, other: dict) -> list[str]:
    """Return the owners of rows that only the first of two files has."""
    return sorted(owner for owner in one if owner not in other)


def stored_values(row, names: Iterable[str]) -> list:
    return [getattr(row, row._meta.get_field(name).attname) for name in names]


def is_filled(row, names: tuple[str, ...]) -> bool:
    """Return whether anything is known; a reason why there is no number, or an unknown relative, says nothing."""
    told = names[:1] if names[0] == "id_number" else names
    return any(value not in (None, "", [], Relative.State.UNKNOWN) for value in stored_values(row, told))


def describe_values(row, names: Iterable[str]) -> str:
    """Return the values of a row in words, what is restricted masked."""
    names = list(names)
    told = [labelled_value(row, name) if len(names) > 1 else masked_value(row, name) for name in names]
    return " · ".join(filter(None, dict.fromkeys(told)))  # the day of leaving is often that of its being known


def labelled_value(row, name: str) -> str:
    """Return a value among others: a yes or no says of what."""
    value = masked_value(row, name)
    if not isinstance(getattr(row, name), bool):
        return value
    return _("%(what)s: %(value)s") % {"what": row._meta.get_field(name).verbose_name, "value": value}


def masked_value(row, name: str) -> str:
    if isinstance(row._meta.get_field(name), EncryptedField):
        return mask(name, getattr(row, name))
    if name == "alone":
        return _("lives alone") if row.alone else ""
    return display_attr(row, name)


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
        rows = file_rows([left, right])
        self.left, self.right = rows[left.pk], rows[right.pk]
        self.groups = [*child_groups(), *family_groups(shared_owners(self.left, self.right))]
        self.newer = newer_side(left, right)

    def compared(self) -> list[ComparedValue]:
        return [self.of(group) for group in self.groups]

    def single(self) -> list[tuple[str, str, str]]:
        """Return (side, label, words) of what the family of only one file has; it goes to the file that stays."""
        found = []
        for side, one, other in (("left", self.left, self.right), ("right", self.right, self.left)):
            for group in family_groups(owners_only_in(one, other)):
                found.append((side, group.label, describe_values(one[group.owner], group.fields)))
        return [entry for entry in found if entry[2]]

    def of(self, group: FieldGroup) -> ComparedValue:
        one, other = self.left[group.owner], self.right[group.owner]
        choice = (
            self.default(one, other, group.fields)
            if stored_values(one, group.fields) != stored_values(other, group.fields)
            else ""
        )
        return ComparedValue(
            group.name, group.label, describe_values(one, group.fields), describe_values(other, group.fields), choice
        )

    def default(self, one, other, names) -> str:
        """Return the side that is filled, or of two that are the one written to last."""
        if is_filled(one, names) != is_filled(other, names):
            return "left" if is_filled(one, names) else "right"
        return self.newer


def newer_side(left: Child, right: Child) -> str:
    """Return which of two files was written to last."""
    written = Event.objects.filter(subject__in=[left.code, right.code], action__in=[Action.CREATE, Action.CHANGE])
    last = dict(written.order_by().values_list("subject").annotate(Max("pk")))
    return "right" if last.get(right.code, 0) > last.get(left.code, 0) else "left"
