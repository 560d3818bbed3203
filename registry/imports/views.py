"""Sending in a sheet, looking at what it would do, and saving or dropping it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.audit.models import Action, record
from carebase.sheets import SheetError
from carebase.views import PAGE_SIZE, Scoped, Uncounted, display, table
from registry.codes.sex import Sex
from registry.imports import service
from registry.imports.forms import UploadForm
from registry.models import Division, ImportBatch, ImportFile, ImportRow

KINDS = {
    ImportRow.Status.NEW: "ok",
    ImportRow.Status.DOUBT: "warn",
    ImportRow.Status.KNOWN: "muted",
    ImportRow.Status.REFUSED: "danger",
}

MODES = {"all", "sound", "cancel"}  # the buttons of registry/_import_decision.html


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
            batch = self.read(form.cleaned_data)
        except SheetError as error:
            form.add_error("file", str(error))
            return self.show(form)
        if batch.status == ImportBatch.Status.READING:
            return HttpResponseRedirect(reverse("import-columns", args=[batch.code]))
        return HttpResponseRedirect(batch.get_absolute_url())

    def read(self, chosen: dict) -> ImportBatch:
        """Keep the file, and read its rows where its heading is known; otherwise somebody tells the columns."""
        file, term, place = (chosen[name] for name in ("file", "term", "place"))
        with transaction.atomic():
            batch = service.open_batch(name=file.name, data=file.read(), term=term, place=place, by=self.user)
            return service.stage_rows(batch) if batch.understood else batch

    def show(self, form):
        columns = ((_("File"), "file_name"), (_("Time"), "at"), (_("Status"), "status"))
        recent = table(_("Your last imports"), columns, self.get_queryset()[:5], empty_text=_("None yet."))
        context = {"title": _("Import a census sheet"), "form": form, "recent": recent}
        context["submit_label"] = _("Read the file")
        return render(self.request, "registry/import_upload.html", context)


class Preview(Scoped):
    """What an import would do, row by row; and its confirmation."""

    model = ImportBatch
    permission = "registry.import_child"
    columns = (
        (gettext_lazy("Name"), "name"),
        (gettext_lazy("Sex"), "sex"),
        (gettext_lazy("Date of birth"), "birth_date"),
        (gettext_lazy("Village"), "village"),
        (gettext_lazy("Father"), "father_name"),
        (gettext_lazy("Mother"), "mother_name"),
        (gettext_lazy("Guardian"), "guardian_name"),
    )

    def get(self, request, code):
        batch = self.get_object()
        if batch.status == ImportBatch.Status.READING and ImportFile.objects.filter(batch=batch).exists():
            return HttpResponseRedirect(reverse("import-columns", args=[batch.code]))
        if batch.status != ImportBatch.Status.PREVIEW:
            return render(request, "registry/import_done.html", self.done_context(batch))
        record(Action.VIEW, batch)
        return render(request, "registry/import_preview.html", self.get_context(batch))

    def post(self, request, code):
        batch, mode = self.get_object(), request.POST.get("mode")
        if mode not in MODES:
            return HttpResponseBadRequest()
        if mode == "cancel":
            service.cancel(batch=batch, by=self.user)
            messages.info(request, _("The import was cancelled; nothing was saved."))
            return HttpResponseRedirect(reverse("import-upload"))
        try:
            service.save(batch=batch, by=self.user, sound_rows=mode == "sound")
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(batch.get_absolute_url())

    def get_context(self, batch) -> dict:
        status = self.request.GET.get("status", "")
        rows = batch.rows.order_by("pk")
        if status in ImportRow.Status.values:
            rows = rows.filter(status=status)
        page = Uncounted(rows, PAGE_SIZE).page(self.request.GET.get("page", 1))
        self.villages = dict(
            Division.objects.filter(pk__in=[row.values.get("village") for row in page]).values_list("code", "name")
        )
        refused, sound = batch.counts.get("refused", 0), self.sound(batch)
        return {
            "title": _("Import: preview"),
            "file_name": batch.file_name,
            "batch": batch,
            "counts": self.counts(batch, status),
            "ignored": batch.counts.get("ignored", []),
            "columns": [str(heading) for heading, _name in self.columns],
            "rows": [self.row(row) for row in page],
            "page_obj": page,
            "query_prefix": f"status={status}&" if status else "",
            "can_confirm_all": sound and not refused,
            "can_confirm_sound": sound and refused,
            "all_known": not sound and not refused,
        }

    @staticmethod
    def sound(batch) -> int:
        return batch.counts.get("new", 0) + batch.counts.get("doubt", 0)

    @staticmethod
    def counts(batch, active: str) -> list[dict]:
        tiles = [
            {
                "label": status.label,
                "value": batch.counts.get(status, 0),
                "kind": KINDS[status],
                "url": f"?status={status}",
                "active": active == status,
            }
            for status in ImportRow.Status
        ]
        everything = sum(tile["value"] for tile in tiles)
        return [{"label": _("all rows"), "value": everything, "kind": "", "url": "?", "active": not active}, *tiles]

    def row(self, row: ImportRow) -> dict:
        values = row.values | {"village": self.villages.get(row.values.get("village"), "")}
        if values.get("sex"):
            values["sex"] = str(Sex(values["sex"]).label)
        return {
            "number": row.number,
            "status_label": row.get_status_display(),
            "status_kind": KINDS[row.status],
            "cells": [display(values.get(name)) for _heading, name in self.columns],
            "notes": [
                {"column": column, "text": text, "kind": "danger" if severity == "error" else "warn"}
                for column, text, severity in row.notes
            ],
        }

    def done_context(self, batch) -> dict:
        saved = batch.status == ImportBatch.Status.SAVED
        summary = []
        if saved:
            summary += [
                {"label": _("children registered"), "value": batch.children.count(), "kind": "ok"},
                {"label": _("already registered"), "value": batch.counts.get("known", 0), "kind": "muted"},
                {"label": _("rows refused"), "value": batch.counts.get("refused", 0), "kind": "danger"},
            ]
        actions = [{"label": _("To the children"), "url": reverse("child-list"), "primary": True, "icon": "people"}]
        if saved and self.user.has_perm("registry.enrol_child"):
            url = reverse("child-enrol")
            actions.append({"label": _("Place them in classes"), "url": url, "icon": "arrow-right"})
        title = _("Import: saved") if saved else _("Import: cancelled")
        return {"title": title, "file_name": batch.file_name, "summary": summary, "actions": actions}
