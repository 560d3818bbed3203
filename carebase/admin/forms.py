"""The forms of the admin: limited to what their user may see, masked, and aware of concurrent saves."""

import uuid

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, OuterRef, Q
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from carebase import conflicts
from carebase.encryption.masks import mask
from carebase.forms import MaskedField, read_written_date, set_empty_label
from carebase.models import Record
from carebase.search import choice_label


def choosable_rows(model, user):
    """Return the rows of `model` that `user` may choose; a model without a row rule is refused.

    Divisions are limited to those of the user's own postings, without the neighbours.
    """
    queryset = model.objects.all() if hasattr(model, "objects") else None
    rule = getattr(queryset, "governed_by", None) or getattr(queryset, "visible_to", None)
    if rule is None:
        raise ImproperlyConfigured(f"{model.__name__} has no visible_to; the admin cannot offer it.")
    return rule(user)


def version_token(obj) -> str:
    """Return the version of `obj`, or a keyed hash of its values where it has none."""
    if isinstance(obj, Record):
        return str(obj.version)
    values = [getattr(obj, field.attname) for field in obj._meta.concrete_fields if field.name not in obj.untracked]
    return salted_hmac("carebase.admin.site.version", repr(values)).hexdigest()[:32]


class ScopedChoiceField(ModelChoiceField):
    def label_from_instance(self, obj):
        return choice_label(obj) if getattr(obj, "in_scope", True) else _("as recorded (outside your area)")


class ScopedMultipleChoiceField(ModelMultipleChoiceField):
    def label_from_instance(self, obj):
        return choice_label(obj)


class AdminForm(forms.ModelForm):
    """A form or a row of a formset. Each request sets `user`, `is_main` and `refusal` on a class of its own."""

    user = None
    is_main = False
    refusal = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            set_empty_label(field)
            if isinstance(field, ScopedChoiceField):
                self.keep_current(name, field)
            elif isinstance(field, forms.DateField):
                field.to_python = read_written_date
            elif isinstance(field, MaskedField):
                value = getattr(self.instance, name)
                self.initial[name] = ""  # the page never holds the stored value
                field.set_stored_value(value, mask(name, value))
        if self.is_main:
            self.add_hidden()

    def keep_current(self, name: str, field: ScopedChoiceField) -> None:
        """Let the current value stay valid when it is out of scope, without showing its name."""
        current = self.initial.get(name)
        if self.instance._state.adding or current in (None, ""):
            return
        visible = field.queryset.order_by().values("pk")
        rows = field.queryset.model.objects.filter(Q(pk__in=visible) | Q(pk=current))
        inside = Exists(rows.model._base_manager.filter(pk__in=visible, pk=OuterRef("pk")))
        field.queryset = rows.annotate(in_scope=inside)

    def add_hidden(self) -> None:
        name, initial = ("form_token", lambda: uuid.uuid4().hex)
        if not self.instance._state.adding:
            name, initial = "version", version_token(self.instance)
        self.fields[name] = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False, initial=initial)

    def clean(self):
        if self.refusal:
            self.add_error(None, self.refusal)
        return super().clean()


class FieldPair:
    """A field with its posted and its stored value."""

    def __init__(self, mine, theirs, heading: str):
        self.mine, self.theirs, self.name = mine, theirs, mine.html_name
        self.label = f"{heading} · {mine.label}" if heading else str(mine.label)

    @property
    def differs(self) -> bool:
        return self.mine.field.has_changed(self.theirs.value(), self.mine.value())

    def row(self) -> dict:
        return {
            "name": self.name,
            "label": self.label,
            "mine": display_bound_field(self.mine),
            "theirs": display_bound_field(self.theirs),
            "choice": "",
        }


def field_pairs(form, formsets) -> list[FieldPair]:
    """Return the pairs of all visible fields of a posted form and of the existing rows of its formsets."""
    pairs = []
    rows = [
        (row, f"{formset.model._meta.verbose_name} {number}")
        for formset in formsets
        for number, row in enumerate(formset.initial_forms, 1)
    ]
    for mine, heading in [(form, ""), *rows]:
        if mine.instance._state.adding:
            continue  # deleted by somebody else
        theirs = type(mine)(instance=mine.instance, prefix=mine.prefix)
        pairs += [FieldPair(mine[name], theirs[name], heading) for name in theirs.fields if is_compared(theirs[name])]
    return pairs


def is_compared(bound) -> bool:
    """Return whether users are asked about this field; a list posted with its initial value is merged instead."""
    merged = isinstance(bound.field, ScopedMultipleChoiceField) and bound.field.show_hidden_initial
    return not bound.is_hidden and not merged


def display_bound_field(bound) -> str:
    if isinstance(bound.field.widget, forms.NullBooleanSelect):
        chosen = bound.field.widget.format_value(bound.value())
        return str(dict(bound.field.widget.choices).get(chosen, ""))
    return conflicts.display_bound_field(bound)


def apply_choices(data, pairs: list[FieldPair]):
    data = data.copy()
    for pair in pairs:
        if data.get(conflicts.CHOICE_PREFIX + pair.name) == "theirs":
            conflicts.replace_posted(data, pair.name, posted_values(pair.theirs))
    return data


def posted_values(bound) -> list[str]:
    if isinstance(bound.field.widget, forms.NullBooleanSelect):
        return [bound.field.widget.format_value(bound.value())]
    return conflicts.posted_values(bound)


def conflict_context(obj, data, rows: list[dict]) -> dict:
    version = conflicts.posted_version(data) if isinstance(obj, Record) else None
    later = [] if version is None else conflicts.changes_since(obj, version)
    title = {"title": _("Somebody else saved this record")}
    return title | conflicts.page_context(data, rows, version_token(obj), later)
