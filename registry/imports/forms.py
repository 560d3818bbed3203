"""Sending in a sheet."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from carebase.sheets import MAX_FILE_SIZE
from registry.models import Division, Term


class UploadForm(ScopedForm, forms.Form):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the reader says so with the file's name
        help_text=_("XLSX, XLS or CSV, at most 20 MB"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    term = forms.ModelChoiceField(Term.objects.all(), label=_("Term"), empty_label=None)
    place = forms.ModelChoiceField(
        Division.objects.all(),
        label=_("Only this place"),
        required=False,
        empty_label=_("every place of the sheet"),
        help_text=_("Only children of this place are taken; a village also stands where the sheet names none."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = Division.objects.governed_by(self.user)
        self.fields["term"].initial = Term.objects.current

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_SIZE:
            raise ValidationError(
                gettext("“%(file)s” is too large; at most %(limit)d MB can be sent. Split it into several files.")
                % {"file": file.name, "limit": MAX_FILE_SIZE // 1024**2}
            )
        return file
