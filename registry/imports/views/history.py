"""The list of imports, the workbook of refused rows, and undoing an import."""

from pathlib import PurePath

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.audit.models import Action, record_event
from carebase.jobs.views import job_response
from carebase.sheets.export import export_mark
from carebase.views import PageLink, RecordListView, ScopedView
from registry.imports import tasks
from registry.imports.forms import ImportFilter
from registry.imports.record_display import Status
from registry.imports.refused_rows import refused_workbook
from registry.imports.undo import undo_obstacle, updated_rows
from registry.models import ImportBatch, ImportRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportListView(RecordListView):
    model = ImportBatch
    filter_class = ImportFilter
    permission = "registry.import_child"
    title = gettext_lazy("Imports")
    empty_text = gettext_lazy("No file was imported yet.")
    columns = (  # an import that was not saved has no counts
        (gettext_lazy("File"), "file_name"),
        (gettext_lazy("Time"), "at"),
        (gettext_lazy("Uploaded by"), "by.name"),
        (gettext_lazy("Status"), "status"),
        (gettext_lazy("Registered"), lambda batch: batch.counts.get("registered")),
        (gettext_lazy("Updated"), lambda batch: batch.counts.get("updated")),
        (gettext_lazy("Problems"), lambda batch: batch.counts.get("problem")),
        (gettext_lazy("Fingerprint"), "short_hash"),
    )
    links = (PageLink(gettext_lazy("Import a sheet"), "import-upload", "upload", primary=True),)

    def get_queryset(self):
        return super().get_queryset().select_related("by")


class ImportRefusedView(ScopedView):
    """Download the rows with problems in a workbook like the uploaded one, to correct and upload again."""

    model = ImportBatch
    permission = "registry.import_child"

    def get_queryset(self):
        return ImportBatch.objects.sent_by(self.user)

    def get(self, request, code):
        batch = self.get_object()
        rows = batch.rows.filter(status=ImportRow.Status.PROBLEM)
        if not hasattr(batch, "file") or not rows.exists():
            messages.info(request, _("There are no rows with problems to download."))
            return HttpResponseRedirect(batch.get_absolute_url())
        with transaction.atomic():
            event = record_event(Action.EXPORT, batch, detail={"rows": rows.count()})
            data = refused_workbook(batch, export_mark(event, _("rows to correct")))
        response = HttpResponse(data, content_type=XLSX)
        name = _("%(file)s-to correct.xlsx") % {"file": PurePath(batch.file_name).stem}
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response


class ImportUndoView(ScopedView):
    model = ImportBatch
    permission = "registry.import_child"

    def get(self, request, code):
        batch = self.get_object()
        self.refuse_unsaved(batch)
        context = {
            "title": _("Undo an import"),
            "file_name": batch.file_name,
            "obstacle": undo_obstacle(batch, self.user),
            "removed": batch.children.count(),
            "restored": updated_rows(batch).count(),
            "back_url": batch.get_absolute_url(),
        }
        return render(request, "registry/import_undo.html", context)

    def post(self, request, code):
        batch = self.get_object()
        self.refuse_unsaved(batch)
        try:
            return job_response(request, tasks.start_undo(batch, by=self.user))
        except ValidationError as error:  # the sender is working on it right now
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(batch.get_absolute_url())

    def refuse_unsaved(self, batch: ImportBatch) -> None:
        if batch.status in (Status.READING, Status.PREVIEW) and batch.by_id != self.user.pk:
            raise Http404
