"""What a row of a sheet would change in the child's file, field by field. An empty cell changes nothing."""

import datetime as dt
import json

from django.core.serializers.json import DjangoJSONEncoder

from registry import census, identity
from registry.cell_readers import DECEASED, UNKNOWN
from registry.child_file import ChildFile
from registry.models import Child, Division, Relative
from registry.places import township_span

# The model columns of the child by field name; in a sheet, kind and grade of a disability are one value.
CHILD_COLUMNS = {
    field.name: field.column.attname
    for field in census.FIELDS
    if field.model is Child and field.name not in ("disability", "disability_grade")
}
IMPORT_CHILD = "registry.import_child"
CONVERTERS = {name: field.column.to_python for name, field in census.BY_NAME.items() if field.column}
del CONVERTERS["disability"]
COMPUTED_FIELDS = {field.name for field in census.FIELDS if field.computed}  # the file holds what they follow from
NAME_FIELDS = {f"{person}_name": person for person in census.PERSONS}
EMPTY_VALUES = (None, "", [])

Change = list  # [field name, old value, new value]


def parse_stored_values(values: dict) -> dict:
    """Return values that were stored as JSON, with dates parsed."""
    return {name: parse_stored_value(name, value) for name, value in values.items()}


def parse_stored_value(name: str, value):
    return CONVERTERS[name](value) if name in CONVERTERS and value is not None else value


def as_stored(changes: list[Change]) -> list[Change]:
    """Return changes as they come back from the database."""
    return json.loads(json.dumps(changes, cls=DjangoJSONEncoder))


def values_of_file(file: ChildFile) -> dict:
    """Return the values of the file, named and shaped as those of a sheet."""
    child = file.child
    values = file.values() | {name: getattr(child, column) for name, column in CHILD_COLUMNS.items()}
    values["disability"] = [child.disability, child.disability_grade] if child.disability else None
    return values


def find_changes(file: ChildFile, values: dict) -> list[Change]:
    """Return what the values of a sheet would change in the file, each as [field name, old, new]."""
    current = values_of_file(file)
    changed = {
        name: value
        for name, value in values.items()
        if name in current
        and name not in COMPUTED_FIELDS
        and value not in EMPTY_VALUES
        and not (name in values.get("presumed", ()) and current[name] not in EMPTY_VALUES)
        and not is_same_value(file, name, current, values)
    }
    add_consequences(file, current, changed)
    return [[name, current.get(name), value] for name, value in changed.items()]


def is_same_value(file: ChildFile, name: str, current: dict, values: dict) -> bool:
    """Return whether the file already has this value, or a reason to keep its own."""
    old, value = current[name], values[name]
    match name:
        case "id_reason":
            return True  # it only comes with a missing number, which changes nothing
        case "disability":
            return bool(old) and old[0] == value[0] and value[1] in (None, old[1])
        case "sex" | "birth_date" if file.child.id_confirmed_by_id and values.get("id_number") == current["id_number"]:
            return True  # somebody confirmed that they differ from the number
        case "village" if not values.get("residence"):
            return True  # it is only the default of rows that name none
        case "father_away" | "mother_away":
            return old == value or stays_dead(file, name.removesuffix("_away"), values)
        case "one_parent_away":
            return bool(old or current["father_away"] or current["mother_away"])
    if isinstance(value, list):
        return sorted(old) == sorted(value)
    if name in NAME_FIELDS:
        return old == value or is_already_known(file, NAME_FIELDS[name], old, value)
    if name.endswith(("_left_on", "_cross_county")):
        parent = name.partition("_")[0]
        return old == value or not (values.get(f"{parent}_away") or current[f"{parent}_away"])
    return old == value


def stays_dead(file: ChildFile, person: str, values: dict) -> bool:
    """Return whether a parent is recorded as deceased and the sheet names nobody instead."""
    dead = file.facts.parents[census.PERSONS[person]].dead
    return dead and values.get(f"{person}_name") in (None, "", DECEASED, UNKNOWN)


def is_already_known(file: ChildFile, person: str, old: str, value: str) -> bool:
    """Return whether the sheet only says "unknown" of a known relative, or "died" of one recorded as deceased."""
    relative = file.relatives.get(census.PERSONS[person])
    dead = relative is not None and relative.state == Relative.State.DECEASED
    return bool(old) and value == UNKNOWN or dead and value == DECEASED


def add_consequences(file: ChildFile, current: dict, changed: dict) -> None:
    """Clear the values that contradict the `changed` ones, by adding them there."""
    condition = changed.get("condition")
    if condition and condition != "disabled" and current["disability"]:
        changed["disability"] = None
    if condition == "healthy" and current["illness"]:
        changed["illness"] = ""
    if changed.get("id_number") and file.child.id_reason and not current["id_number"]:
        changed["id_reason"] = ""
    if changed.get("guardian_name") and current["guardian_name"]:  # clear what belongs to the previous guardian
        for name in census.GUARDIAN_COLUMNS:
            if current[name] not in EMPTY_VALUES and name not in changed:
                changed[name] = None


def find_contradiction(file: ChildFile, changes: list[Change]) -> str:
    """Return why the file would be invalid with these changes (sex or birth date against the ID number), or ""."""
    new = {name: value for name, _old, value in changes}
    if not new.keys() & {"sex", "birth_date", "id_number"}:
        return ""
    after = values_of_file(file) | new
    problems = identity.identity_problems(after["id_number"], after["sex"], after["birth_date"], after["id_reason"])
    return next((problem.message for problem in problems if problem.severity == identity.ERROR), "")


def write_changes(file: ChildFile, changes: list[Change], *, by, on: dt.date) -> None:
    """Save the changes as of the day `on`, as one version of the file, inside the transaction of the import."""
    child, new = file.child, {name: parse_stored_value(name, value) for name, _old, value in changes}
    for name in CHILD_COLUMNS.keys() & new:
        setattr(child, CHILD_COLUMNS[name], new[name])
    if "disability" in new:
        child.disability, child.disability_grade = new["disability"] or ("", None)
    if new.keys() & {"sex", "birth_date", "id_number"}:
        identity.set_confirmed_by(child, by=by)
    child.save()
    values = file.values()
    if new.get("guardian_name") and values["guardian_name"] and on > values["guardian_since"]:
        new["guardian_since"] = on
    file.write(values | new, on=on)


def load_child_files(keys, by, permission: str = IMPORT_CHILD, *, lock: bool = False) -> dict[int, ChildFile]:
    """Return the files on which `by` may use the permission, by key; locked until the transaction ends if asked."""
    children = Child.objects.permitted_to(by, permission).filter(pk__in=keys)
    if lock:
        children = children.select_for_update(of=("self",))
    children = children.prefetch_related("relatives", "absences", "guardianships", "school_class__school")
    return {child.pk: ChildFile(child) for child in children}


def load_office_names(keys) -> dict[int, str]:
    """Return, by the key of a child, the name of its school, or else of its township: whom to ask about it."""
    places = Child._base_manager.filter(pk__in=keys).values_list("pk", "village_id", "school__name")
    townships = {key: township_span(village)[0] for key, village, _school in places}
    names = dict(Division.objects.filter(pk__in=set(townships.values())).values_list("code", "name"))
    return {key: school or names.get(townships[key], "") for key, _village, school in places}
