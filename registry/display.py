"""What the page of a child shows: census sections with masked values, badges, the photo, absences, further pages."""

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.display import display, display_attr
from carebase.encryption.masks import mask
from carebase.views import record_table
from registry import census
from registry.census import CensusField
from registry.child_file import ChildFile
from registry.guardianship.living_alone import lives_alone
from registry.models import Absence, Child, Guardianship, Relative

# The further pages of a file: label, URL name, permission.
LINKS: tuple[tuple[str, str, str], ...] = (
    (_("Left-behind status and reasons"), "child-left-behind", "registry.view_absence"),
    (_("Guardianship and agreement"), "child-guardianship", "registry.view_guardianship"),
    (_("Surveys"), "child-survey", "registry.view_survey"),
    (_("Official form"), "child-form", "registry.print_child"),
    (_("Referrals to counsellors"), "child-referrals", "registry.add_referral"),
    (_("Transfer"), "transfer-create", "registry.add_transfer"),
    (_("Change history"), "child-history", "registry.change_child"),
)


def child_links(child: Child, user) -> list[dict]:
    """Return the links to the further pages that the user may open."""
    return [
        {"label": label, "url": reverse(page, args=[child.code])}
        for label, page, permission in LINKS
        if user.has_perm(permission, child)
    ]


def field_text(child: Child, field: CensusField, values: dict) -> str:
    """Return the displayed value of a field, not masked yet."""
    if field.name == "disability":
        return format_value(field, child.disability and [child.disability, child.disability_grade])
    return format_value(field, getattr(child, field.name) if field.model is Child else values[field.name])


def format_value(field: CensusField, value) -> str:
    if value in (None, "", []):
        return ""
    if field.name == "disability":  # its category and grade
        grade = census.BY_NAME["disability_grade"]
        return " ".join(filter(None, (display(field.labels.get(value[0])), format_value(grade, value[1]))))
    if isinstance(value, list):
        return "、".join(str(field.labels.get(each, each)) for each in value)
    return display(field.labels.get(value, value))


def census_sections(child: Child, file: ChildFile, *, may_unmask: bool, unmasked: str = "") -> list[dict]:
    """Return the sections of generic/object_detail.html; `unmasked` names the one restricted field shown in full."""
    values = file.values() | deceased_names(file)

    def item(field: CensusField) -> dict:
        text = field_text(child, field, values)
        hidden = field.masked and text and field.name != unmasked
        return {
            "label": str(field.title),
            "value": mask(field.name, text) if hidden else text,
            "reveal": field.name if hidden and may_unmask else "",
            "revealed": field.name == unmasked,
        }

    return [
        {"title": str(section.label), "items": [item(field) for field in section.fields if field.page]}
        for section in census.SECTIONS
    ]


def deceased_names(file: ChildFile) -> dict[str, str]:
    """Return by field the names of deceased relatives, with their state, where the name is recorded."""
    return {
        f"{person}_name": f"{row.name} ({row.get_state_display()})"
        for person, relation in census.PERSONS.items()
        if (row := file.relatives.get(relation)) and row.name and row.state == Relative.State.DECEASED
    }


def badges(child: Child, file: ChildFile) -> list[dict]:
    """Return the badges of the page: closed, away since when, lives alone, poor guardianship."""
    badges = []
    if child.closed_on:
        badges.append({"text": _("closed: %s") % child.get_closing_display(), "kind": "muted"})
    for absence in file.absences.values():
        badges.append({"text": absence_text(absence), "kind": "warn"})
    if lives_alone(child, file.guardianship):
        day = file.guardianship.starts_on.isoformat()
        badges.insert(0, {"text": _("lives alone since %s, nobody looks after the child") % day, "kind": "danger"})
    if file.guardianship and file.guardianship.assessment == Guardianship.Assessment.POOR:
        badges.append({"text": _("guardianship: poor"), "kind": "danger"})
    return badges


def photo_context(child: Child, user) -> dict | None:
    """Return the photo and the link that changes it, as far as the user may use them, or None."""
    may_view, may_change = (user.has_perm(f"registry.{act}_photo", child) for act in ("view", "change"))
    if not may_view or not (child.photo or may_change):
        return None
    small = reverse("child-photo-file", kwargs={"code": child.code, "size": "small"}) if child.photo else ""
    label = _("Change the photo") if child.photo else _("Add a photo")
    change = reverse("child-photo", args=[child.code]) if may_change else ""
    return {"src": small, "alt": _("Photo of %s") % child.name, "change_url": change, "change_label": label}


def absence_text(absence: Absence) -> str:
    return absence_text_on(absence, timezone.localdate())


def absence_text_on(absence: Absence, day: date) -> str:
    """Return who is away since when, and for how many days if the day of leaving is known."""
    facts = {"parent": display_attr(absence, "parent"), "day": absence.since.isoformat()}
    if not absence.left_on:
        return _("%(parent)s away, recorded %(day)s") % facts
    facts["days"] = (day - absence.left_on).days
    return _("%(parent)s away since %(day)s (%(days)s days)") % facts


def absence_table(file: ChildFile) -> dict:
    absences = record_table(
        _("Parents' absences"),
        [
            (_("Parent"), "parent"),
            (_("Left on"), "left_on"),
            (_("Recorded on"), "known_on"),
            (_("Place of work"), "destination"),
            (_("Returned on"), "returned_on"),
        ],
        [],
        empty_text=_("No absence of a parent is recorded."),
    )
    for row in file.history:
        cells = [display_attr(row, "parent"), row.left_on, row.known_on, row.destination, row.returned_on]
        absences["rows"].append({"url": "", "cells": [display(cell) for cell in cells]})
    return absences
