"""Which paper is wanted: of which class or village, for which day, masked or in full, and by which definition."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.forms import ScopedForm
from registry.access import scope_of, within
from registry.models import Definition, Division, SchoolClass
from registry.papers.subjects import PaperRequest
from registry.places import ancestors

UNMASK = "registry.unmask_child"
NATIONAL_DEFINITION = "D1"  # the definition that counts unless another is chosen
CLASS_KEY = re.compile(r"([0-9A-Za-z]{1,10})-([0-9]{4})-([0-9]{1,2})", re.ASCII)


def classes_for(user):
    """Return the classes whose papers are the user's: those taught, of the school headed, in the division governed."""
    scope = scope_of(user)
    own = Q(pk__in=scope.classes) | Q(school__in=scope.schools) | within(scope.spans, "school__division")
    return SchoolClass.objects.visible_to(user).filter(own).select_related("school")


def villages_for(user):
    """Return the villages that the user's office reaches; a school prints by class."""
    return Division.objects.governed_by(user).villages()


def filter_by_key(classes, key: str):
    """Return those of `classes` that addresses call `key`: at most one."""
    found = CLASS_KEY.fullmatch(key)
    if found is None:
        return classes.none()
    return classes.filter(school__code=found[1], entry_year=int(found[2]), number=int(found[3]))


def definitions_for(user):
    """Return the definitions of "left-behind" that count where the user works: the general ones, and its county's."""
    scope = scope_of(user)
    codes = [first for first, _last in scope.spans] + [reach.school_place or reach.class_place for reach in user.reach]
    places = {place for code in codes if code for place in (*ancestors(code), code)}
    return Definition.objects.filter(Q(division=None) | Q(division__in=places))


class ClassField(forms.ModelChoiceField):
    """A class, called by the school's code, its year of entry and its number."""

    def prepare_value(self, value):
        return value.key if isinstance(value, SchoolClass) else value

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if found := filter_by_key(self.queryset, str(value)).first():
            return found
        raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")


class PaperForm(ScopedForm, forms.Form):
    """A class or a village of one's own, a day, and whether in full."""

    school_class = ClassField(SchoolClass.objects.all(), label=gettext_lazy("Class"), required=False)
    village = forms.ModelChoiceField(
        Division.objects.all(), label=gettext_lazy("Village"), required=False, to_field_name="code"
    )
    date = forms.DateField(label=gettext_lazy("For the day"), required=False)
    definition = forms.ModelChoiceField(
        Definition.objects.all(),
        label=gettext_lazy("Who counts as left-behind"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("by the national definition"),
        help_text=gettext_lazy("For the statistics table alone."),
    )
    full = forms.BooleanField(
        label=gettext_lazy("In full"),
        required=False,
        help_text=gettext_lazy("With ID numbers, phones and addresses. That you took them is written down."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["definition"].queryset = definitions_for(user)
        self.fields["school_class"].queryset = classes_for(user)
        self.fields["village"].queryset = villages_for(user)
        if not user.has_perm(UNMASK):
            del self.fields["full"]

    def listed(self):
        """Leave out what the user has none of; return the form."""
        for name in ("school_class", "village"):
            if not self.fields[name].widget.load_choices(self[name].value()):
                del self.fields[name]
        return self

    def add_prefix(self, field_name):
        return "class" if field_name == "school_class" else field_name  # a word that Python keeps for itself

    def clean_date(self):
        day = self.cleaned_data["date"] or timezone.localdate()
        if day > timezone.localdate():
            raise ValidationError(_("This day lies in the future; nobody knows yet what will be true then."))
        if day.year < 2000:
            raise ValidationError(_("Nothing is recorded of that day."))
        return day

    def clean(self):
        wanted = super().clean()
        chosen = [name for name in ("school_class", "village") if wanted.get(name)]
        if len(chosen) != 1 and not self.errors:
            raise ValidationError(_("Choose a class or a village, one of them."))
        counted, day = wanted.get("definition"), wanted.get("date")
        if counted and day and not Definition.objects.in_force(day).filter(pk=counted.pk).exists():
            self.add_error("definition", _("This definition was not in force that day."))
        return wanted

    def ask(self) -> PaperRequest:
        """Return what a valid form asks for."""
        wanted = self.cleaned_data
        place = wanted.get("school_class") or wanted.get("village")
        counted = (
            wanted["definition"]
            or definitions_for(self.user).in_force(wanted["date"]).filter(code=NATIONAL_DEFINITION).first()
        )
        return PaperRequest(self.user, place, wanted["date"], bool(wanted.get("full")), counted)


def check_place_access(data, user) -> None:
    """Raise Http404 for a class or a village that exists and is not the user's."""
    key, code = data.get("class", ""), data.get("village", "")
    if (
        key
        and filter_by_key(SchoolClass.objects.all(), key).exists()
        and not filter_by_key(classes_for(user), key).exists()
    ):
        raise Http404
    known = "\0" not in code and Division.objects.filter(code=code).exists()
    if code and known and not villages_for(user).filter(code=code).exists():
        raise Http404


def default_data(user) -> dict[str, str]:
    """Return what the form is filled with at first: the first place one has, as addresses name it."""
    kinds = {"class": classes_for, "village": villages_for}
    if user.role_definition.reaches_places:
        kinds = dict(reversed(kinds.items()))
    for name, rows in kinds.items():
        if place := rows(user).first():
            key = place.key if name == "class" else place.code
            return {name: key, "date": timezone.localdate().isoformat()}
    return {}
