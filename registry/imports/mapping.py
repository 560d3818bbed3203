"""The page on which a person tells what the columns of a sheet are; the answer is kept for their office."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from carebase.audit.models import Action, record
from carebase.jobs.views import answer
from carebase.views import Scoped
from registry import background
from registry.imports.columns import option_of
from registry.imports.fields import FIELDS, GROUPS
from registry.imports.layout import Layout, forget, layout_of, layouts_of, remember
from registry.imports.staging import UNSAVED
from registry.imports.workbook import Told, Workbook
from registry.models import ImportBatch, ImportFile


class FieldSelect(forms.Select):
    """A select of fields by section; a roll has 71 columns, and each option would be a template of its own."""

    def render(self, name, value, attrs=None, renderer=None):
        attributes = {**self.attrs, **(attrs or {}), "name": name}
        groups = format_html_join("", "{}", ((self.group(*choice, value or ""),) for choice in self.choices))
        written = format_html_join("", ' {}="{}"', attributes.items())
        return format_html("<select{}>{}</select>", written, groups)

    def group(self, label, options, chosen: str):
        if isinstance(options, str):
            return self.option(label, options, chosen)
        inside = format_html_join("", "{}", ((self.option(*option, chosen),) for option in options))
        return format_html('<optgroup label="{}">{}</optgroup>', label, inside)

    @staticmethod
    def option(value: str, label: str, chosen: str):
        selected = " selected" if value == chosen else ""
        return format_html('<option value="{}"{}>{}</option>', value, selected, label)


def choices() -> list:
    groups = [(str(label), [(blank.name, str(blank.label)) for blank in blanks]) for label, blanks in GROUPS]
    return [("", _("leave out")), *groups]


class ColumnsForm(forms.Form):
    """One select for each column of the sheet."""

    def __init__(self, *args, workbook: Workbook, **kwargs):
        super().__init__(*args, **kwargs)
        self.workbook, offered = workbook, choices()
        self.columns: list[Told] = workbook.columns()
        for column in self.columns:
            label = _("What is column %(letter)s, “%(heading)s”?") % {
                "letter": column.letter,
                "heading": column.heading,
            }
            widget = FieldSelect(attrs={"class": "form-select", "aria-label": label})
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=label, choices=offered, required=False, widget=widget, initial=column.name
            )

    @property
    def names(self) -> list[str]:
        """Return the field of each column of the sheet as it was told, "" for what is left out."""
        width = len(self.workbook.heading.columns)
        return [self.cleaned_data.get(f"column_{index}", "") for index in range(width)]

    def clean(self):
        cleaned = super().clean()
        names = set(cleaned.values())
        if "name" not in names:
            self.add_error(None, _("Which column is the child's full name? Without it nothing can be read."))
        if not names & {"id_number", "birth_date"}:
            self.add_error(None, _("Which column is the resident ID number, or else the date of birth?"))
        self.refuse_twice(cleaned)
        return cleaned

    def refuse_twice(self, cleaned: dict) -> None:
        """Refuse two columns for one field; only columns of ticks, such as 是 and 否, belong together."""
        letters: dict[tuple[str, str], str] = {}
        for column in self.columns:
            name = cleaned.get(f"column_{column.index}", "")
            key = (name, option_of(self.workbook.heading, column.index))
            if name and key in letters:
                sentence = _("Columns %(first)s and %(second)s are both said to be “%(field)s”. Leave one of them out.")
                given = {"first": letters[key], "second": column.letter, "field": FIELDS[name].label}
                self.add_error(f"column_{column.index}", sentence % given)
            letters.setdefault(key, column.letter)


class Columns(Scoped):
    """Every column with its first values and a proposal, to be corrected; then the file is read anew."""

    model = ImportBatch
    permission = "registry.import_child"

    def get_queryset(self):
        return self.model.objects.sent_by(self.user)  # whole cells of a preview are nobody else's

    def get(self, request, code):
        if not self.may_still_change():
            return HttpResponseRedirect(self.batch.get_absolute_url())
        with transaction.atomic():
            record(Action.VIEW, self.batch, detail={"columns": True})
        return self.show(ColumnsForm(workbook=self.workbook))

    def post(self, request, code):
        if not self.may_still_change():
            return HttpResponseRedirect(self.batch.get_absolute_url())
        form = ColumnsForm(request.POST, workbook=self.workbook)
        if form.is_valid():
            try:
                return self.read_anew(form)
            except ValidationError as error:
                form.add_error(None, error)
        return self.show(form)

    @cached_property
    def batch(self) -> ImportBatch:
        return self.get_object()

    def may_still_change(self) -> bool:
        return self.batch.status in UNSAVED and ImportFile.objects.filter(batch=self.batch).exists()

    @cached_property
    def workbook(self) -> Workbook:
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return Workbook(self.batch, asked.get("sheet", ""), asked.get("row", ""))

    def read_anew(self, form: ColumnsForm):
        layout = layout_of(self.workbook.heading, form.names)
        before = layouts_of(self.user).get(layout.key)
        with transaction.atomic():
            remember(layout, by=self.user)
            job = background.reread(self.batch, by=self.user)
        return answer(self.request, job, refused=lambda sentence: self.refuse(form, layout, before, sentence))

    def refuse(self, form: ColumnsForm, layout: Layout, before: Layout | None, sentence: str):
        """Show the reason, and remember what was told before, for with this nothing could be read."""
        if before:
            remember(before, by=self.user)
        else:
            forget(layout, by=self.user)
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
