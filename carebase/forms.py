"""Forms limited to what their user may see, laid out in sections, that detect concurrent saves."""

import datetime as dt
import re
import uuid

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db.models import Q
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.dateparse import parse_date
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from carebase.search import is_searchable, make_searchable

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
ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def set_empty_label(field) -> None:
    """Replace Django's dashes by a label in words."""
    label = _("please choose") if field.required else _("not filled")
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == BLANK_LABEL:
            field.empty_label = label
    elif isinstance(field, forms.ChoiceField) and next(iter(field.choices), None) == BLANK_CHOICE:
        field.choices = [("", label), *list(field.choices)[1:]]


def parse_iso_date(value) -> dt.date | None:
    """Return the day that a date input posts, of whatever year; None for other spellings."""
    try:
        return parse_date(value)
    except (TypeError, ValueError):
        return None


def read_written_date(value) -> dt.date | None:
    """Return the day that a person wrote, as 2016年4月5日 or 2016.4.5: the `to_python` of every date field."""
    if value in EMPTY_VALUES:
        return None
    read = import_string(settings.DATE_READER)
    try:
        return parse_iso_date(value) or read(value)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from error


class DateInput(forms.DateInput):
    """The browser's date input, and a text input for what that cannot show again, such as a refused 2016-04."""

    input_type = "date"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if (shown := context["widget"]["value"]) and not ISO_DATE.fullmatch(shown):
            context["widget"]["type"] = "text"
        return context


def add_bootstrap_classes(form):
    """Prepare the widgets of `form` for Bootstrap, so that templates need only print the field; return the form."""
    for field in form.fields.values():
        set_empty_label(field)
        css = next(CSS_CLASSES[kind] for kind in type(field.widget).__mro__ if kind in CSS_CLASSES)
        if css:
            field.widget.attrs.setdefault("class", css)
        if isinstance(field, forms.DateField):
            field.widget = DateInput(field.widget.attrs, format="%Y-%m-%d")
            field.to_python = read_written_date
    return form


class ScopedForm(forms.BaseForm):
    """Limits every relation to what `user` may see, and lays the fields out in `sections`."""

    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    read_only = frozenset({"version", "form_token"})

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        for name, field in self.fields.items():
            queryset = getattr(field, "queryset", None)
            if queryset is not None and hasattr(queryset, "visible_to"):
                if is_searchable(field):
                    make_searchable(field)
                field.queryset = self.scoped_choices(name, queryset)
        add_bootstrap_classes(self)

    def scoped_choices(self, name: str, queryset):
        return queryset.visible_to(self.user)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.field_template = "includes/field.html"
        in_sections = {name for _legend, names in self.sections for name in names}
        rest = [name for name in self.fields if name not in in_sections]
        fieldsets = [
            Fieldset(str(legend), *[name for name in names if name in self.fields]) for legend, names in self.sections
        ]
        helper.layout = Layout(*fieldsets, *rest)
        return helper


class ScopedModelForm(ScopedForm, forms.ModelForm):
    """A form on one record, with a hidden one-time token for a new one, or the version that was read.

    `retained_fields` are relations whose current value stays valid even if the user may not choose it.
    """

    retained_fields: tuple[str, ...] = ()

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
        current = getattr(self.instance, f"{name}_id") if name in self.retained_fields else None
        return queryset.filter(Q(pk__in=visible.values("pk")) | Q(pk=current)) if current else visible

    def compared_fields(self) -> list[str]:
        return [name for name in self.fields if name not in self.read_only]


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a key that the database cannot hold is an invalid choice, not an error."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except (OverflowError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error


class MaskedWidget(forms.TextInput):
    """Shows the mask of the stored value as a placeholder, never the value itself."""

    mask = ""

    def format_value(self, value):
        return value if value != self.mask else ""

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, {**(attrs or {}), "placeholder": self.mask, "autocomplete": "off"})


class MaskedField(forms.CharField):
    """A value that is masked even to editors: empty input keeps it, "无" (none) clears it, other input replaces it."""

    widget = MaskedWidget
    CLEAR = {"无", "none", "None"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"required": False} | kwargs)
        self.stored_value = ""

    def set_stored_value(self, value: str, mask: str) -> None:
        self.stored_value, self.widget.mask = value or "", mask
        if self.stored_value:
            self.help_text = _("Leave empty to keep it; write 无 to remove it.")

    def clean(self, value):
        value = super().clean(value)
        if value in self.CLEAR:
            return ""
        return value or self.stored_value

    def has_changed(self, initial, data):
        return bool(data) and data != self.stored_value
