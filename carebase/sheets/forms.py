"""The form field for uploading a spreadsheet."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.sheets.guard import MAX_FILE_SIZE


class SpreadsheetField(forms.FileField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("File"),
            allow_empty_file=True,  # the reader refuses it with the file's name
            help_text=_("XLSX, XLS or CSV, at most 20 MB"),
            widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
            **kwargs,
        )

    def validate(self, file):
        super().validate(file)
        if file and file.size > MAX_FILE_SIZE:
            raise ValidationError(
                gettext("“%(file)s” is too large; the limit is %(limit)d MB. Split it into several files.")
                % {"file": file.name, "limit": MAX_FILE_SIZE // 1024**2}
            )
