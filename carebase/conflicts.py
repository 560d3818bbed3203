"""Concurrent edits: where a stale save differs from the stored version, and the user's choice between the two."""

from collections.abc import Sequence

from django.db.models import Q
from django.forms import BoundField, ModelChoiceField, ModelMultipleChoiceField
from django.utils.choices import flatten_choices
from django.utils.html import format_html_join

from carebase.audit.models import Action, Event
from carebase.models import Record
from carebase.search import display_choice

CHOICE_PREFIX = "choose-"
DIFFERING_FIELDS = "differs"  # the fields on the conflict page


def posted_values(bound: BoundField) -> list[str]:
    """Return the values of a field as a browser would post them."""
    value = bound.value()
    if value is True:
        return ["on"]
    if value is None or value is False:
        return []
    formatted = bound.field.widget.format_value(value)
    if isinstance(formatted, (list, tuple)):
        return [str(item) for item in formatted if item not in (None, "")]
    return [str(formatted)] if formatted not in (None, "") else []


def display_bound_field(bound: BoundField) -> str:
    if hasattr(bound.field.widget, "mask"):
        return "••••" if bound.value() or bound.field.widget.mask else ""
    if hasattr(bound.field.widget, "check_test"):
        return "✓" if bound.value() else ""
    if isinstance(bound.field, ModelChoiceField) and not isinstance(bound.field, ModelMultipleChoiceField):
        return display_choice(bound.field, bound.value())
    values = posted_values(bound)
    if hasattr(bound.field, "choices"):
        labels = {str(value): str(label) for value, label in flatten_choices(bound.field.choices)}
        values = [labels.get(value, value) for value in values]
    return "、".join(values)


def apply_choices(data, current_form):
    """Return the posted data with the stored value in every field chosen as "theirs"."""
    data = data.copy()
    for name in current_form.compared_fields():
        if data.get(CHOICE_PREFIX + name) == "theirs":
            replace_posted(data, current_form[name].html_name, posted_values(current_form[name]))
    return data


def replace_posted(data, name: str, values: list[str]) -> None:
    """Replace the posted values of a field, including the words of a search field."""
    data.setlist(name, values)
    data.pop(f"{name}-words", None)


def posted_version(data) -> int | None:
    """Return the version that the form was read in, or None if it is no valid number."""
    base = data.get("version", "")
    return int(base) if base.isdecimal() and len(base) < 10 else None


def is_undecided(data) -> bool:
    return any(data.get(CHOICE_PREFIX + name) not in {"mine", "theirs"} for name in data.getlist(DIFFERING_FIELDS))


def conflict_context(mine, current, record: Record, base_version: int) -> dict:
    """Return the context of the conflict page: each differing field with both values."""
    later = changes_since(record, base_version)
    own_fields = set(mine._meta.fields)
    changed_fields = {field for event in later for field in event.changes if event.object_code == record.code}
    rows = []
    for name in mine.compared_fields():
        if not mine.fields[name].has_changed(current[name].value(), mine[name].value()):
            continue
        rows.append(
            {
                "name": name,
                "label": mine.fields[name].label,
                "mine": display_bound_field(mine[name]),
                "theirs": display_bound_field(current[name]),
                # Preselected only where nobody else has changed the field; never for fields in rows of their own
                # (the family, a counselling note), of which the events say nothing.
                "choice": "mine" if later and name in own_fields - changed_fields else "",
            }
        )
    return page_context(mine.data, rows, record.version, later, [(DIFFERING_FIELDS, row["name"]) for row in rows])


def page_context(data, rows: list[dict], version, later: list[Event], hidden: Sequence[tuple[str, str]] = ()) -> dict:
    """Return the context of generic/conflict.html, with `hidden` and all posted values as hidden fields."""
    posted = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if not name.startswith(CHOICE_PREFIX) and name not in {"csrfmiddlewaretoken", "version", DIFFERING_FIELDS}
    ]
    return {
        "rows": rows,
        "form_hidden": format_html_join("", '<input type="hidden" name="{}" value="{}">', [*posted, *hidden]),
        "version": version,
        "changed_by": later[-1].user.name if later and later[-1].user else "",
        "changed_at": later[-1].at if later else None,
    }


def changes_since(record: Record, version: int) -> list[Event]:
    """Return the changes to a record and its parts saved after `version`, oldest first."""
    own = Q(model=record._meta.label_lower, object_code=record.code, action=Action.CHANGE, detail__version__gt=version)
    parts = Q(subject=record.code, detail__file_version__gt=version)
    return list(Event.objects.filter(own | parts).select_related("user").order_by("pk"))
