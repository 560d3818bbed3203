"""The forms that log a contact, with few required fields, and the filter of the list."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.child_records.forms import ChildRecordForm
from registry.models import Child
from visits.models import CounsellingNote, Visit

VISIT = ("child", "kind", "made_on", "starts_at", "minutes", "planned", "met")
FINDINGS = ("observed", "said", "advice", "next_on")
WORDS = ("met", "observed", "said", "advice")  # what a counsellor writes into a note
TEXT_AREAS = {name: forms.Textarea({"rows": 3}) for name in ("observed", "said", "advice")}


class VisitForm(ChildRecordForm):
    sections = ((_("The visit"), VISIT), (_("Findings"), FINDINGS))

    class Meta:
        model = Visit
        fields = VISIT + FINDINGS
        widgets = {
            "kind": forms.RadioSelect,
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            **TEXT_AREAS,
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


def note_field(name: str, **options) -> forms.Field:
    return CounsellingNote._meta.get_field(name).formfield(**options)


class CounsellingForm(VisitForm):
    """The form of a counsellor, whose words go into the note of the contact."""

    met = note_field("met", max_length=100, widget=forms.TextInput)
    observed, said, advice = (note_field(name, widget=area) for name, area in TEXT_AREAS.items())

    class Meta(VisitForm.Meta):
        fields = tuple(name for name in VisitForm.Meta.fields if name not in WORDS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        visit = self.instance
        self.note = visit.words_for(self.user) if visit.pk else CounsellingNote()
        visit.counselling = True
        self.initial |= forms.model_to_dict(self.note, WORDS)

    def clean(self):
        cleaned = super().clean()
        for name in WORDS:
            setattr(self.note, name, cleaned.get(name, ""))
        self.note.validate_constraints()
        return cleaned

    def save(self, commit=True):
        self.note.visit = super().save(commit)
        self.note.save()
        return self.instance


def form_of(visit: Visit | None, user) -> type[VisitForm]:
    """Return the form of a stored contact, or of a new one of `user`."""
    counselling = visit.counselling if visit else user.role_definition.counsels
    return CounsellingForm if counselling else VisitForm


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
