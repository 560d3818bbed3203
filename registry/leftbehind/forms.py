"""The forms of a parent's departure and return, of a corrected absence, and of the cut-off date."""

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm, add_bootstrap_classes
from registry.children.forms import YesNoField
from registry.leftbehind import services
from registry.models import Absence


def refuse_future(form, *names: str) -> None:
    for name in names:
        day = form.cleaned_data.get(name)
        if day and day > timezone.localdate():
            form.add_error(name, gettext("The date is in the future."))


class CutOffForm(ScopedForm, forms.Form):
    on = forms.DateField(label=_("Cut-off date"), required=False)

    def clean(self):
        cleaned = super().clean()
        refuse_future(self, "on")
        if (day := self.cleaned_data.get("on")) and day < services.EARLIEST_DATE:
            self.add_error("on", gettext("This date is too long ago."))
        return cleaned


class AbsenceForm(ScopedModelForm):
    cross_county = YesNoField(label=_("In another county"))

    class Meta:
        model = Absence
        fields = ("left_on", "destination", "cross_county", "reason")
        labels = {"left_on": _("Left on")}
        help_texts = {"left_on": _("Leave empty if the day is not known; then it counts from today.")}

    def clean(self):
        cleaned = super().clean()
        refuse_future(self, "left_on")
        return cleaned


class DepartureForm(AbsenceForm):
    class Meta(AbsenceForm.Meta):
        fields = ("parent", *AbsenceForm.Meta.fields)
        widgets = {"parent": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [(key, capfirst(str(label))) for key, label in Absence.PARENTS]

    def save(self, commit=True):
        return services.record_departure(absence=self.instance, by=self.user)


class CorrectionForm(AbsenceForm):
    class Meta(AbsenceForm.Meta):
        fields = (*AbsenceForm.Meta.fields, "returned_on", "return_reason")
        help_texts = {
            "left_on": _("Leave empty if the day is not known; then it counts from the day of the record."),
            "returned_on": _("Leave empty while the parent is away."),
        }

    def clean(self):
        cleaned = super().clean()
        refuse_future(self, "returned_on")
        if cleaned.get("return_reason") and not cleaned.get("returned_on"):
            self.add_error("returned_on", gettext("Enter the day of the return, or leave the reason empty."))
        return cleaned

    def save(self, commit=True):
        return services.correct_absence(absence=self.instance, by=self.user)


class ReturnForm(ScopedForm, forms.Form):
    """A return to stay, or a short visit home."""

    STAY, VISIT = "stay", "visit"

    parent = forms.ChoiceField(label=_("Parent"), widget=forms.RadioSelect)
    on = forms.DateField(label=_("Came home on"))
    kind = forms.ChoiceField(
        label=_("How long"),
        widget=forms.RadioSelect,
        choices=[(STAY, _("came back to stay")), (VISIT, _("for a short visit"))],
    )
    until = forms.DateField(label=_("Leaves again on"), required=False, help_text=_("For a visit, if it is known"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args, child, **kwargs):
        super().__init__(*args, **kwargs)
        self.child = child
        away = {row.parent for row in child.absences.filter(returned_on=None)}
        parents = [(key, capfirst(str(label))) for key, label in Absence.PARENTS]
        self.fields["parent"].choices = [choice for choice in parents if choice[0] in away] or parents
        if len(away) == 1:
            self.initial["parent"] = away.pop()
        self.initial["on"] = timezone.localdate()
        add_bootstrap_classes(self)

    def clean(self):
        cleaned = super().clean()
        refuse_future(self, "on")
        until, on = cleaned.get("until"), cleaned.get("on")
        if until and cleaned.get("kind") == self.STAY:
            self.add_error("until", gettext("A parent who came back to stay does not leave again; leave it empty."))
        elif until and on and until < on:
            self.add_error("until", gettext("The last day is before the first day."))
        return cleaned

    def save(self):
        facts = {"child": self.child} | {name: self.cleaned_data[name] for name in ("parent", "on", "reason")}
        if self.cleaned_data["kind"] == self.STAY:
            return services.record_return(**facts, by=self.user)
        return services.record_home_stay(**facts, until=self.cleaned_data["until"], by=self.user)
