"""The census form, its fields, and the filter of the list of children."""

from crispy_forms.layout import HTML
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.encryption.masks import mask
from carebase.fields import EncryptedField
from carebase.forms import BLANK_CHOICE, MaskedField, ScopedForm, ScopedModelForm, add_bootstrap_classes
from registry import census, identity
from registry.cell_readers import DECEASED, UNKNOWN, read_name
from registry.child_file import ChildFile
from registry.codes.relation import Relation, relation_choices
from registry.duplicates.mixins import DuplicateCheckMixin
from registry.hooks import child_filter
from registry.models import Child, Division, Guardianship
from registry.transfers.placement import PlacementCheckMixin

YES_NO = (("", _("not filled")), ("yes", _("yes")), ("no", _("no")))
YES_NO_VALUES = {"yes": True, "no": False}


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not filled in, as on paper."""

    def __init__(self, *args, **kwargs):
        kwargs = {"choices": YES_NO, "coerce": YES_NO_VALUES.get, "empty_value": None, "required": False} | kwargs
        super().__init__(*args, **kwargs)

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


def parse_entry(read, value: str) -> str:
    try:
        return read(value) or ""
    except ValueError as error:
        raise ValidationError(str(error)) from error


class CellTextField(forms.CharField):
    """Text that is parsed like a cell of an imported sheet."""

    def __init__(self, *args, read, **kwargs):
        self.read = read
        super().__init__(*args, **{"required": False} | kwargs)

    def clean(self, value):
        return parse_entry(self.read, super().clean(value))


class MaskedCellField(MaskedField):
    """A masked value that is parsed like a cell of an imported sheet."""

    def __init__(self, *args, read, **kwargs):
        self.read = read
        super().__init__(*args, **kwargs)

    def clean(self, value):
        value = super().clean(value)
        return parse_entry(self.read, value) if value and value != self.stored_value else value


def form_field(field: census.CensusField) -> forms.Field:
    """Return the form field of a census field: the child's as its column says, the family's never required."""
    column = field.column
    if column is None or (isinstance(column, models.BooleanField) and column.null):
        return YesNoField(label=field.title)
    if field.model is Child:
        options = {"label": capfirst(column.verbose_name), "required": not column.blank}
    else:
        options = {"label": field.title, "required": False, "help_text": field.help}
    if isinstance(column, EncryptedField):
        return masked_field(column, **options)
    if field.clean:
        return CellTextField(read=field.clean, max_length=column.max_length, **options)
    if column.choices == Relation.choices:
        options["choices"] = relation_choices(BLANK_CHOICE)
    return column.formfield(**options)


def child_form_field(column: models.Field, **_options) -> forms.Field:
    return form_field(census.BY_NAME[column.name])


def masked_field(column: EncryptedField, **options) -> MaskedField:
    """Return the form field of an encrypted column, with the parser of its census field."""
    options = {"label": capfirst(column.verbose_name), "max_length": 200} | options
    clean = next((field.clean for field in census.FIELDS if field.column is column), None)
    return MaskedCellField(read=clean, **options) if clean else MaskedField(**options)


class IdentityCheckMixin:
    """Checks the child's name, and its ID number against the other particulars; `warnings` do not stop saving."""

    def clean_name(self):
        name = parse_entry(read_name, self.cleaned_data["name"])
        if name in ("", DECEASED, UNKNOWN):
            raise ValidationError(gettext("Write the child's own name."))
        return name

    def clean_identity(self, cleaned: dict) -> None:
        self.warnings = []
        if "id_number" in self.errors:
            return
        number, reason = cleaned.get("id_number") or "", cleaned.get("id_reason") or ""
        values = (number, cleaned.get("sex") or "", cleaned.get("birth_date"), reason)
        for problem in identity.identity_problems(*values, counties_near=Division.objects.counties_near):
            if problem.severity == identity.WARNING:
                self.warnings.append(problem.message)
            elif problem.field not in self.errors:
                self.add_error(problem.field, problem.message)


