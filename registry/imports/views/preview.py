"""The preview of an import, and saving or cancelling it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record_event
from carebase.jobs.services import find_open_job
from carebase.jobs.views import job_response
from carebase.sheets.guard import SheetError
from carebase.views import ScopedView
from registry.imports import decisions, display, record_display, staging, tasks
from registry.models import ImportBatch, ImportFile

MODES = {"all", "valid", "cancel", "decide", "reread"}  # the buttons of registry/_import_decision.html
PREFIX = "decision-"


class ImportPreviewView(ScopedView):
    """What saving would do, row by row, with its buttons; after saving, the results."""

    model = ImportBatch
    permission = "registry.import_child"

    def get(self, request, code):
        batch = self.get_object()
        if job := find_open_job(batch.code, self.user):
            return HttpResponseRedirect(job.get_absolute_url())
        if self.waits_for_columns(batch):
            return HttpResponseRedirect(reverse("import-columns", args=[batch.code]))
        if batch.status != ImportBatch.Status.PREVIEW:
            return render(request, "registry/import_done.html", record_display.finished_context(batch, self.user))
        record_event(Action.VIEW, batch)
        return render(request, "registry/import_preview.html", display.preview_context(batch, self.user, request.GET))

    def waits_for_columns(self, batch: ImportBatch) -> bool:
        reading = batch.status == ImportBatch.Status.READING and batch.by_id == self.user.pk
        return reading and ImportFile.objects.filter(batch=batch).exists()

    def post(self, request, code):
        batch, mode = self.get_object(), request.POST.get("mode")
        if batch.by_id != self.user.pk:
            raise Http404
        if mode not in MODES:
            return HttpResponseBadRequest()
        if job := find_open_job(batch.code, self.user):  # posted from a page older than the job
            return HttpResponseRedirect(job.get_absolute_url())
        try:
            return self.act(batch, mode)
        except (ValidationError, SheetError) as error:
            messages.error(request, " ".join(getattr(error, "messages", None) or [str(error)]))
        return HttpResponseRedirect(batch.get_absolute_url())

    def act(self, batch: ImportBatch, mode: str) -> HttpResponseRedirect:
        if mode == "cancel":
            staging.cancel_batch(batch=batch, by=self.user)
            messages.info(self.request, _("The import was cancelled; nothing was saved."))
            return HttpResponseRedirect(reverse("import-upload"))
        posted, every = self.posted_decisions(), self.request.POST.get("every", "")
        if posted or every:
            decisions.save_decisions(batch=batch, decisions=posted, every=every)
        if mode == "decide":
            return HttpResponseRedirect(batch.get_absolute_url())
        if mode == "reread":
            return job_response(self.request, tasks.start_rereading(batch, by=self.user))
        return job_response(self.request, tasks.start_saving(batch, by=self.user, valid_rows=mode == "valid"))

    def posted_decisions(self) -> dict[int, str]:
        posted = self.request.POST.items()
        pairs = [(name.removeprefix(PREFIX), value) for name, value in posted if name.startswith(PREFIX)]
        return {int(key): value for key, value in pairs if key.isdecimal() and len(key) < 19}
