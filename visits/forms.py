"""The form that logs a contact, with few required fields, and the filter of the list."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.child_records.forms import ChildRecordForm
from registry.models import Child
from visits.models import Visit

VISIT = ("child", "kind", "made_on", "starts_at", "minutes", "planned", "met")
FINDINGS = ("observed", "said", "advice", "next_on")


class VisitForm(ChildRecordForm):
    sections = ((_("The visit"), VISIT), (_("Findings"), FINDINGS))

    class Meta:
        model = Visit
        fields = VISIT + FINDINGS
        widgets = {
            "kind": forms.RadioSelect,
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            **{name: forms.Textarea({"rows": 3}) for name in ("observed", "said", "advice")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Visit.Kind.choices  # without the empty one

    def clean(self):
        cleaned = super().clean()
        child = cleaned.get("child") or (self.instance.pk and self.instance.child)
        made_on = cleaned.get("made_on")
        if child and made_on and child.closed_on and made_on > child.closed_on:
            self.add_error("made_on", gettext("The child's file was closed on %(day)s.") % {"day": child.closed_on})
        return cleaned


class VisitFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Child"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Visit.Kind.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"placeholder": gettext("name, pinyin initials, village"), "type": "search"}

    def narrow(self, queryset):
        if search := self.cleaned_data["q"]:
            queryset = queryset.filter(child__in=Child.objects.visible_to(self.user).search(search))
        if kind := self.cleaned_data["kind"]:
            queryset = queryset.of_kind(kind)
        return queryset
