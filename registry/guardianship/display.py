"""What the page of a guardianship shows: the present one with its agreement and grade, its history, refused carers."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.display import display, display_attr
from carebase.encryption.masks import mask
from carebase.views import detail_items
from registry.guardianship.assessment import DEFINITIONS, find_contradiction
from registry.models import Entrustment, Guardianship

ARTICLE_21 = gettext_lazy(
    "Law on the protection of minors, article 21: nobody under 16 may live alone, apart from guardianship. Report it "
    "to the police and to the township at once, tell the parents, and do not leave until somebody looks after the "
    "child. The alarm ends when a new guardianship begins."
)
STATUS_KINDS = {"draft": "warn", "signed": "ok", "expired": "danger", "ended": "warn"}


def carer_name(row: Guardianship) -> str:
    """Return in words who looks after the child."""
    if row.alone:
        return _("nobody: the child lives alone")
    return row.name or _("no guardian is named")


def entrustment_kind(row: Guardianship) -> str:
    if row.alone:
        return ""
    return {True: _("entrusted by the parents"), False: _("not entrusted")}.get(row.entrusted, "")


def agreement_status(row: Guardianship) -> str:
    """Return what the agreement behind a guardianship is today."""
    if hasattr(row, "entrustment"):
        return row.entrustment.get_status_display()
    return _("not written down")


def badges(row: Guardianship | None, file) -> list[dict]:
    if row is None:
        return [{"text": _("nobody is recorded"), "kind": "warn"}]
    found = []
    if row.alone:
        found.append({"text": _("lives alone"), "kind": "danger"})
    if agreed := getattr(row, "entrustment", None):
        words = _("agreement: %s") % agreed.get_status_display()
        found.append({"text": words, "kind": STATUS_KINDS[agreed.status]})
    elif row.entrusted:
        found.append({"text": _("agreement not written down yet"), "kind": "warn"})
    if row.assessment == Guardianship.Assessment.POOR:
        found.append({"text": _("guardianship: poor"), "kind": "danger"})
    if find_contradiction(file, alone=row.alone, name=row.name, grade=row.assessment) and not row.assessment_reason:
        found.append({"text": _("the grade contradicts its printed definition"), "kind": "warn"})
    return found


def sections(row: Guardianship | None, file) -> list[dict]:
    """Return the sections of generic/object_detail.html."""
    if row is None:
        words = _(
            "Nobody is recorded as looking after the child. Begin a guardianship, also when the child lives alone."
        )
        return [{"title": _("At present"), "note": words, "items": []}]
    shown = [guardianship_section(row)]
    if agreed := getattr(row, "entrustment", None):
        shown += [choice_section(agreed), agreement_section(agreed)]
    return [*shown, assessment_section(row, file)]


def guardianship_section(row: Guardianship) -> dict:
    entries = detail_items(
        row, (_("Since"), "starts_on"), (_("Who looks after the child"), carer_name), (_("Entrusted"), entrustment_kind)
    )
    if row.alone:
        entries += detail_items(row, (_("Found on"), "found_on"))
    else:
        entries += detail_items(
            row,
            (_("Relation to the child"), "relation"),
            (_("Guardian's phone"), lambda guardian: mask("phone", guardian.phone)),
            (_("Guardian's resident ID number"), lambda guardian: mask("id_number", guardian.id_number)),
            (_("Guardian's address"), lambda guardian: mask("address", guardian.address)),
        )
    section = {"title": _("At present"), "items": entries}
    return section | {"note": str(ARTICLE_21)} if row.alone else section


def choice_section(agreed: Entrustment) -> dict:
    entries = detail_items(
        agreed,
        (_("Reasons for choosing this carer"), "reasons"),
        (_("The child's opinion"), "opinion"),
        (_("What the child said"), "opinion_words"),
        (_("Grounds of article 22"), lambda row: _("each of the four was answered “no”")),
    )
    return {"title": _("The choice of the carer"), "items": entries}


def agreement_section(agreed: Entrustment) -> dict:
    entries = detail_items(
        agreed,
        (_("Status"), "get_status_display"),
        (_("Agreement signed on"), "signed_on"),
        (_("Entrusted by phone"), "by_phone"),
        (_("Term from"), "term_from"),
        (_("Term until"), "term_to"),
        (_("Child handed over to the carer on"), "handed_over_on"),
        (_("Child taken back by the parents on"), "taken_back_on"),
        (_("School told in writing on"), "school_told_on"),
        (_("Village told in writing on"), "village_told_on"),
        (_("To be reviewed on"), "review_on"),
    )
    if agreed.ended_on:
        entries += detail_items(agreed, (_("Agreement ended on"), "ended_on"), (_("Reason for ending"), "ending"))
    return {"title": _("The agreement"), "items": entries}


def assessment_section(row: Guardianship, file) -> dict:
    entries = detail_items(
        row,
        (_("Guardianship assessment"), "assessment"),
        (_("Assessed on"), "assessed_on"),
        (_("Assessed by"), lambda guardian: guardian.assessed_by and guardian.assessed_by.name),
    )
    if row.assessment_reason:
        entries += detail_items(row, (_("Why this grade all the same"), "assessment_reason"))
    notes = [str(DEFINITIONS[Guardianship.Assessment(row.assessment)])] if row.assessment else []
    if not row.assessment_reason:
        notes.append(find_contradiction(file, alone=row.alone, name=row.name, grade=row.assessment))
    return {"title": _("Assessment"), "items": entries, "note": " ".join(filter(None, notes))}


def history_table(rows: list[Guardianship]) -> dict:
    """Return the table of the guardianships that have ended."""
    headings = (_("Who looked after the child"), _("Relation to the child"), _("From"), _("Until"))
    headings += (_("Entrusted"), _("Guardianship assessment"))
    cells = [[carer_name(row), display_attr(row, "relation"), row.starts_on, row.ends_on] for row in rows]
    more = [[entrustment_kind(row), display_attr(row, "assessment")] for row in rows]
    shown = [
        {"url": "", "cells": [display(cell) for cell in first + rest]} for first, rest in zip(cells, more, strict=True)
    ]
    return {"title": _("Before"), "columns": list(headings), "rows": shown, "empty_text": _("No earlier guardianship.")}


def refusal_table(rows) -> dict:
    """Return the table of those who were refused as carers of this child."""
    shown = [
        {"url": "", "cells": [row.name, display(row.refused_on), row.refused_by.name, display_attr(row, "grounds")]}
        for row in rows
    ]
    headings = [_("Full name"), _("Refused on"), _("Refused by"), _("Because the person …")]
    return {"title": _("Refused as carers"), "columns": headings, "rows": shown, "empty_text": _("Nobody was refused.")}
