"""The form that requests papers: class or village, day, and the definition that counts."""

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
NATIONAL_DEFINITION = "D1"  # the default
CLASS_KEY = re.compile(r"([0-9A-Za-z]{1,10})-([0-9]{4})-([0-9]{1,2})", re.ASCII)


def classes_for(user):
    """Return the classes whose papers the user may print: those taught, of the own school, in the own division."""
    scope = scope_of(user)
    own = Q(pk__in=scope.classes) | Q(school__in=scope.schools) | within(scope.spans, "school__division")
    return SchoolClass.objects.visible_to(user).filter(own).select_related("school")


def villages_for(user):
    """Return the villages of the user's division; a school prints by class."""
    return Division.objects.governed_by(user).villages()


def filter_by_key(classes, key: str):
    """Return the class with the `key` of addresses (SchoolClass.key): at most one."""
    match = CLASS_KEY.fullmatch(key)
    if match is None:
        return classes.none()
    return classes.filter(school__code=match[1], entry_year=int(match[2]), number=int(match[3]))


def definitions_for(user):
    """Return the definitions in use where the user works: the general ones and those of the county."""
    scope = scope_of(user)
    codes = [first for first, _last in scope.spans] + [reach.school_place or reach.class_place for reach in user.reach]
    places = {place for code in codes if code for place in (*ancestors(code), code)}
    return Definition.objects.filter(Q(division=None) | Q(division__in=places))


class ClassField(forms.ModelChoiceField):
    """A class, identified by SchoolClass.key."""

    def prepare_value(self, value):
        return value.key if isinstance(value, SchoolClass) else value

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if school_class := filter_by_key(self.queryset, str(value)).first():
            return school_class
        raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")


class PaperForm(ScopedForm, forms.Form):
    school_class = ClassField(SchoolClass.objects.all(), label=gettext_lazy("Class"), required=False)
    village = forms.ModelChoiceField(
        Division.objects.all(), label=gettext_lazy("Village"), required=False, to_field_name="code"
    )
    date = forms.DateField(label=gettext_lazy("As of the day"), required=False)
    definition = forms.ModelChoiceField(
        Definition.objects.all(),
        label=gettext_lazy("Who counts as left-behind"),
        required=False,
        to_field_name="code",
        empty_label=gettext_lazy("by the national definition"),
        help_text=gettext_lazy("For the statistics table alone."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["definition"].queryset = definitions_for(user)
        self.fields["school_class"].queryset = classes_for(user)
        self.fields["village"].queryset = villages_for(user)

    def listed(self):
        """Remove the choices of which the user has none; return the form."""
        for name in ("school_class", "village"):
            if not self.fields[name].widget.load_choices(self[name].value()):
                del self.fields[name]
        return self

    def add_prefix(self, field_name):
        return "class" if field_name == "school_class" else field_name  # a keyword of Python

    def clean_date(self):
        day = self.cleaned_data["date"] or timezone.localdate()
        if day > timezone.localdate():
            raise ValidationError(_("This day is in the future. Choose today or an earlier day."))
        if day.year < 2000:
            raise ValidationError(_("Nothing is recorded for that day."))
        return day

    def clean(self):
        cleaned = super().clean()
        places = [name for name in ("school_class", "village") if cleaned.get(name)]
        if len(places) != 1 and not self.errors:
            raise ValidationError(_("Choose either a class or a village."))
        definition, day = cleaned.get("definition"), cleaned.get("date")
        if definition and day and not Definition.objects.in_force(day).filter(pk=definition.pk).exists():
            self.add_error("definition", _("This definition was not in force that day."))
        return cleaned

    def build_request(self) -> PaperRequest:
        cleaned, day = self.cleaned_data, self.cleaned_data["date"]
        place = cleaned.get("school_class") or cleaned.get("village")
        national = definitions_for(self.user).in_force(day).filter(code=NATIONAL_DEFINITION)
        definition = cleaned["definition"] or national.first()
        return PaperRequest(self.user, place, day, definition=definition)


def check_place_access(data, user) -> None:
    """Raise Http404 for a class or a village that exists and is not the user's."""
    key, code = data.get("class", ""), data.get("village", "")
    exists = filter_by_key(SchoolClass.objects.all(), key).exists()
    if exists and not filter_by_key(classes_for(user), key).exists():
        raise Http404
    exists = "\0" not in code and Division.objects.filter(code=code).exists()
    if exists and not villages_for(user).filter(code=code).exists():
        raise Http404


def default_data(user) -> dict[str, str]:
    """Return the initial data of the form: the user's first place, and today."""
    kinds = {"class": classes_for, "village": villages_for}
    if user.role_definition.reaches_places:
        kinds = dict(reversed(kinds.items()))
    for name, rows in kinds.items():
        if place := rows(user).first():
            key = place.key if name == "class" else place.code
            return {name: key, "date": timezone.localdate().isoformat()}
    return {}
