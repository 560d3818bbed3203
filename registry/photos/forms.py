"""The form of an uploaded file, and of a photo."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.files import pictures
from carebase.forms import ScopedForm


class FileForm(ScopedForm, forms.Form):
    """An uploaded file; `cleaned_data["file"]` is its content as bytes."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)

    def clean_file(self):
        return pictures.read_upload(self.cleaned_data["file"])


class PhotoForm(FileForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.label, field.help_text = gettext("Photo"), gettext("JPEG, PNG or HEIC, at most 10 MB")
        field.widget.attrs["accept"] = "image/jpeg,image/png,image/heic,image/heif,.heic,.heif"
