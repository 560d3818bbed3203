"""The forms of the decisions about closing: close a file, keep it open until a day, reopen it."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.closing import services
from registry.codes.grades import age, birthday_in
from registry.models import Child, Definition

MAX_KEPT_OPEN = dt.timedelta(days=366)  # every file is reviewed at least once a year


class DecisionForm(ScopedForm, forms.Form):
    reason = forms.CharField(label=_("Reason in your own words"), max_length=200)

    def __init__(self, *args, child: Child, **kwargs):
        super().__init__(*args, **kwargs)
        self.child = child


# Duplicates are merged instead, so that closing them can be undone with the merge.
GROUNDS = [
    ("", _("please choose")),
    *(choice for choice in Child.Closing.choices if choice[0] != Child.Closing.DUPLICATE),
]


class CloseForm(DecisionForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS)
    on = forms.DateField(label=_("Closed on"))
    field_order = ("ground", "on", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False

    def clean(self):
        cleaned = super().clean()
        on = cleaned.get("on")
        if on and on > timezone.localdate():
            self.add_error("on", gettext("The date is in the future."))
        elif on and on < self.child.birth_date:
            self.add_error("on", gettext("The child was not born yet on this day."))
        elif on and cleaned.get("ground") == Child.Closing.AGE:
            self.clean_age(on)
        return cleaned

    def clean_age(self, on: dt.date) -> None:
        """Refuse the ground of age for a child below the age limit of every definition in force."""
        definitions = Definition.objects.in_force(on).applying_to(self.child.village_id)
        ages = definitions.exclude(below_age=None).values_list("below_age", flat=True)
        birth = self.child.birth_date
        if (limit := min(ages, default=None)) and age(birth, on) < limit:
            words = {"limit": limit, "day": birthday_in(birth, birth.year + limit)}
            self.add_error("ground", gettext("The child does not turn %(limit)s until %(day)s.") % words)

    def save(self):
        return services.close_file(child=self.child, by=self.user, **self.cleaned_data)


class KeepForm(DecisionForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS)
    until = forms.DateField(label=_("Remind me on"))
    field_order = ("ground", "until", "reason")

    def clean_until(self):
        until, today = self.cleaned_data["until"], timezone.localdate()
        if until <= today:
            raise forms.ValidationError(gettext("Choose a day after today."))
        if until > today + MAX_KEPT_OPEN:
            raise forms.ValidationError(gettext("Choose a day within a year, so that the file is not forgotten."))
        return until

    def save(self):
        services.keep_open(child=self.child, by=self.user, **self.cleaned_data)
        return self.child


class ReopenForm(DecisionForm):
    def save(self):
        return services.reopen_file(child=self.child, by=self.user, **self.cleaned_data)
