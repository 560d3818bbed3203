"""Forms of activities, their attendance and goods, and of donations; filters of the lists."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import Activity, Donation, Goods
from activities.services import CHANGE_ACTIVITY
from carebase.forms import ScopedForm, ScopedModelForm, add_bootstrap_classes
from registry.models import Child
from registry.offices import OfficeForm

MAX_FOUND = 200  # checkboxes on one page; others are found by name


ACTIVITY = ("title", "kind", "held_on", "ended_on", "place")
PARTICIPANTS = ("school", "division", "organiser", "leader", "children_reached", "summary")
DONATION, USE = ("kind", "donor", "received_on", "amount", "about"), ("purpose", "activity", "school", "division")


class ActivityForm(OfficeForm):
    sections = ((_("The activity"), ACTIVITY), (_("Organiser and participants"), PARTICIPANTS))

    class Meta:
        model = Activity
        fields = ACTIVITY + PARTICIPANTS
        widgets = {"summary": forms.Textarea({"rows": 4})}

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("held_on"), cleaned.get("ended_on")
        if first and last and last < first:  # an error of the field; the constraint's would be one of the form
            self.add_error("ended_on", gettext("The last day is before the first day."))
        return cleaned


class ActivityFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Title or place"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Activity.Kind.choices])

    def narrow(self, queryset):
        return queryset.about(self.cleaned_data["q"], self.cleaned_data["kind"])


class ChildSearchForm(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Find other children"), required=False, max_length=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"placeholder": gettext("name, pinyin initials, village"), "type": "search"}


def everyone_field() -> forms.BooleanField:
    """Return the box that ticks all children; one who was not there is unticked afterwards."""
    box = forms.CheckboxInput({"data-ticks": "present"})
    return forms.BooleanField(required=False, label=_("Everyone in this list was there"), widget=box)


class AttendanceForm(ScopedModelForm):
    """The attendance among visible children: those on the list, and those of the office or found by `search`.

    It is a form of the activity, whose version shows whether somebody else changed the list meanwhile.
    """

    everyone = everyone_field()
    present = forms.ModelMultipleChoiceField(
        queryset=Child.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Children who took part"),
    )
    give = forms.BooleanField(required=False, label=_("Give one of each item to every child ticked"))
    read_only = ScopedModelForm.read_only | {"give", "everyone"}

    class Meta:
        model = Activity
        fields = ()

    def __init__(self, *args, search: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        visible = Child.objects.permitted_to(self.user, CHANGE_ACTIVITY)
        present = dict(visible.filter(attendances__activity=self.instance).values_list("pk", "code"))
        found = visible.open().search(search) if search else self.of_office(visible.open())
        offered = {*present, *found.for_list().values_list("pk", flat=True)[:MAX_FOUND]}
        children = visible.filter(pk__in=offered).select_related("village").order_by("village", "pinyin", "pk")
        self.fields["present"].choices = [(child.code, f"{child.name} · {child.village}") for child in children]
        self.initial["present"] = list(present.values())
        self.full = len(offered) - len(present) >= MAX_FOUND

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("everyone"):
            field = self.fields["present"]
            cleaned["present"] = field.queryset.filter(code__in=[code for code, _label in field.choices])
        return cleaned

    def of_office(self, children):
        """Return the children of the school or the division of the activity."""
        if self.instance.school_id:
            return children.filter(school=self.instance.school_id)
        return children.living_in(self.instance.division)


class GoodsForm(ScopedModelForm):
    """All goods of an activity, and empty lines for more; a line left empty is removed."""

    EXTRA = 3
    PARTS = ("item", "quantity", "value")

    class Meta:
        model = Activity
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        lines = {str(line.pk): line for line in self.instance.goods.order_by("pk")}
        self.lines = lines | {f"new{n}": Goods(activity=self.instance) for n in range(self.EXTRA)}
        self.saved, self.removed, sections = [], [], []
        for number, (key, line) in enumerate(self.lines.items(), 1):
            sections.append((gettext("Item %d") % number, tuple(f"{part}-{key}" for part in self.PARTS)))
            for part in self.PARTS:
                self.fields[f"{part}-{key}"] = field = Goods._meta.get_field(part).formfield(required=False)
                field.label = f"{number}. {field.label}"
                self.initial[f"{part}-{key}"] = getattr(line, part)
        self.sections = sections
        add_bootstrap_classes(self)

    def clean(self):
        cleaned = super().clean()
        for key, line in self.lines.items():
            names = {part: f"{part}-{key}" for part in self.PARTS}
            invalid = [part for part, name in names.items() if name in self.errors]
            values = {part: cleaned.get(name) for part, name in names.items()}
            if not invalid and all(value in (None, "") for value in values.values()):
                self.removed += [line] if line.pk else []
                continue
            for part, value in values.items():
                setattr(line, part, value)
                if value in (None, "") and part not in invalid:
                    invalid.append(part)
                    self.add_error(names[part], gettext("Fill this in too, or leave the whole line empty."))
            self.check_line(line, names, invalid)
        return cleaned

    def check_line(self, line, names: dict[str, str], invalid: list[str]) -> None:
        try:
            line.full_clean(exclude=["activity", *invalid])
        except ValidationError as error:
            for part, messages in error.message_dict.items():
                self.add_error(names.get(part), messages)
        self.saved.append(line)


class DonationForm(OfficeForm):
    activity = forms.ModelChoiceField(
        queryset=Activity.objects.order_by("-held_on", "-pk"),
        to_field_name="code",
        required=False,
        label=_("Activity"),
    )
    sections = ((_("The donation"), DONATION), (_("Use"), USE))
    retained_fields = ("activity",)  # may be another office's

    class Meta:
        model = Donation
        fields = DONATION + USE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.activity_id:
            self.initial["activity"] = self.instance.activity.code


class DonationFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Donor or purpose"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Donation.Kind.choices])

    def narrow(self, queryset):
        return queryset.about(self.cleaned_data["q"], self.cleaned_data["kind"])
