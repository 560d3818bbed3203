"""The forms of an import: the upload, and the mapping of columns."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from carebase.sheets.forms import SpreadsheetField
from registry.imports.workbook import SheetColumn, UploadedWorkbook
from registry.models import Division, ImportBatch, Term
from registry.sheets.columns import column_option
from registry.sheets.fields import FIELD_GROUPS, FIELDS


class UploadForm(ScopedForm, forms.Form):
    file = SpreadsheetField()
    term = forms.ModelChoiceField(Term.objects.all(), label=_("Term"), empty_label=None)
    place = forms.ModelChoiceField(
        Division.objects.all(),
        label=_("Only this place"),
        required=False,
        empty_label=_("all places in the sheet"),
        help_text=_("Only children of this place are imported; a village also fills in where the sheet names none."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Division.objects.governed_by(self.user)
        self.fields["term"].initial = Term.objects.current


class ImportFilter(ScopedForm, forms.Form):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("any")), *ImportBatch.Status.choices])

    def narrow(self, batches):
        status = self.cleaned_data["status"]
        return batches.filter(status=status) if status else batches


def field_choices() -> list:
    groups = [
        (str(label), [(field.name, str(field.label)) for field in fields if field.read])
        for label, fields in FIELD_GROUPS
    ]
    return [("", gettext("skip")), *groups]


class ColumnsForm(forms.Form):
    def __init__(self, *args, workbook: UploadedWorkbook, **kwargs):
        super().__init__(*args, **kwargs)
        self.workbook, choices = workbook, field_choices()
        self.columns: list[SheetColumn] = workbook.columns()
        for column in self.columns:
            label = gettext("What is column %(letter)s, “%(heading)s”?") % {
                "letter": column.letter,
                "heading": column.heading,
            }
            widget = forms.Select(attrs={"class": "form-select", "aria-label": label})
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, widget=widget, initial=column.name
            )

    @property
    def names(self) -> list[str]:
        """Return the chosen field of each column of the sheet, "" for what is left out."""
        width = len(self.workbook.heading.columns)
        return [self.cleaned_data.get(f"column_{index}", "") for index in range(width)]

    def clean(self):
        cleaned = super().clean()
        names = set(cleaned.values())
        if "name" not in names:
            self.add_error(None, gettext("Which column is the child's full name? Without it nothing can be read."))
        if not names & {"id_number", "birth_date"}:
            self.add_error(None, gettext("Which column is the resident ID number, or else the date of birth?"))
        self.refuse_duplicates(cleaned)
        return cleaned

    def refuse_duplicates(self, cleaned: dict) -> None:
        """Refuse two columns for one field, except tick columns such as 是 and 否, which belong together."""
        letters: dict[tuple[str, str], str] = {}
        for column in self.columns:
            name = cleaned.get(f"column_{column.index}", "")
            key = (name, column_option(self.workbook.heading, column.index))
            if name and key in letters:
                sentence = gettext("Columns %(first)s and %(second)s are both set to “%(field)s”. Skip one of them.")
                values = {"first": letters[key], "second": column.letter, "field": FIELDS[name].label}
                self.add_error(f"column_{column.index}", sentence % values)
            letters.setdefault(key, column.letter)
