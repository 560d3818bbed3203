"""The page on which a user says what the columns of a sheet are; the layout is saved for their office."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record_event
from carebase.jobs.views import job_response
from carebase.views import ScopedView
from registry.imports import tasks
from registry.imports.forms import ColumnsForm
from registry.imports.staging import UNSAVED_STATUSES
from registry.imports.workbook import UploadedWorkbook
from registry.models import ImportBatch, ImportFile
from registry.sheets.layouts import delete_layout, heading_key, layouts_of_user, save_layout


class ImportColumnsView(ScopedView):
    """Every column with sample values and a proposed field to correct; the file is then read again."""

    model = ImportBatch
    permission = "registry.import_child"

    def get_queryset(self):
        return self.model.objects.sent_by(self.user)  # nobody else may see unmasked cells

    def get(self, request, code):
        if not self.can_change():
            return HttpResponseRedirect(self.batch.get_absolute_url())
        with transaction.atomic():
            record_event(Action.VIEW, self.batch, detail={"columns": True})
        return self.show(ColumnsForm(workbook=self.workbook))

    def post(self, request, code):
        if not self.can_change():
            return HttpResponseRedirect(self.batch.get_absolute_url())
        form = ColumnsForm(request.POST, workbook=self.workbook)
        if form.is_valid():
            try:
                return self.reread(form)
            except ValidationError as error:
                form.add_error(None, error)
        return self.show(form)

    @cached_property
    def batch(self) -> ImportBatch:
        return self.get_object()

    def can_change(self) -> bool:
        return self.batch.status in UNSAVED_STATUSES and ImportFile.objects.filter(batch=self.batch).exists()

    @cached_property
    def workbook(self) -> UploadedWorkbook:
        query = self.request.POST if self.request.method == "POST" else self.request.GET
        return UploadedWorkbook(self.batch, query.get("sheet", ""), query.get("row", ""))

    def reread(self, form: ColumnsForm):
        key = heading_key(self.workbook.heading)
        previous = layouts_of_user(self.user).get(key)
        with transaction.atomic():
            save_layout(key, form.names, by=self.user)
            job = tasks.start_rereading(self.batch, by=self.user)
        return job_response(self.request, job, refused=lambda sentence: self.refuse(form, key, previous, sentence))

    def refuse(self, form: ColumnsForm, key: str, previous: list[str] | None, sentence: str):
        """Show the reason and restore the previous layout, because nothing can be read with the new one."""
        if previous:
            save_layout(key, previous, by=self.user)
        else:
            delete_layout(key, by=self.user)
        form.add_error(None, sentence)
        return self.show(form)

    def show(self, form: ColumnsForm):
        workbook = self.workbook
        context = {
            "title": _("Import: columns"),
            "batch": self.batch,
            "form": form,
            "workbook": workbook,
            "sheets": list(enumerate(sheet.title for sheet in workbook.sheets)),
            "columns": [(column, form[f"column_{column.index}"]) for column in form.columns],
            "read_before": self.batch.status == ImportBatch.Status.PREVIEW,
        }
        return render(self.request, "registry/import_columns.html", context)
