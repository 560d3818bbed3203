"""An import that is no preview (any more), as its page shows it: results and next steps."""

from django.urls import reverse
from django.utils.translation import gettext as _

from carebase.views import detail_items
from registry.models import ImportBatch

Status = ImportBatch.Status


def finished_context(batch: ImportBatch, user) -> dict:
    titles = {
        Status.READING: _("Import: reading the file"),
        Status.SAVED: _("Import: saved"),
        Status.CANCELLED: _("Import: cancelled"),
        Status.UNDONE: _("Import: undone"),
    }
    return {
        "title": titles[Status(batch.status)],
        "file_name": batch.file_name,
        "reading": batch.status == Status.READING and batch.by_id == user.pk,
        "summary": summary_tiles(batch),
        "sections": [{"title": _("The import"), "items": import_facts(batch)}],
        "actions": import_actions(batch, user),
    }


def import_facts(batch: ImportBatch) -> list[dict]:
    """Return who uploaded which file when; the whole hash shows whether a file at hand is the same."""
    return detail_items(
        batch,
        (_("File"), "file_name"),
        (_("Uploaded by"), "by.name"),
        (_("Time"), "at"),
        (_("Term"), lambda batch: str(batch.term)),
        (_("As of"), "reported_on"),
        (_("Fingerprint (SHA-256)"), "file_hash"),
    )


def summary_tiles(batch: ImportBatch) -> list[dict]:
    tiles = {
        "registered": (_("children registered"), "ok"),
        "updated": (_("files updated"), "ok"),
        "unchanged": (_("unchanged"), "muted"),
        "problem": (_("rows with problems"), "danger"),
        "removed": (_("files removed"), "warn"),
        "restored": (_("files restored"), "warn"),
    }
    if batch.status not in (Status.SAVED, Status.UNDONE):
        return []
    return [
        {"label": label, "value": batch.counts.get(name, 0), "kind": kind}
        for name, (label, kind) in tiles.items()
        if name in batch.counts or name in ("registered", "updated")
    ]


def import_actions(batch: ImportBatch, user) -> list[dict]:
    actions = [{"label": _("View the children"), "url": reverse("child-list"), "primary": True, "icon": "people"}]
    saved = batch.status == Status.SAVED
    if saved and user.has_perm("registry.enrol_child"):
        actions.append({"label": _("Place them in classes"), "url": reverse("child-enrol"), "icon": "arrow-right"})
    if saved and batch.by_id == user.pk and batch.counts.get("problem"):
        url = reverse("import-refused", args=[batch.code])
        actions.append({"label": _("Download rows with problems"), "url": url, "icon": "download"})
    if saved:
        actions.append({"label": _("Undo this import"), "url": reverse("import-undo", args=[batch.code])})
    actions.append({"label": _("All imports"), "url": reverse("import-list")})
    return actions
