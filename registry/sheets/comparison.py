"""What a row of a sheet would change in the file of its child, blank by blank. An empty cell changes nothing."""

import datetime as dt
import json

from django.core.serializers.json import DjangoJSONEncoder

from registry import census, identity
from registry.child_file import ChildFile
from registry.models import Child, Division, Relative
from registry.places import township_span

# The blanks that are the child's own fields, by one name in the sheet's values and in the model.
OWN = tuple(
    name
    for name in ("name", "sex", "ethnicity", "birth_date", "id_number", "hukou_registered", "hukou_place")
    + ("hukou_rural", "residence", "condition", "illness", "boards", "schooling", "income", "relief")
    if name in {field.name for field in Child._meta.fields}
)
KEYS = {"village": "village_id", "school": "school_id", "school_class": "school_class_id"}
FOLLOWING = {"both_away", "one_away", "unable_parent"}  # stand in the file as the facts that they follow from
NAMES = {f"{person}_name": person for person in census.PERSONS}
EMPTY = (None, "", [])

Change = list  # [blank name, old value, new value]


def thaw(values: dict) -> dict:
    """Return values that were kept as JSON with their dates as dates again."""
    return {name: thawed(name, value) for name, value in values.items()}


def thawed(name: str, value):
    return dt.date.fromisoformat(value) if value and name.endswith(("birth_date", "_on")) else value


def frozen(changes: list[Change]) -> list[Change]:
    """Return changes as they come back from the database."""
    return json.loads(json.dumps(changes, cls=DjangoJSONEncoder))


def held(file: ChildFile) -> dict:
    """Return what the file holds, by the names and in the forms of a sheet's values."""
    child = file.child
    values = file.values() | {name: getattr(child, name) for name in OWN}
    values |= {name: getattr(child, key) for name, key in KEYS.items()}
    values["disability"] = [child.disability, child.disability_grade] if child.disability else None
    return values


def differences(file: ChildFile, given: dict) -> list[Change]:
    """Return what the values `given` by a sheet would change in the file, each as [blank name, old, new]."""
    before = held(file)
    new = {
        name: value
        for name, value in given.items()
        if name in before and name not in FOLLOWING and value not in EMPTY and not agrees(file, name, before, given)
    }
    what_follows(file, before, new)
    return [[name, before.get(name), value] for name, value in new.items()]


def agrees(file: ChildFile, name: str, before: dict, given: dict) -> bool:
    """Return whether the file says the same of a blank already, or has better reasons than the sheet."""
    old, value = before[name], given[name]
    match name:
        case "income" | "relief":
            return sorted(old) == sorted(value)
        case "disability":
            return bool(old) and old[0] == value[0] and value[1] in (None, old[1])
        case "sex" | "birth_date" if file.child.id_confirmed_by_id and given.get("id_number") == before["id_number"]:
            return True  # somebody answers for it that they differ from the number
        case "village" if not given.get("residence"):
            return True  # it was only taken for the children whose rows name none
        case "father_away" | "mother_away":
            return bool(old) == value
    if name in NAMES:
        return old == value or is_already_known(file, NAMES[name], old, value)
    if name.endswith(("_left_on", "_cross_county")):
        parent = name.partition("_")[0]
        return old == value or not (given.get(f"{parent}_away") or before[f"{parent}_away"])
    return old == value


def is_already_known(file: ChildFile, person: str, old: str, value: str) -> bool:
    """Return whether the paper only says "unknown" of a known relative, or "died" of one recorded so with the name."""
    relative = file.relatives.get(census.PERSONS[person])
    dead = relative is not None and relative.state == Relative.State.DECEASED
    return bool(old) and value == census.UNKNOWN or dead and value == census.DECEASED


def what_follows(file: ChildFile, before: dict, new: dict) -> None:
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
        for name in census.GUARDIAN:
            if before[name] not in EMPTY and name not in new:
                new[name] = None


def contradiction(file: ChildFile, changes: list[Change]) -> str:
    """Return why the file could not stand with these changes: sex or date of birth against the number; or ""."""
    new = {name: value for name, _old, value in changes}
    if not new.keys() & {"sex", "birth_date", "id_number"}:
        return ""
    after = held(file) | {"id_reason": file.child.id_reason} | new
    found = identity.identity_problems(after["id_number"], after["sex"], after["birth_date"], after["id_reason"])
    return next((problem.message for problem in found if problem.severity == identity.ERROR), "")


def write(file: ChildFile, changes: list[Change], *, by, on: dt.date) -> None:
    """Save the changes in the file, as of the day `on`: one version of it. Call it in the transaction of the import."""
    child, new = file.child, {name: thawed(name, value) for name, _old, value in changes}
    for name in OWN:
        if name in new:
            setattr(child, name, new[name])
    for name, key in KEYS.items():
        if name in new:
            setattr(child, key, new[name])
    if "disability" in new:
        child.disability, child.disability_grade = new["disability"] or ("", None)
    if "id_reason" in new:
        child.id_reason = new["id_reason"]
    if new.keys() & {"sex", "birth_date", "id_number"}:
        identity.confirm(child, by=by)
    child.save()
    values = file.values()
    if new.get("guardian_name") and values["guardian_name"] and on > values["guardian_since"]:
        new["guardian_since"] = on
    file.write(values | new, on=on)


def files_of(keys, by, *, lock: bool = False) -> dict[int, ChildFile]:
    """Return, by key, the files of those children whom `by` may see, read together; locked until the end if asked."""
    children = Child.objects.visible_to(by).filter(pk__in=keys)
    if lock:
        children = children.select_for_update(of=("self",))
    children = children.prefetch_related("relatives", "absences", "guardianships", "school_class__school")
    return {child.pk: ChildFile(child) for child in children}


def offices_of(keys) -> dict[int, str]:
    """Return, by the key of a child, the name of the office to ask about it: its school, or else its township."""
    places = Child._base_manager.filter(pk__in=keys).values_list("pk", "village_id", "school__name")
    townships = {key: township_span(village)[0] for key, village, _school in places}
    names = dict(Division.objects.filter(pk__in=set(townships.values())).values_list("code", "name"))
    return {key: school or names.get(townships[key], "") for key, _village, school in places}
