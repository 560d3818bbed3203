"""Forms narrowed to what their user may see, laid out from declared sections, aware of others' saves."""

import uuid

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

from carebase.search import offer_search, searchable

CSS_CLASSES = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.SelectMultiple: "form-select",
    forms.Select: "form-select",
    forms.HiddenInput: "",
    forms.Widget: "form-control",
}
(BLANK_CHOICE,) = BLANK_CHOICE_DASH
BLANK_LABEL = BLANK_CHOICE[1]


def set_empty_label(field) -> None:
    """Say in words that nothing is chosen yet, in place of Django's row of dashes."""
    words = _("please choose") if field.required else _("not filled")
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_LABEL:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField) and next(iter(field.choices), None) == BLANK_CHOICE:
        field.choices = [("", words), *list(field.choices)[1:]]


def add_bootstrap_classes(form):
    """Put Bootstrap's class on each widget of `form`, so that templates need only print the field; return the form."""
    for field in form.fields.values():
        set_empty_label(field)
        css = next(CSS_CLASSES[kind] for kind in type(field.widget).__mro__ if kind in CSS_CLASSES)
        if css:
            field.widget.attrs.setdefault("class", css)
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput({**field.widget.attrs, "type": "date"}, format="%Y-%m-%d")
    return form


class ScopedForm(forms.BaseForm):
    """Narrows every relation to what `user` may see, and lays fields out in `sections`."""

    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    read_only = frozenset({"version", "form_token"})

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        for name, field in self.fields.items():
            queryset = getattr(field, "queryset", None)
            if queryset is not None and hasattr(queryset, "visible_to"):
                if searchable(field):
                    offer_search(field)
                field.queryset = self.scoped_choices(name, queryset)
        add_bootstrap_classes(self)

    def scoped_choices(self, name: str, queryset):
        """Return what the relation `name` may point to."""
        return queryset.visible_to(self.user)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.field_template = "includes/field.html"
        placed = {name for _legend, names in self.sections for name in names}
        rest = [name for name in self.fields if name not in placed]
        fieldsets = [
            Fieldset(str(legend), *[name for name in names if name in self.fields]) for legend, names in self.sections
        ]
        helper.layout = Layout(*fieldsets, *rest)
        return helper


class ScopedModelForm(ScopedForm, forms.ModelForm):
    """A form on one record: a new one carries a one-time token, an old one the version it was read in.

    `keeps` names the relations that may stay as they are recorded although they lie beyond what one may choose.
    """

    keeps: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["form_token"] = forms.CharField(
                widget=forms.HiddenInput, max_length=32, required=False, initial=lambda: uuid.uuid4().hex
            )
        else:
            self.fields["version"] = forms.IntegerField(
                widget=forms.HiddenInput, required=False, initial=self.instance.version
            )

    def scoped_choices(self, name, queryset):
        visible = super().scoped_choices(name, queryset)
        current = getattr(self.instance, f"{name}_id") if name in self.keeps else None
        return queryset.filter(Q(pk__in=visible.values("pk")) | Q(pk=current)) if current else visible

    def compared(self) -> list[str]:
        """Return the fields that two people may differ in."""
        return [name for name in self.fields if name not in self.read_only]


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a key that the database cannot hold is refused like any other that was not offered."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except (OverflowError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error


class MaskedWidget(forms.TextInput):
    """Shows the mask of the stored value as a hint and never the value; left empty, the value stays."""

    mask = ""

    def format_value(self, value):
        return value if value != self.mask else ""

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, {**(attrs or {}), "placeholder": self.mask, "autocomplete": "off"})


class MaskedField(forms.CharField):
    """A value that is masked even to who edits it: empty keeps it, "无" (none) clears it, anything else replaces it."""

    widget = MaskedWidget
    CLEAR = {"无", "none", "None"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"required": False} | kwargs)
        self.kept = ""

    def keep(self, value: str, mask: str) -> None:
        """Say which stored value an empty input stands for, and how it is hinted at."""
        self.kept, self.widget.mask = value or "", mask
        if self.kept:
            self.help_text = _("Leave empty to keep it; write 无 to remove it.")

    def clean(self, value):
        value = super().clean(value)
        if value in self.CLEAR:
            return ""
        return value or self.kept

    def has_changed(self, initial, data):
        return bool(data) and data != self.kept
