"""Forms on records that belong to one child."""

from django import forms

from carebase.forms import ScopedModelForm
from registry.models import Child


class ChildRecordForm(ScopedModelForm):
    """A form on a record of a child, whom a new one names by code and an old one keeps."""

    child = forms.ModelChoiceField(queryset=Child.objects.all(), to_field_name="code", widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["child"]
