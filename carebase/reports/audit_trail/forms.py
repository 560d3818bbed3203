"""The filters of the audit trail."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from carebase.audit.models import Action
from carebase.forms import add_bootstrap_classes


class EventFilter(forms.Form):
    action = forms.ChoiceField(
        label=gettext_lazy("Action"), required=False, choices=[("", gettext_lazy("any")), *Action.choices]
    )
    words = forms.CharField(label=gettext_lazy("Code"), required=False, max_length=40)
    account = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=150)

    def __init__(self, data, *, user):
        super().__init__(data)
        add_bootstrap_classes(self)

    def narrow(self, events):
        cleaned = self.cleaned_data
        if cleaned["action"]:
            events = events.filter(action=cleaned["action"])
        if code := cleaned["words"].upper():
            events = events.filter(Q(subject=code) | Q(object_code=code))
        if cleaned["account"]:
            events = events.filter(user__username=cleaned["account"])
        return events
