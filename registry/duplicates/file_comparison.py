"""The comparison of two files before a merge: which fields differ, and which side is preselected.

Fields that depend on each other are chosen together: a disability with its condition, a class with its school.
Family rows that both files have are compared; a row that only one file has moves to the file that stays.
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
    """Fields of one row that are chosen together; `owner` is "child" or a key of `file_rows`."""

    name: str
    label: str
    owner: str
    fields: tuple[str, ...]


def child_groups() -> list[FieldGroup]:
    """Return the groups of the child's own fields; read from the model, so that a new field is never forgotten."""
    first = {names[0]: names for names in FIELD_GROUPS}
    later = {name for names in FIELD_GROUPS for name in names[1:]}
    editable = [field for field in Child._meta.concrete_fields if field.editable and not field.primary_key]
    return [
        FieldGroup(field.name, capfirst(str(field.verbose_name)), "child", first.get(field.name, (field.name,)))
        for field in editable
        if field.name not in later
    ]


def family_groups(owners: Iterable[str]) -> list[FieldGroup]:
    """Return the groups of family rows, as `file_rows` names their owners."""
    groups = []
    for owner in owners:
        kind, _dash, relation = owner.partition("-")
        person = capfirst(str(Relation(relation).label)) if relation else ""
        match kind:
            case "relative":
                for names in RELATIVE_GROUPS:
                    label = f"{person} · {Relative._meta.get_field(names[-1]).verbose_name}"
                    groups.append(FieldGroup(f"{owner}-{names[-1]}", label, owner, names))
            case "absence":
                groups.append(FieldGroup(owner, f"{person} · {Absence._meta.verbose_name}", owner, ABSENCE_FIELDS))
            case "guardianship":
                groups.append(FieldGroup(owner, _("Current guardianship"), owner, GUARDIANSHIP_FIELDS))
    return groups


def file_rows(children: list[Child]) -> dict[int, dict[str, object]]:
    """Return the rows to compare by child's key and owner: itself, singular relatives, open absences, guardianship."""
    rows = {child.pk: {"child": child} for child in children}
    for row in Relative.objects.filter(child__in=children, relation__in=Relative.SINGULAR):
        rows[row.child_id][f"relative-{row.relation}"] = row
    for row in Absence.objects.filter(child__in=children, returned_on=None):
        rows[row.child_id][f"absence-{row.parent}"] = row
    for row in Guardianship.objects.filter(child__in=children, ends_on=None):
        rows[row.child_id]["guardianship"] = row
    return rows


def stored_values(row, names: Iterable[str]) -> list:
    return [getattr(row, row._meta.get_field(name).attname) for name in names]


def is_filled(row, names: tuple[str, ...]) -> bool:
    """Return whether anything is known; neither the reason for a missing ID number nor an unknown relative counts."""
    counted = names[:1] if names[0] == "id_number" else names
    return any(value not in (None, "", [], Relative.State.UNKNOWN) for value in stored_values(row, counted))


def describe_values(row, names: Iterable[str]) -> str:
    names = list(names)
    texts = [labelled_value(row, name) if len(names) > 1 else masked_value(row, name) for name in names]
    return " · ".join(filter(None, dict.fromkeys(texts)))  # equal dates once: of leaving, and of its being known


def labelled_value(row, name: str) -> str:
    """Return the value for display beside others: a yes or no needs its label."""
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
    """A group with the texts of both files; `choice` is the preselected side where they differ, "" where they agree."""

    name: str
    label: str
    left: str
    right: str
    choice: str


class FileComparison:
    """Two children, left and right, compared in four queries; `shared` are the owners of family rows that both have."""

    def __init__(self, left: Child, right: Child):
        rows = file_rows([left, right])
        self.left, self.right = rows[left.pk], rows[right.pk]
        self.shared = sorted((self.left.keys() & self.right.keys()) - {"child"})
        self.groups = [*child_groups(), *family_groups(self.shared)]
        self.newer = newer_side(left, right)

    def compare(self) -> list[ComparedValue]:
        return [self.compare_group(group) for group in self.groups]

    def unshared_rows(self) -> list[tuple[str, str, str]]:
        """Return (side, label, text) of family rows that only one file has."""
        texts = []
        for side, one, other in (("left", self.left, self.right), ("right", self.right, self.left)):
            for group in family_groups(sorted(one.keys() - other.keys())):
                texts.append((side, group.label, describe_values(one[group.owner], group.fields)))
        return [text for text in texts if text[2]]

    def compare_group(self, group: FieldGroup) -> ComparedValue:
        rows = self.left[group.owner], self.right[group.owner]
        left, right = (stored_values(row, group.fields) for row in rows)
        choice = self.default_side(*rows, group.fields) if left != right else ""
        return ComparedValue(group.name, group.label, *(describe_values(row, group.fields) for row in rows), choice)

    def default_side(self, one, other, names) -> str:
        """Return the only side that is filled, or else the side that was saved last."""
        if is_filled(one, names) != is_filled(other, names):
            return "left" if is_filled(one, names) else "right"
        return self.newer


def newer_side(left: Child, right: Child) -> str:
    written = Event.objects.filter(subject__in=[left.code, right.code], action__in=[Action.CREATE, Action.CHANGE])
    last = dict(written.order_by().values_list("subject").annotate(Max("pk")))
    return "right" if last.get(right.code, 0) > last.get(left.code, 0) else "left"
