"""The page on which a person tells what the columns of a sheet are; the answer is kept for their office."""

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
from registry.sheets.layouts import SheetLayout, delete_layout, layout_of_heading, layouts_of_user, save_layout


class ImportColumnsView(ScopedView):
    """Every column with its first values and a proposal, to be corrected; then the file is read anew."""

    model = ImportBatch
    permission = "registry.import_child"

    def get_queryset(self):
        return self.model.objects.sent_by(self.user)  # whole cells of a preview are nobody else's

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
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return UploadedWorkbook(self.batch, asked.get("sheet", ""), asked.get("row", ""))

    def reread(self, form: ColumnsForm):
        layout = layout_of_heading(self.workbook.heading, form.names)
        before = layouts_of_user(self.user).get(layout.key)
        with transaction.atomic():
            save_layout(layout, by=self.user)
            job = tasks.start_rereading(self.batch, by=self.user)
        return job_response(self.request, job, refused=lambda sentence: self.refuse(form, layout, before, sentence))

    def refuse(self, form: ColumnsForm, layout: SheetLayout, before: SheetLayout | None, sentence: str):
        """Show the reason, and remember what was told before, for with this nothing could be read."""
        if before:
            save_layout(before, by=self.user)
        else:
            delete_layout(layout, by=self.user)
        form.add_error(None, sentence)
        return self.show(form)

    def show(self, form: ColumnsForm):
        workbook = self.workbook
        context = {
            "title": _("Import: the columns"),
            "batch": self.batch,
            "form": form,
            "workbook": workbook,
            "sheets": list(enumerate(sheet.title for sheet in workbook.sheets)),
            "columns": [(column, form[f"column_{column.index}"]) for column in form.columns],
            "read_before": self.batch.status == ImportBatch.Status.PREVIEW,
        }
        return render(self.request, "registry/import_columns.html", context)
