"""The forms of the admin: narrowed to what their user may see, masked, and aware of others' saves."""

import uuid

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, OuterRef, Q
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from django.utils.crypto import salted_hmac
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from carebase import conflicts
from carebase.encryption.masks import mask
from carebase.forms import MaskedField, set_empty_label
from carebase.models import Record
from carebase.search import label_of


def choosable_rows(model, user):
    """Return the rows of `model` that `user` may choose; a model without a row rule is refused.

    Divisions are narrowed to those one's own posting reaches: the desk files nothing for the neighbours.
    """
    queryset = model.objects.all() if hasattr(model, "objects") else None
    rule = getattr(queryset, "governed_by", None) or getattr(queryset, "visible_to", None)
    if rule is None:
        raise ImproperlyConfigured(f"{model.__name__} has no visible_to; the admin cannot offer it.")
    return rule(user)


def version_token(obj) -> str:
    """Return what changes with every save of `obj`: its version, or a keyed hash of its values where it has none."""
    if isinstance(obj, Record):
        return str(obj.version)
    values = [getattr(obj, field.attname) for field in obj._meta.concrete_fields if field.name not in obj.untracked]
    return salted_hmac("carebase.admin.site.version", repr(values)).hexdigest()[:32]


class ScopedChoiceField(ModelChoiceField):
    def label_from_instance(self, obj):
        return label_of(obj) if getattr(obj, "in_scope", True) else _("as recorded (outside your office)")


class ScopedMultipleChoiceField(ModelMultipleChoiceField):
    def label_from_instance(self, obj):
        return label_of(obj)


class AdminForm(forms.ModelForm):
    """A form or a row of a formset; `user`, `is_main` and `refusal` are set on the class that each request makes."""

    user = None
    is_main = False
    refusal = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            set_empty_label(field)
            if isinstance(field, ScopedChoiceField):
                self.keep_current(name, field)
            elif isinstance(field, MaskedField):
                value = getattr(self.instance, name)
                self.initial[name] = ""  # the page never holds the stored value
                field.keep(value, mask(name, value))
        if self.is_main:
            self.add_hidden()

    def keep_current(self, name: str, field: ScopedChoiceField) -> None:
        """Let what is recorded stay recorded when it lies outside one's office, without telling its name."""
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
    """One input in two versions: what was posted, and what is stored now."""

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
    """Return every visible input of a posted form and of its formsets' existing rows beside the stored version."""
    found = []
    rows = [
        (row, f"{formset.model._meta.verbose_name} {number}")
        for formset in formsets
        for number, row in enumerate(formset.initial_forms, 1)
    ]
    for mine, heading in [(form, ""), *rows]:
        if mine.instance._state.adding:
            continue  # deleted by the other
        theirs = type(mine)(instance=mine.instance, prefix=mine.prefix)
        found += [FieldPair(mine[name], theirs[name], heading) for name in theirs.fields if is_compared(theirs[name])]
    return found


def is_compared(bound) -> bool:
    """Return whether two people may differ in this input; a list posted with what it was is merged instead."""
    merged = isinstance(bound.field, ScopedMultipleChoiceField) and bound.field.show_hidden_initial
    return not bound.is_hidden and not merged


def display_bound_field(bound) -> str:
    """Return the value of an input in words."""
    if isinstance(bound.field.widget, forms.NullBooleanSelect):
        chosen = bound.field.widget.format_value(bound.value())
        return str(dict(bound.field.widget.choices).get(chosen, ""))
    return conflicts.display_bound_field(bound)


def apply_choices(data, inputs: list[FieldPair]):
    """Return the posted data in which every input chosen as "theirs" has the value that is stored now."""
    data = data.copy()
    for pair in inputs:
        if data.get(conflicts.CHOICE_PREFIX + pair.name) == "theirs":
            conflicts.overrule(data, pair.name, posted_values(pair.theirs))
    return data


def posted_values(bound) -> list[str]:
    """Return the values of an input as a browser would post them."""
    if isinstance(bound.field.widget, forms.NullBooleanSelect):
        return [bound.field.widget.format_value(bound.value())]
    return conflicts.posted_values(bound)


def conflict_context(obj, data, rows: list[dict]) -> dict:
    """Return what generic/conflict.html shows of a save that came too late."""
    base = data.get("version", "")
    later = (
        conflicts.changes_since(obj, int(base))
        if isinstance(obj, Record) and base.isdecimal() and len(base) < 10
        else []
    )
    kept = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if not name.startswith(conflicts.CHOICE_PREFIX) and name not in {"csrfmiddlewaretoken", "version"}
    ]
    return {
        "title": _("Somebody else saved this record"),
        "rows": rows,
        "form_hidden": format_html_join("", '<input type="hidden" name="{}" value="{}">', kept),
        "version": version_token(obj),
        "changed_by": later[-1].user.name if later and later[-1].user else "",
        "changed_at": later[-1].at if later else None,
    }
