"""Sending in a sheet, looking at what it would do, and saving or dropping it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record
from carebase.jobs.service import job_on
from carebase.jobs.views import answer
from carebase.sheets import SheetError
from carebase.views import Scoped, table
from registry import background
from registry.imports import preview, records, service
from registry.imports.forms import UploadForm
from registry.models import ImportBatch, ImportFile

MODES = {"all", "sound", "cancel", "decide", "reread"}  # the buttons of registry/_import_decision.html
PREFIX = "decision-"


class Upload(Scoped):
    model = ImportBatch
    permission = "registry.import_child"

    def get(self, request):
        return self.show(UploadForm(user=self.user))

    def post(self, request):
        form = UploadForm(request.POST, request.FILES, user=self.user)
        if not form.is_valid():
            return self.show(form)
        try:
            batch, job = self.read(form.cleaned_data)
        except SheetError as error:
            return self.refuse(form, str(error))
        if job is None:
            return HttpResponseRedirect(reverse("import-columns", args=[batch.code]))
        return answer(request, job, refused=lambda sentence: self.refuse(form, sentence))

    def read(self, chosen: dict):
        """Keep the file, and have its rows read where its heading is known; else a person tells the columns."""
        file, term, place = (chosen[name] for name in ("file", "term", "place"))
        with transaction.atomic():
            batch = service.open_batch(name=file.name, data=file.read(), term=term, place=place, by=self.user)
            return batch, background.read(batch, by=self.user) if batch.understood else None

    def refuse(self, form, sentence: str):
        form.add_error("file", sentence)
        return self.show(form)

    def show(self, form):
        columns = ((_("File"), "file_name"), (_("Time"), "at"), (_("Status"), "status"))
        own = ImportBatch.objects.sent_by(self.user)[:5]
        recent = table(_("Your last imports"), columns, own, empty_text=_("None yet."))
        recent["actions"] = [{"label": _("All imports"), "url": reverse("import-list")}]
        context = {"title": _("Import a census sheet"), "form": form, "recent": recent}
        context["submit_label"] = _("Read the file")
        return render(self.request, "registry/import_upload.html", context)


class Preview(Scoped):
    """What an import would do, row by row, and its confirmation; afterwards what it did."""

    model = ImportBatch
    permission = "registry.import_child"

    def get(self, request, code):
        batch = self.get_object()
        if job := job_on(batch.code, self.user):
            return HttpResponseRedirect(job.get_absolute_url())
        if self.waits_for_columns(batch):
            return HttpResponseRedirect(reverse("import-columns", args=[batch.code]))
        if batch.status != ImportBatch.Status.PREVIEW:
            return render(request, "registry/import_done.html", records.context(batch, self.user))
        record(Action.VIEW, batch)
        return render(request, "registry/import_preview.html", preview.context(batch, self.user, request.GET))

    def waits_for_columns(self, batch: ImportBatch) -> bool:
        reading = batch.status == ImportBatch.Status.READING and batch.by_id == self.user.pk
        return reading and ImportFile.objects.filter(batch=batch).exists()

    def post(self, request, code):
        batch, mode = self.get_object(), request.POST.get("mode")
        if batch.by_id != self.user.pk:
            raise Http404
        if mode not in MODES:
            return HttpResponseBadRequest()
        if job := job_on(batch.code, self.user):  # from a page that is older than the job
            return HttpResponseRedirect(job.get_absolute_url())
        try:
            return self.act(batch, mode)
        except (ValidationError, SheetError) as error:
            messages.error(request, " ".join(getattr(error, "messages", None) or [str(error)]))
        return HttpResponseRedirect(batch.get_absolute_url())

    def act(self, batch: ImportBatch, mode: str) -> HttpResponseRedirect:
        if mode == "cancel":
            service.cancel(batch=batch, by=self.user)
            messages.info(self.request, _("The import was cancelled; nothing was saved."))
            return HttpResponseRedirect(reverse("import-upload"))
        decided, every = self.decided(), self.request.POST.get("every", "")
        if decided or every:
            service.decide(batch=batch, decisions=decided, every=every)
        if mode == "decide":
            return HttpResponseRedirect(batch.get_absolute_url())
        if mode == "reread":
            return answer(self.request, background.reread(batch, by=self.user))
        return answer(self.request, background.save(batch, by=self.user, sound_rows=mode == "sound"))

    def decided(self) -> dict[int, str]:
        """Return what was decided of the possible duplicates on this page, by the keys of their rows."""
        posted = self.request.POST.items()
        keys = [(name.removeprefix(PREFIX), said) for name, said in posted if name.startswith(PREFIX)]
        return {int(key): said for key, said in keys if key.isdecimal() and len(key) < 19}
