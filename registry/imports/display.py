"""The preview of an import as its page shows it: counts, rows, changes and decisions."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.display import display
from carebase.views import PAGE_SIZE, UncountedPaginator
from registry.imports.decisions import count_outcomes
from registry.imports.wording import describe_changes, place_names_of_rows, value_text
from registry.models import Child, ImportBatch, ImportRow

Status, Decision = ImportRow.Status, ImportRow.Decision
STATUS_KINDS = {
    Status.NEW: "ok",
    Status.CHANGED: "ok",
    Status.UNCHANGED: "muted",
    Status.DUPLICATE: "warn",
    Status.PROBLEM: "danger",
}
REMARKS = "remarks"
COLUMNS = (
    (gettext_lazy("Name"), "name"),
    (gettext_lazy("Sex"), "sex"),
    (gettext_lazy("Date of birth"), "birth_date"),
    (gettext_lazy("Village"), "village"),
    (gettext_lazy("Father"), "father_name"),
    (gettext_lazy("Mother"), "mother_name"),
    (gettext_lazy("Guardian"), "guardian_name"),
)


def preview_context(batch: ImportBatch, user, query) -> dict:
    """Return the context of registry/import_preview.html; `query` holds `status` and `page`."""
    status = query.get("status", "")
    status = status if status in (*Status.values, REMARKS) else ""
    page = UncountedPaginator(filter_rows(batch, status), PAGE_SIZE).page(query.get("page", 1))
    rows = list(page)
    places, duplicates = place_names_of_rows(rows), possible_duplicates(rows, user)
    with_sheet = len({row.sheet for row in rows}) > 1
    return {
        "title": _("Import: preview"),
        "file_name": batch.file_name,
        "batch": batch,
        "counts": status_tiles(batch, status),
        "ignored": batch.counts.get("ignored", []),
        "add_class_url": add_class_url(rows, user),
        "columns": [str(heading) for heading, _name in COLUMNS],
        "rows": [row_context(row, places, duplicates, with_sheet=with_sheet) for row in rows],
        "page_obj": page,
        "query_prefix": f"status={status}&" if status else "",
        **save_options(batch),
    }


def add_class_url(rows: list[ImportRow], user) -> str:
    """Return where `user` adds a class, if pupils among the rows have a school but no class of it."""
    without = any(row.values.get("school") and not row.values.get("school_class") for row in rows)
    allowed = user.is_staff and user.has_perm("registry.add_schoolclass")
    return reverse("admin:registry_schoolclass_add") if without and allowed else ""


def filter_rows(batch: ImportBatch, status: str):
    rows = batch.rows.defer("before").order_by("pk")
    if status == REMARKS:
        return rows.filter(remarks=True)
    return rows.filter(status=status) if status else rows


def save_options(batch: ImportBatch) -> dict:
    """Return what saving would do, in a sentence, and so which ways are open."""
    ahead, problems = count_outcomes(batch), batch.counts.get(Status.PROBLEM, 0)
    does = ahead["new"] + ahead["changed"]
    text = _(
        "Saving registers %(new)d new children and updates %(changed)d files; %(unchanged)d rows change "
        "nothing, and %(out)d are skipped."
    )
    return {
        "sentence": text % ahead,
        "can_confirm_all": does and not problems,
        "can_confirm_valid": does and problems,
        "all_known": not does and not problems,
        "problems": problems,
        "choices": Decision.choices if batch.counts.get(Status.DUPLICATE) else [],
    }


def status_tiles(batch: ImportBatch, active: str) -> list[dict]:
    kinds = [(status, status.label, STATUS_KINDS[status]) for status in Status]
    result = [
        {"label": label, "value": batch.counts.get(name, 0), "kind": kind, "url": f"?status={name}"}
        | {"active": active == name}
        for name, label, kind in [*kinds, (REMARKS, _("with remarks"), "")]
    ]
    total = sum(tile["value"] for tile in result[:-1])
    return [{"label": _("all rows"), "value": total, "kind": "", "url": "?", "active": not active}, *result]


def possible_duplicates(rows: list[ImportRow], user) -> dict[int, Child]:
    keys = [row.child_id for row in rows if row.status == Status.DUPLICATE and row.child_id]
    return {child.pk: child for child in Child.objects.visible_to(user).filter(pk__in=keys).for_list()} if keys else {}


def row_context(row: ImportRow, places: dict, duplicates: dict, *, with_sheet: bool) -> dict:
    duplicate = duplicates.get(row.child_id)
    return {
        "number": f"{row.sheet} {row.number}" if with_sheet else row.number,
        "status_label": row.get_status_display(),
        "status_kind": STATUS_KINDS[Status(row.status)],
        "cells": [value_text(name, row.values.get(name), places) for _heading, name in COLUMNS],
        "notes": [
            {"column": column, "text": text, "kind": "danger" if severity == "error" else "warn"}
            for column, text, severity in row.notes
        ],
        "changes": describe_changes(row, places),
        "twin": duplicate and {"url": duplicate.get_absolute_url(), "text": describe_child(duplicate)},
        "decisions": decision_choices(row, duplicate) if row.status == Status.DUPLICATE else [],
        "field": f"decision-{row.pk}",
    }


def describe_child(child: Child) -> str:
    parts = (child.name, child.birth_date, child.village, child.place_in_school, child.code)
    return " · ".join(display(part) for part in parts if part)


def decision_choices(row: ImportRow, duplicate: Child | None) -> list[dict]:
    return [
        {"value": value, "label": label, "checked": row.decision == value}
        for value, label in Decision.choices
        if duplicate or value != Decision.SAME
    ]