class ChildForm(IdentityCheckMixin, DuplicateCheckMixin, PlacementCheckMixin, ScopedModelForm):
    """The whole file: the fields of the child and the family, and the dated facts behind printed fields 32 to 34."""

    # A pupil may live or learn outside the user's places; saving the file must not move the child.
    retained_fields = ("village", "school", "school_class")
    sections = tuple((section.label, section.form_names()) for section in census.SECTIONS)

    class Meta:
        model = Child
        fields = tuple(census.columns_of(Child))
        formfield_callback = child_form_field

    def __init__(self, *args, **kwargs):
        instance = kwargs.get("instance")
        self.file = ChildFile(instance if instance is not None else Child())
        family = self.file.values()
        kwargs["initial"] = {**family, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.add_family(family)
        self.fields["village"].queryset = self.fields["village"].queryset.villages()
        self.fields["school_class"].queryset = self.classes()
        if self.instance.pk is None:
            self.preset()
        add_bootstrap_classes(self)

    def classes(self):
        """Return the classes to choose from: those of the child's school, if it has one."""
        classes = self.fields["school_class"].queryset
        if self.instance.school_id is None:
            return classes
        self.fields["school_class"].help_text = _("A pupil goes to another school by a transfer.")
        return classes.filter(school=self.instance.school_id)

    def preset(self) -> None:
        """Preselect the only village or class: the user would not see a child outside of it again."""
        for name in ("village", "school_class"):
            rows = self.fields[name].queryset[:2]
            if len(rows) == 1:
                self.initial.setdefault(name, rows[0].pk)

    def add_family(self, family: dict) -> None:
        for field in census.FIELDS:
            if field.form and field.model is not Child:
                self.fields[field.name] = form_field(field)
            if field.form and field.masked:
                self.keep(field.name, family[field.name] if field.person else getattr(self.instance, field.name))

    def keep(self, name: str, value: str | None) -> None:
        self.initial[name] = ""
        self.fields[name].set_stored_value(value or "", mask(name, value or ""))

    @property
    def helper(self):
        helper = super().helper
        if self.possible_duplicates:
            placed = [entry for entry in helper.layout.fields if entry != self.tick]
            helper.layout.fields = [HTML('{% include "registry/_possible_duplicates.html" %}'), *placed]
        return helper

    def clean(self):
        cleaned = super().clean()
        self.clean_places(cleaned)
        self.clean_identity(cleaned)
        self.check_duplicates(cleaned)
        for parent in census.PARENTS:
            self.clean_parent(parent, cleaned)
        self.refuse_future("guardian_since", cleaned.get("guardian_since"))
        self.clean_living_alone(cleaned)
        if cleaned.get("entrusted") and not cleaned.get("guardian_name"):
            self.add_error("guardian_name", gettext("Enter the guardian entrusted by the parents."))
        return cleaned

    def clean_parent(self, parent: str, cleaned: dict) -> None:
        left_on = cleaned.get(f"{parent}_left_on")
        self.refuse_future(f"{parent}_left_on", left_on)
        if left_on and not cleaned.get(f"{parent}_away"):
            self.add_error(f"{parent}_away", gettext("Choose “yes”, or leave the date empty."))
        if cleaned.get(f"{parent}_name") == DECEASED and cleaned.get(f"{parent}_away"):
            self.add_error(f"{parent}_away", gettext("A parent who has died is not away for work."))

    def clean_living_alone(self, cleaned: dict) -> None:
        """Refuse particulars of a guardian without a name when the child is known to live alone."""
        present = self.file.guardianship
        if not (present and present.alone) or cleaned.get("guardian_name"):
            return
        filled = [
            name for name in (*census.GUARDIAN_COLUMNS, "entrusted") if name != "assessment" and cleaned.get(name)
        ]
        if filled or cleaned.get("assessment") not in (None, "", Guardianship.Assessment.POOR):
            message = gettext(
                "The file says that the child lives alone. Enter the guardian who looks after the child now."
            )
            self.add_error("guardian_name", message)

    def refuse_future(self, name: str, day) -> None:
        if day and day > timezone.localdate():
            self.add_error(name, gettext("The date is in the future."))

    def save(self, commit=True):
        identity.set_confirmed_by(self.instance, by=self.user)
        child = super().save()
        ChildFile(child).write(self.cleaned_data, on=timezone.localdate())
        return child


class ChildFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Find"), required=False, max_length=60)
    show = forms.ChoiceField(label=_("Show"), required=False, choices=())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {"placeholder": gettext("name, pinyin initials, village"), "type": "search"}
        self.fields["show"].choices = [(entry.name, entry.label) for entry in child_filter]

    def narrow(self, queryset):
        queryset = child_filter.find(self.cleaned_data["show"] or "open").call(queryset)
        return queryset.search(self.cleaned_data["q"])
