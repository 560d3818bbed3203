"""The page of a guardianship: the present one with its agreement and assessment, earlier ones, refused carers."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.display import display_attr
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
    if row.alone:
        return _("nobody: the child lives alone")
    return row.name or _("no guardian is named")


def entrustment_kind(row: Guardianship) -> str:
    if row.alone:
        return ""
    return {True: _("entrusted by the parents"), False: _("not entrusted")}.get(row.entrusted, "")


def agreement_status(row: Guardianship) -> str:
    if hasattr(row, "entrustment"):
        return row.entrustment.get_status_display()
    return _("not recorded")


def badges(row: Guardianship | None, file) -> list[dict]:
    if row is None:
        return [{"text": _("nobody recorded"), "kind": "warn"}]
    result = []
    if row.alone:
        result.append({"text": _("lives alone"), "kind": "danger"})
    if entrustment := getattr(row, "entrustment", None):
        text = _("agreement: %s") % entrustment.get_status_display()
        result.append({"text": text, "kind": STATUS_KINDS[entrustment.status]})
    elif row.entrusted:
        result.append({"text": _("agreement not recorded yet"), "kind": "warn"})
    if row.assessment == Guardianship.Assessment.POOR:
        result.append({"text": _("guardianship: poor"), "kind": "danger"})
    if find_contradiction(file, alone=row.alone, name=row.name, grade=row.assessment) and not row.assessment_reason:
        result.append({"text": _("the grade contradicts the form's definition"), "kind": "warn"})
    return result


def sections(row: Guardianship | None, file) -> list[dict]:
    """Return the sections of generic/object_detail.html."""
    if row is None:
        note = _("Nobody is recorded as looking after the child. Start a guardianship, even if the child lives alone.")
        return [{"title": _("At present"), "note": note, "items": []}]
    result = [guardianship_section(row)]
    if entrustment := getattr(row, "entrustment", None):
        result += [choice_section(entrustment), agreement_section(entrustment)]
    return [*result, assessment_section(row, file)]


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


def choice_section(entrustment: Entrustment) -> dict:
    entries = detail_items(
        entrustment,
        (_("Reasons for choosing this carer"), "reasons"),
        (_("The child's opinion"), "opinion"),
        (_("What the child said"), "opinion_words"),
        (_("Grounds of article 22"), lambda row: _("all four answered “no”")),
    )
    return {"title": _("Choice of carer"), "items": entries}


def agreement_section(entrustment: Entrustment) -> dict:
    entries = detail_items(
        entrustment,
        (_("Status"), "get_status_display"),
        (_("Agreement signed on"), "signed_on"),
        (_("Entrusted by phone"), "by_phone"),
        (_("Term from"), "term_from"),
        (_("Term until"), "term_to"),
        (_("Child handed over to the carer on"), "handed_over_on"),
        (_("Child taken back by the parents on"), "taken_back_on"),
        (_("School notified in writing on"), "school_told_on"),
        (_("Village notified in writing on"), "village_told_on"),
        (_("Review due on"), "review_on"),
    )
    if entrustment.ended_on:
        entries += detail_items(entrustment, (_("Agreement ended on"), "ended_on"), (_("Reason for ending"), "ending"))
    return {"title": _("The agreement"), "items": entries}


def assessment_section(row: Guardianship, file) -> dict:
    entries = detail_items(
        row,
        (_("Guardianship assessment"), "assessment"),
        (_("Assessed on"), "assessed_on"),
        (_("Assessed by"), "assessed_by.name"),
    )
    if row.assessment_reason:
        entries += detail_items(row, (_("Reason for this grade"), "assessment_reason"))
    notes = [str(DEFINITIONS[Guardianship.Assessment(row.assessment)])] if row.assessment else []
    if not row.assessment_reason:
        notes.append(find_contradiction(file, alone=row.alone, name=row.name, grade=row.assessment))
    return {"title": _("Assessment"), "items": entries, "note": " ".join(filter(None, notes))}


def history_table(rows: list[Guardianship]) -> dict:
    """Return the table of the guardianships that have ended."""
    columns = [(_("Who looked after the child"), carer_name), (_("Relation to the child"), "relation")]
    columns += [(_("From"), "starts_on"), (_("Until"), "ends_on")]
    columns += [(_("Entrusted"), entrustment_kind), (_("Guardianship assessment"), "assessment")]
    return unlinked_table(_("Before"), columns, rows, _("No earlier guardianship."))


def refusal_table(rows) -> dict:
    columns = [(_("Full name"), "name"), (_("Refused on"), "refused_on"), (_("Refused by"), "refused_by.name")]
    columns += [(_("Because the person …"), "grounds")]
    return unlinked_table(_("Refused as carers"), columns, rows, _("Nobody was refused."))


def unlinked_table(title: str, columns, objects, empty_text: str) -> dict:
    """Return a table as carebase.views.record_table does, of records without a page of their own."""
    headings = [heading for heading, _accessor in columns]
    rows = [{"url": "", "cells": [display_attr(obj, accessor) for _heading, accessor in columns]} for obj in objects]
    return {"title": title, "columns": headings, "rows": rows, "empty_text": empty_text}
