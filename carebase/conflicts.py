"""Two people, one file: what a stale save and the saved version differ in, and the person's choice between them."""

from django.db.models import Q
from django.forms import BoundField, ModelChoiceField, ModelMultipleChoiceField
from django.utils.html import format_html_join

from carebase.audit.models import Action, Event
from carebase.models import Record
from carebase.search import in_words

CHOICE_PREFIX = "choose-"
DIFFERING_FIELDS = "differs"  # the fields that a conflict page asked about


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
    """Return the value of a field in words."""
    if hasattr(bound.field.widget, "mask"):
        return "••••" if bound.value() or bound.field.widget.mask else ""
    if hasattr(bound.field.widget, "check_test"):
        return "✓" if bound.value() else ""
    if isinstance(bound.field, ModelChoiceField) and not isinstance(bound.field, ModelMultipleChoiceField):
        return in_words(bound.field, bound.value())
    values = posted_values(bound)
    if hasattr(bound.field, "choices"):
        labels = {str(value): str(label) for value, label in bound.field.choices}
        values = [labels.get(value, value) for value in values]
    return "、".join(values)


def apply_choices(data, current_form):
    """Return the posted data in which every field chosen as "theirs" has the value that is saved now."""
    data = data.copy()
    for name in current_form.compared():
        if data.get(CHOICE_PREFIX + name) == "theirs":
            overrule(data, current_form[name].html_name, posted_values(current_form[name]))
    return data


def overrule(data, name: str, values: list[str]) -> None:
    """Put `values` in the place of what was posted for a field, the words of a search field included."""
    data.setlist(name, values)
    data.pop(f"{name}-words", None)


def posted_version(data) -> int | None:
    """Return the version that a form was read in; None when it names none that a record could have."""
    base = data.get("version", "")
    return int(base) if base.isdecimal() and len(base) < 10 else None


def is_undecided(data) -> bool:
    """Return whether a conflict page was sent without a choice for each field that it asked about."""
    return any(data.get(CHOICE_PREFIX + name) not in {"mine", "theirs"} for name in data.getlist(DIFFERING_FIELDS))


def conflict_context(mine, current, record: Record, base_version: int) -> dict:
    """Return what generic/conflict.html shows: each differing field with both values, and the rest that was typed."""
    later = changes_since(record, base_version)
    own = {field.name for field in record._meta.concrete_fields}
    touched = {field for event in later for field in event.changes if event.object_code == record.code}
    rows = []
    for name in mine.compared():
        if not mine.fields[name].has_changed(current[name].value(), mine[name].value()):
            continue
        rows.append(
            {
                "name": name,
                "label": mine.fields[name].label,
                "mine": display_bound_field(mine[name]),
                "theirs": display_bound_field(current[name]),
                # Only where nobody else has written is the answer plain; otherwise, and where the field is kept in
                # rows of its own (the family), the person chooses.
                "choice": "mine" if later and name in own - touched else "",
            }
        )
    kept = [
        (name, value)
        for name, values in mine.data.lists()
        for value in values
        if not name.startswith(CHOICE_PREFIX) and name not in {"csrfmiddlewaretoken", "version", DIFFERING_FIELDS}
    ]
    kept += [(DIFFERING_FIELDS, row["name"]) for row in rows]
    return {
        "rows": rows,
        "form_hidden": format_html_join("", '<input type="hidden" name="{}" value="{}">', kept),
        "version": record.version,
        "changed_by": later[-1].user.name if later and later[-1].user else "",
        "changed_at": later[-1].at if later else None,
    }


def changes_since(record: Record, version: int) -> list[Event]:
    """Return the changes of a record and of its parts saved after `version`, oldest first."""
    own = Q(model=record._meta.label_lower, object_code=record.code, action=Action.CHANGE, detail__version__gt=version)
    parts = Q(subject=record.code, detail__file_version__gt=version)
    return list(Event.objects.filter(own | parts).select_related("user").order_by("pk"))
