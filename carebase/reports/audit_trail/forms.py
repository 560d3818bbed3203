"""The filters of the audit trail."""

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.accounts.models import User
from carebase.audit.models import Action
from carebase.forms import ScopedForm
from carebase.reports.audit_trail.querysets import above, between, events_about, events_within, posted_within
from registry.access import scope_of, within
from registry.models import Child, Division, Posting

SEEN = "seen"
SEEN_ACTIONS = [Action.VIEW, Action.UNMASK, Action.EXPORT]
PLAUSIBLE = [MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2100, 1, 1))]


def choice(model, label: str, key: str) -> forms.ModelChoiceField:
    rows = model.objects.all()
    return forms.ModelChoiceField(rows, label=label, to_field_name=key, required=False, empty_label=_("any"))


class EventFilter(ScopedForm, forms.Form):
    """A child and a person are found by name; of a child nothing else is shown than its name, village and code."""

    child = choice(Child, _("Child"), "code")
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=[("", _("any")), (SEEN, _("viewed or exported")), *Action.choices],
    )
    since = forms.DateField(label=_("From"), required=False, validators=PLAUSIBLE)
    until = forms.DateField(label=_("Until"), required=False, validators=PLAUSIBLE)
    account = choice(User, _("Person"), "username")
    place = choice(Division, _("Division"), "code")
    words = forms.CharField(label=_("Code"), required=False, max_length=40)

    def __init__(self, *args, user, **kwargs):
        self.spans = scope_of(user).spans
        super().__init__(*args, user=user, **kwargs)

    def scoped_choices(self, name, queryset):
        if name == "child":
            return queryset.filter(within(self.spans, "village"))
        if name == "place":
            return queryset.governed_by(self.user)
        near = posted_within(self.spans) | Q(division__in=above(self.spans))
        return queryset.filter(pk__in=Posting._base_manager.filter(near).values("user"))

    def chosen(self) -> dict[str, str]:
        """Return what was chosen, as the address says it."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: str(self.fields[name].prepare_value(value)) for name, value in given.items()}

    def narrow(self, events):
        cleaned = self.cleaned_data
        since, until = start_of(cleaned["since"]), start_of(cleaned["until"], days=1)
        if child := cleaned["child"]:
            events = events_about(child, self.spans, since, until)
        elif place := cleaned["place"]:
            events = events_within([place.span])
        if code := cleaned["words"].upper():
            events = events.filter(Q(subject=code) | Q(object_code=code))
        if account := cleaned["account"]:
            events = events.filter(user=account)
        if action := cleaned["action"]:
            events = events.filter(action__in=SEEN_ACTIONS if action == SEEN else [action])
        return events.filter(between(since, until))


def start_of(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    """Return the beginning of a day, or of one later."""
    return day and timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=days), dt.time.min))
