"""The forms that offer a child to a place outside one's scope, and answer such an offer."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.models import Division, School, SchoolClass, Transfer


class TransferOfferForm(ScopedForm, forms.Form):
    village = forms.ModelChoiceField(Division.objects.villages(), label=_("To the village"), required=False)
    school = forms.ModelChoiceField(School.objects.all(), label=_("Or to the school"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("The other side sees it. No addresses."))

    def scoped_choices(self, name, queryset):
        return queryset  # the destination is outside the user's scope; places and schools are not secret

    def clean(self):
        cleaned = super().clean()
        chosen = [cleaned[name] for name in ("village", "school") if cleaned.get(name)]
        if len(chosen) != 1 and not self.errors:
            raise ValidationError(gettext("Choose exactly one: a village or a school."))
        return cleaned | {"place": chosen[0] if chosen else None}


class TransferAnswerForm(ScopedForm, forms.Form):
    """The answer of the receiving side; a school may place the pupil at once."""

    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=_("Class"), required=False)
    words = forms.CharField(
        label=_("Comment on the answer"), max_length=200, required=False, help_text=_("Required when you decline.")
    )

    def __init__(self, *args, transfer: Transfer, **kwargs):
        super().__init__(*args, **kwargs)
        if transfer.to_school_id is None:
            del self.fields["school_class"]
        else:
            classes = self.fields["school_class"]
            classes.queryset = classes.queryset.filter(school=transfer.to_school_id)
