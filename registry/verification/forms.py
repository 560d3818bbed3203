"""Sending in a list to compare, and settling what was found."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm
from carebase.sheets.reader import MAX_FILE_SIZE
from registry.models import Comparison, ComparisonRow, Division, School

Status, Outcome = ComparisonRow.Status, ComparisonRow.Outcome
# What can have become of a row, by what was found.
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
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the reader says so with the file's name
        help_text=_("XLSX, XLS or CSV, at most 20 MB"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

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

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_SIZE:
            raise ValidationError(
                gettext("“%(file)s” is too large; at most %(limit)d MB can be sent. Split it into several files.")
                % {"file": file.name, "limit": MAX_FILE_SIZE // 1024**2}
            )
        return file

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
        possible = OUTCOMES[self.instance.status]
        choices = [(outcome.value, outcome.label) for outcome in possible]
        self.fields["outcome"].choices = [("", _("please choose")), *choices]  # nothing is settled by a slip
        self.fields["outcome"].required = self.fields["reason"].required = True

    def save(self, commit=True):
        self.instance.settled_by, self.instance.settled_at = self.user, timezone.now()
        return super().save()


class ComparisonRowFilter(ScopedForm, forms.Form):
    """The rows by result, and whether they wait to be settled."""

    status = forms.ChoiceField(label=_("Result"), required=False, choices=[("", _("all rows")), *Status.choices])
    settled = forms.ChoiceField(
        label=_("Settled"), required=False, choices=[("", _("any")), ("no", _("not yet")), ("yes", _("settled"))]
    )

    def narrow(self, rows):
        wanted = self.cleaned_data
        if wanted["status"]:
            rows = rows.filter(status=wanted["status"])
        if wanted["settled"]:
            rows = rows.filter(outcome="") if wanted["settled"] == "no" else rows.exclude(outcome="")
        return rows
