"""Uploading a sheet."""

from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from carebase.jobs.views import job_response
from carebase.sheets.guard import SheetError
from carebase.views import ScopedView, record_table, render_page
from registry.imports import staging, tasks
from registry.imports.forms import UploadForm
from registry.models import ImportBatch


class ImportUploadView(ScopedView):
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
        return job_response(request, job, refused=lambda sentence: self.refuse(form, sentence))

    def read(self, cleaned: dict):
        """Store the file and start reading it if its heading is known; otherwise the user maps the columns."""
        file, term, place = (cleaned[name] for name in ("file", "term", "place"))
        with transaction.atomic():
            batch = staging.create_batch(name=file.name, data=file.read(), term=term, place=place, by=self.user)
            return batch, tasks.start_reading(batch, by=self.user) if batch.heading_known else None

    def refuse(self, form, sentence: str):
        form.add_error("file", sentence)
        return self.show(form)

    def show(self, form):
        columns = ((_("File"), "file_name"), (_("Time"), "at"), (_("Status"), "status"))
        own = ImportBatch.objects.sent_by(self.user)[:5]
        recent = record_table(_("Your latest imports"), columns, own, empty_text=_("None yet."))
        recent["actions"] = [{"label": _("All imports"), "url": reverse("import-list")}]
        context = {"title": _("Import a registration form or list"), "form": form, "recent": recent}
        context["submit_label"] = _("Read the file")
        return render_page(self.request, "registry/import_upload.html", context)
