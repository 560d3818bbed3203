"""The form of the term report: term, place, and encoding."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.models import Division, Term

ENCODINGS = (("utf-8-sig", _("Unicode (Excel, WPS)")), ("gb18030", _("GB18030 (older programs)")))


class TermReportForm(ScopedForm, forms.Form):
    """A term and a division that the user governs."""

    term = forms.ModelChoiceField(
        label=_("Term"),
        queryset=Term.objects.all(),
        to_field_name="slug",
        empty_label=None,
        error_messages={
            "required": _("Choose the term of the report."),
            "invalid_choice": _("There is no such term. Choose one from the list."),
        },
    )
    division = forms.ModelChoiceField(
        label=_("Division"),
        queryset=Division.objects.all(),
        to_field_name="code",
        empty_label=None,
        error_messages={
            "required": _("Choose the place of the report."),
            "invalid_choice": _("There is no such place. Choose one from the list."),
        },
    )
    encoding = forms.ChoiceField(
        label=_("For the program"),
        choices=ENCODINGS,
        required=False,
        error_messages={"invalid_choice": _("There is no such encoding. Choose one from the list.")},
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["division"].queryset = Division.objects.governed_by(user)
