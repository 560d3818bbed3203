"""Forms for rounds, surveys with the needs that they found, and the tasks that follow from them."""

from copy import deepcopy

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.display import display_attr
from carebase.forms import ScopedForm, ScopedModelForm, add_bootstrap_classes
from carebase.search import make_searchable
from registry.models import Child, Division, Domain, Need, Rating, Round, SchoolClass, Survey, Term
from registry.rounds.services import possible_owners, save_survey


class RoundForm(ScopedModelForm):
    """A round of one of the user's divisions; its term and division cannot change later."""

    class Meta:
        model = Round
        fields = ("term", "division", "starts_on", "due_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["term"], self.fields["division"]
            return
        self.initial.setdefault("term", Term.objects.current())
        self.initial.setdefault("division", next((r.division for r in self.user.reach if r.division), None))

    def scoped_choices(self, name, queryset):
        if name == "division":
            return Division.objects.governed_by(self.user)
        return queryset.filter(ends_on__gte=timezone.localdate())

    def clean(self):
        cleaned = super().clean()
        term = cleaned.get("term") or (self.instance.pk and self.instance.term)
        first, due = cleaned.get("starts_on"), cleaned.get("due_on")
        for name, day in (("starts_on", first), ("due_on", due)):
            if term and day and not term.starts_on <= day <= term.ends_on:
                days = {"first": term.starts_on, "last": term.ends_on}
                self.add_error(name, gettext("The term lasts from %(first)s to %(last)s.") % days)
        if first and due and due < first and "due_on" not in self.errors:
            self.add_error("due_on", gettext("The due date is before the first day."))
        return cleaned


class NeedRowsMixin(forms.BaseForm):
    """Adds empty rows for what a child needs; a row left empty is ignored."""

    ROWS = 3
    PARTS = ("what", "domain", "owner", "due_on")

    def add_rows(self, child: Child) -> list[tuple[str, tuple[str, ...]]]:
        """Add the fields and return their sections."""
        self.needs: list[Need] = []
        owner = forms.ModelChoiceField(
            possible_owners(child), label=_("Person responsible"), required=False, empty_label=_("please choose")
        )
        make_searchable(owner)
        # Read once here, for the copies in all rows.
        is_owner = self.user in owner.widget.load_choices(self.user.pk)
        sections = []
        for number in range(1, self.ROWS + 1):
            names = {part: f"need{number}-{part}" for part in self.PARTS}
            self.fields |= dict(zip(names.values(), self.row_fields(number, deepcopy(owner)), strict=True))
            if is_owner:
                self.initial[names["owner"]] = self.user.pk
            sections.append((gettext("Need %(number)s") % {"number": number}, tuple(names.values())))
        return sections

    @staticmethod
    def row_fields(number: int, owner: forms.ModelChoiceField) -> list[forms.Field]:
        blank = ("", _("please choose"))
        row = [
            forms.CharField(label=_("Need"), max_length=200, required=False),
            forms.ChoiceField(label=_("Domain"), choices=[blank, *Domain.choices], required=False),
            owner,
            forms.DateField(label=_("Due on"), required=False),
        ]
        for field in row:  # an error names the row that it means
            field.label = f"{number}. {field.label}"
        return row

    def clean_rows(self, cleaned: dict) -> None:
        for number in range(1, self.ROWS + 1):
            names = {part: f"need{number}-{part}" for part in self.PARTS}
            values = {part: cleaned.get(name) for part, name in names.items()}
            invalid = [name for name in names.values() if name in self.errors]
            if not invalid and not any(values[part] for part in ("what", "domain", "due_on")):
                continue  # the owner is preset
            for part, name in names.items():
                if not values[part] and name not in invalid:
                    self.add_error(name, gettext("Fill this in too, or leave the whole line empty."))
            if values["due_on"] and values["due_on"] < timezone.localdate():
                self.add_error(names["due_on"], gettext("The date is in the past."))
            self.needs.append(Need(**{part: value or None for part, value in values.items()}))


class SurveyForm(NeedRowsMixin, ScopedModelForm):
    """A survey of `instance.child`; the answers of the survey `before` are printed beside the fields."""

    class Meta:
        model = Survey
        fields = (
            "visited_on",
            "others",
            *(name for domain in Domain.values for name in (f"{domain}_rating", domain)),
            "living_conditions",
            "family_education",
            "countermeasures",
        )
        widgets = {f"{domain}_rating": forms.RadioSelect for domain in Domain.values}

    def __init__(self, *args, before: Survey | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        for domain in Domain.values:
            self.fields[f"{domain}_rating"].choices = Rating.choices
        for name, field in self.fields.items():
            if before and name in self.Meta.fields:
                field.before, field.before_term = display_attr(before, name), before.term
        domains = [(capfirst(label), (f"{value}_rating", value)) for value, label in Domain.choices]
        self.sections = [
            (_("The visit"), ("visited_on", "others")),
            *domains,
            (_("At home"), ("living_conditions", "family_education")),
            (_("Measures"), ("countermeasures",)),
            *self.add_rows(self.instance.child),
        ]
        add_bootstrap_classes(self)

    @property
    def helper(self):
        helper = super().helper
        helper.field_template = "registry/_survey_field.html"
        return helper

    def clean(self):
        cleaned = super().clean()
        if not self.instance.term_id:
            self.add_error(None, gettext("No census round is running for the child's village."))
        for domain in Domain.values:
            rating = cleaned.get(f"{domain}_rating")
            if rating and rating != Rating.GOOD and not cleaned.get(domain) and domain not in self.errors:
                self.add_error(domain, gettext("Describe what needs attention or is urgent."))
        self.clean_rows(cleaned)
        return cleaned

    def save(self, commit=True):
        return save_survey(survey=self.instance, needs=self.needs, by=self.user)


class WithoutSurveyFilter(ScopedForm, forms.Form):
    SHOW = (("", _("all")), ("overdue", _("only the overdue")), ("no_class", _("without a class")))

    village = forms.ModelChoiceField(Division.objects.all(), label=_("Village"), required=False, empty_label=_("all"))
    school_class = forms.ModelChoiceField(
        SchoolClass.objects.all(), label=_("Class"), required=False, empty_label=_("all")
    )
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def __init__(self, *args, villages, classes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset, self.fields["school_class"].queryset = villages, classes

    def narrow(self, queryset):
        cleaned = self.cleaned_data
        for name in ("village", "school_class"):
            if cleaned[name]:
                queryset = queryset.filter(**{name: cleaned[name]})
        lookups = {"overdue": {"overdue": True}, "no_class": {"school_class": None}}
        return queryset.filter(**lookups.get(cleaned["show"], {}))


class NeedForm(ScopedModelForm):
    """A task: reassigned, postponed, or closed with its outcome."""

    sections = ((_("The task"), ("owner", "due_on")), (_("Completion"), ("done_on", "outcome")))

    class Meta:
        model = Need
        fields = ("owner", "due_on", "done_on", "outcome")
        widgets = {"outcome": forms.Textarea({"rows": 4})}

    def scoped_choices(self, name, queryset):
        current = queryset.filter(pk=self.instance.owner_id)  # may have been posted elsewhere since
        return (possible_owners(self.instance.child) | current.order_by("name", "pk")).order_by("name", "pk")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("outcome") and not cleaned.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", gettext("Enter when it was done."))
        if cleaned.get("done_on") and not cleaned.get("outcome"):
            self.add_error("outcome", gettext("Enter the outcome."))
        return cleaned


class NeedFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Child"), required=False, max_length=60)
    whose = forms.ChoiceField(
        label=_("Assigned to"), required=False, choices=[("", _("me or nobody")), ("office", _("anyone in my office"))]
    )
    state = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("still open")), ("done", _("done")), ("all", _("all"))]
    )
    domain = forms.ChoiceField(label=_("Domain"), required=False, choices=[("", _("all")), *Domain.choices])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"placeholder": gettext("name, pinyin initials, village"), "type": "search"}

    def narrow(self, queryset):
        cleaned = self.cleaned_data
        if not cleaned["whose"]:
            queryset = queryset.waiting_for(self.user)
        if cleaned["state"] != "all":
            queryset = queryset.done() if cleaned["state"] else queryset.open()
        if cleaned["domain"]:
            queryset = queryset.filter(domain=cleaned["domain"])
        if cleaned["q"]:
            queryset = queryset.filter(child__in=Child.objects.visible_to(self.user).search(cleaned["q"]))
        return queryset
