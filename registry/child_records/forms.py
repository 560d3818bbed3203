"""Forms on records that belong to one child."""

from django import forms

from carebase.forms import ScopedModelForm
from registry.models import Child


class ChildRecordForm(ScopedModelForm):
    """A form whose child is set by code in a new record, and fixed in an existing one."""

    child = forms.ModelChoiceField(queryset=Child.objects.all(), to_field_name="code", widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["child"]
