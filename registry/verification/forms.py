"""Uploading a list to compare, settling a row, and filtering the rows."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm
from carebase.sheets.forms import SpreadsheetField
from registry.models import Comparison, ComparisonRow, Division, School

Status, Outcome = ComparisonRow.Status, ComparisonRow.Outcome
# The possible outcomes of a row, by its result.
OUTCOMES = {
    Status.DIFFERENT: (Outcome.REGISTRY, Outcome.LIST, Outcome.OTHER),
    Status.HERE: (Outcome.REGISTRY, Outcome.GONE, Outcome.NOT_OURS, Outcome.OTHER),
    Status.THERE: (Outcome.REGISTERED, Outcome.NOT_OURS, Outcome.OTHER),
    Status.BOTH: (Outcome.OTHER,),
}


class CompareForm(ScopedForm, forms.Form):
    kind = forms.ChoiceField(label=_("List"), choices=Comparison.Kind.choices)
    school = forms.ModelChoiceField(School.objects.all(), label=_("Of the school"), required=False)
    division = forms.ModelChoiceField(Division.objects.all(), label=_("Of the village or township"), required=False)
    file = SpreadsheetField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("school", "division"):
            if not self.fields[name].queryset.exists():
                del self.fields[name]
        places = [name for name in ("school", "division") if name in self.fields]
        if len(places) == 1:
            self.fields[places[0]].required = True

    def scoped_choices(self, name, queryset):
        return queryset.own_of(self.user) if name == "school" else queryset.governed_by(self.user)

    def clean(self):
        cleaned = super().clean()
        chosen = [cleaned[name] for name in ("school", "division") if cleaned.get(name)]
        if len(chosen) != 1 and not self.errors:
            raise ValidationError(gettext("Choose exactly one: a school or a division."))
        cleaned["place"] = chosen[0] if chosen else None
        return cleaned


class ComparisonRowForm(ScopedModelForm):
    class Meta:
        model = ComparisonRow
        fields = ("outcome", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        outcomes = OUTCOMES[self.instance.status]
        choices = [(outcome.value, outcome.label) for outcome in outcomes]
        self.fields["outcome"].choices = [("", _("please choose")), *choices]  # no default: settle nothing by accident
        self.fields["outcome"].required = self.fields["reason"].required = True

    def save(self, commit=True):
        self.instance.settled_by, self.instance.settled_at = self.user, timezone.now()
        return super().save()


class ComparisonFilter(ScopedForm, forms.Form):
    SHOW = (("", _("all")), ("unsettled", _("with unresolved differences")))
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def narrow(self, comparisons):
        return comparisons.unsettled() if self.cleaned_data["show"] else comparisons


class ComparisonRowFilter(ScopedForm, forms.Form):
    status = forms.ChoiceField(label=_("Result"), required=False, choices=[("", _("all rows")), *Status.choices])
    settled = forms.ChoiceField(
        label=_("Resolved"), required=False, choices=[("", _("any")), ("no", _("not yet")), ("yes", _("resolved"))]
    )

    def narrow(self, rows):
        query = self.cleaned_data
        if query["status"]:
            rows = rows.filter(status=query["status"])
        if query["settled"]:
            rows = rows.filter(outcome="") if query["settled"] == "no" else rows.exclude(outcome="")
        return rows
