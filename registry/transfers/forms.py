"""Offering a child to a place that lies beyond one's own, which is therefore named and not chosen from a list."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm
from registry.models import Division, School, SchoolClass, Transfer
from registry.sheets.places import PlaceFinder

VILLAGE, SCHOOL = "village", "school"


def find_village(words: str) -> list[Division]:
    """Return the villages that a code, or a name with its township before it, may mean."""
    villages = Division.objects.villages()
    if words.isdecimal():
        return list(villages.filter(code=words[:12]))
    return PlaceFinder(list(villages)).find(words)


def find_school(words: str) -> list[School]:
    """Return the schools that a code or a whole name may mean."""
    named = School.objects.filter(name=words) | School.objects.filter(code=words[:10])
    return list(named.select_related("division"))


class OfferForm(ScopedForm, forms.Form):
    kind = forms.ChoiceField(
        label=_("Goes to"),
        choices=[(VILLAGE, _("another village")), (SCHOOL, _("another school"))],
        widget=forms.RadioSelect,
    )
    to = forms.CharField(
        label=_("Which one"),
        max_length=60,
        help_text=_("Township and village, as in 百里洲镇合心村, or the whole name of the school; a code will do too."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("The other side reads it. No addresses."))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") and cleaned.get("to"):
            cleaned["place"] = self.place(cleaned["kind"], cleaned["to"])
        return cleaned

    def place(self, kind: str, words: str):
        found = find_village(words) if kind == VILLAGE else find_school(words)
        if len(found) == 1:
            return found[0]
        sentences = {
            (VILLAGE, True): gettext("More than one village has this name. Write the township before it."),
            (VILLAGE, False): gettext("No village of this name is known. Write township and village, or its code."),
            (SCHOOL, True): gettext("More than one school has this name. Write its code."),
            (SCHOOL, False): gettext("No school of this name is known. Write the whole name, or its code."),
        }
        self.add_error("to", ValidationError(sentences[kind, bool(found)]))
        return None


class AnswerForm(ScopedForm, forms.Form):
    """The answer of the receiving side; a school may place the pupil at once."""

    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=_("Class"), required=False)
    words = forms.CharField(
        label=_("Words with the answer"), max_length=200, required=False, help_text=_("Needed when you decline.")
    )

    def __init__(self, *args, transfer: Transfer, **kwargs):
        super().__init__(*args, **kwargs)
        if transfer.to_school_id is None:
            del self.fields["school_class"]
        else:
            classes = self.fields["school_class"]
            classes.queryset = classes.queryset.for_choice().filter(school=transfer.to_school_id)
