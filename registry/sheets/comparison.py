"""What a row of a sheet would change in the file of its child, field by field. An empty cell changes nothing."""

import datetime as dt
import json

from django.core.serializers.json import DjangoJSONEncoder

from registry import census, identity
from registry.cell_readers import DECEASED, UNKNOWN
from registry.child_file import ChildFile
from registry.models import Child, Division, Relative
from registry.places import township_span

# The columns of the child itself by the names of their fields; kind and grade of a disability are one value in a sheet.
CHILD_COLUMNS = {
    field.name: field.column.attname
    for field in census.FIELDS
    if field.model is Child and field.name not in ("disability", "disability_grade")
}
CONVERTERS = {name: field.column.to_python for name, field in census.BY_NAME.items() if field.column}
del CONVERTERS["disability"]
COMPUTED_FIELDS = {
    field.name for field in census.FIELDS if field.computed
}  # stand in the file as what they follow from
NAME_FIELDS = {f"{person}_name": person for person in census.PERSONS}
EMPTY_VALUES = (None, "", [])

Change = list  # [field name, old value, new value]


def parse_stored_values(values: dict) -> dict:
    """Return values that were kept as JSON with their dates as dates again."""
    return {name: parse_stored_value(name, value) for name, value in values.items()}


def parse_stored_value(name: str, value):
    return CONVERTERS[name](value) if name in CONVERTERS and value is not None else value


def as_stored(changes: list[Change]) -> list[Change]:
    """Return changes as they come back from the database."""
    return json.loads(json.dumps(changes, cls=DjangoJSONEncoder))


def values_of_file(file: ChildFile) -> dict:
    """Return what the file holds, by the names and in the forms of a sheet's values."""
    child = file.child
    values = file.values() | {name: getattr(child, column) for name, column in CHILD_COLUMNS.items()}
    values["disability"] = [child.disability, child.disability_grade] if child.disability else None
    return values


def find_changes(file: ChildFile, given: dict) -> list[Change]:
    """Return what the values `given` by a sheet would change in the file, each as [field name, old, new]."""
    before = values_of_file(file)
    new = {
        name: value
        for name, value in given.items()
        if name in before
        and name not in COMPUTED_FIELDS
        and value not in EMPTY_VALUES
        and not is_same_value(file, name, before, given)
    }
    add_consequences(file, before, new)
    return [[name, before.get(name), value] for name, value in new.items()]


def is_same_value(file: ChildFile, name: str, before: dict, given: dict) -> bool:
    """Return whether the file says the same of a blank already, or has better reasons than the sheet."""
    old, value = before[name], given[name]
    match name:
        case "id_reason":
            return True  # it is given with a missing number, which changes nothing
        case "disability":
            return bool(old) and old[0] == value[0] and value[1] in (None, old[1])
        case "sex" | "birth_date" if file.child.id_confirmed_by_id and given.get("id_number") == before["id_number"]:
            return True  # somebody answers for it that they differ from the number
        case "village" if not given.get("residence"):
            return True  # it was only taken for the children whose rows name none
        case "father_away" | "mother_away":
            return bool(old) == value
    if isinstance(value, list):
        return sorted(old) == sorted(value)
    if name in NAME_FIELDS:
        return old == value or is_already_known(file, NAME_FIELDS[name], old, value)
    if name.endswith(("_left_on", "_cross_county")):
        parent = name.partition("_")[0]
        return old == value or not (given.get(f"{parent}_away") or before[f"{parent}_away"])
    return old == value


def is_already_known(file: ChildFile, person: str, old: str, value: str) -> bool:
    """Return whether the paper only says "unknown" of a known relative, or "died" of one recorded so with the name."""
    relative = file.relatives.get(census.PERSONS[person])
    dead = relative is not None and relative.state == Relative.State.DECEASED
    return bool(old) and value == UNKNOWN or dead and value == DECEASED


def add_consequences(file: ChildFile, before: dict, new: dict) -> None:
    """Add to the `new` values those that cannot stand beside them any more."""
    condition = new.get("condition")
    if condition and condition != "disabled" and before["disability"]:
        new["disability"] = None
    if condition == "healthy" and before["illness"]:
        new["illness"] = ""
    if new.get("id_number") and file.child.id_reason and not before["id_number"]:
        new["id_reason"] = ""
    if new.get("school") and before["school_class"] and "school_class" not in new:
        new["school_class"] = None
    if new.get("guardian_name") and before["guardian_name"]:  # what is known of the one before is not this one's
        for name in census.GUARDIAN_COLUMNS:
            if before[name] not in EMPTY_VALUES and name not in new:
                new[name] = None


def find_contradiction(file: ChildFile, changes: list[Change]) -> str:
    """Return why the file could not stand with these changes: sex or date of birth against the number; or ""."""
    new = {name: value for name, _old, value in changes}
    if not new.keys() & {"sex", "birth_date", "id_number"}:
        return ""
    after = values_of_file(file) | new
    found = identity.identity_problems(after["id_number"], after["sex"], after["birth_date"], after["id_reason"])
    return next((problem.message for problem in found if problem.severity == identity.ERROR), "")


def write_changes(file: ChildFile, changes: list[Change], *, by, on: dt.date) -> None:
    """Save the changes in the file, as of the day `on`: one version of it. Call it in the transaction of the import."""
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


def load_child_files(keys, by, *, lock: bool = False) -> dict[int, ChildFile]:
    """Return, by key, the files of those children whom `by` may see, read together; locked until the end if asked."""
    children = Child.objects.visible_to(by).filter(pk__in=keys)
    if lock:
        children = children.select_for_update(of=("self",))
    children = children.prefetch_related("relatives", "absences", "guardianships", "school_class__school")
    return {child.pk: ChildFile(child) for child in children}


def load_office_names(keys) -> dict[int, str]:
    """Return, by the key of a child, the name of the office to ask about it: its school, or else its township."""
    places = Child._base_manager.filter(pk__in=keys).values_list("pk", "village_id", "school__name")
    townships = {key: township_span(village)[0] for key, village, _school in places}
    names = dict(Division.objects.filter(pk__in=set(townships.values())).values_list("code", "name"))
    return {key: school or names.get(townships[key], "") for key, _village, school in places}
