"""The rules for a row: what is refused, what is a warning, and which values follow."""

import datetime as dt
import re
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from registry import identity
from registry.cell_readers import DECEASED, UNKNOWN
from registry.census import PARENTS, PERSONS
from registry.codes.dates import YearMonth
from registry.codes.grades import age
from registry.codes.id_number import parse_id_number
from registry.codes.sex import sex_of_id
from registry.models import Division
from registry.sheets.derivation import OWN_PARENT, derive_values
from registry.sheets.fields import FIELDS
from registry.sheets.places import PlaceFinder

ERROR, WARNING = "error", "doubt"
EARLIEST_BIRTH = dt.date(1990, 1, 1)  # as in the constraint of Child
PLACE_NAMED = re.compile("[镇乡县市区村]|街道|社区|居委会")
SAME_PLACE = re.compile("[同与]户[籍口].{0,6}|同左")
OTHER_PARENT = {"father": "mother", "mother": "father"}


def validate_row(row, labels: dict[str, str], finder: PlaceFinder, on: dt.date, home: Division | None = None) -> None:
    """Add the notes of every rule and the values that follow; `labels` are the column labels by field.

    `home` is the village of rows that name none.
    """
    refused_columns = {column for column, _text, severity in row.notes if severity == ERROR}

    def note(name: str, text: str, severity: str = ERROR) -> None:
        label = labels.get(name) or (FIELDS[name].heading if name in FIELDS else "")
        if label in refused_columns:  # one problem per cell: an unreadable value is not missing as well
            return
        row.note(label, text, severity)
        if severity == ERROR:
            refused_columns.add(label)

    values = row.values
    resolve_birth_date(row, note)
    derive_values(values, partial(note, severity=WARNING), finder, finder.schools, on)
    validate_name(values, note)
    validate_identity(values, note, finder)
    validate_birth_date(values, note, on)
    validate_relatives(values, note)
    validate_place(values, note, finder, home or finder.default)
    validate_health(values, note)
    validate_guardianship(values, note, on)


def resolve_birth_date(row, note) -> None:
    """Let the ID number decide which date an ambiguous cell means, such as 15.6.1, or the number 2015.1."""
    if not row.unsure:
        return
    try:
        birth_date = parse_id_number(row.values.get("id_number") or "", on=timezone.localdate()).birth_date
    except ValueError:
        birth_date = None
    if birth_date and row.unsure.fits(birth_date):
        row.values["birth_date"] = birth_date
    else:
        note("birth_date", str(row.unsure))


def validate_name(values: dict, note) -> None:
    if values.get("name", "") in ("", DECEASED, UNKNOWN):
        values["name"] = ""
        note("name", _("The child's name is missing."))


def validate_identity(values: dict, note, finder: PlaceFinder) -> None:
    """Fill sex and birth date from a valid ID number where they are blank, and compare them where they are not."""
    number = values.get("id_number") or ""
    try:
        checked = parse_id_number(number, on=timezone.localdate()) if number else None
    except ValueError as error:
        note("id_number", str(error))
        values["birth_date"] = full_birth_date(values)
        return
    complete_birth_date(values, checked, note)
    if checked:
        number = values["id_number"] = checked.number
        values["sex"] = values.get("sex") or sex_of_id(checked.sex)
    values["id_reason"] = "" if checked else missing_number_reason(values, note)
    for name in ("sex", "birth_date"):
        if not values.get(name):
            note(name, _("It is missing, and there is no ID number to derive it from."))
    given = (number, values.get("sex"), values.get("birth_date"), values["id_reason"])
    problems = identity.identity_problems(*given, counties_near=finder.counties_near)
    for problem in problems:
        note(problem.field, problem.message, ERROR if problem.severity == identity.ERROR else WARNING)


def full_birth_date(values: dict) -> dt.date | None:
    birth = values.get("birth_date")
    return None if isinstance(birth, YearMonth) else birth


def validate_birth_date(values: dict, note, on: dt.date) -> None:
    birth = full_birth_date(values)
    if birth is None:
        return
    if birth > timezone.localdate():
        note("birth_date", _("The date of birth is in the future."))
    elif birth < EARLIEST_BIRTH:
        note("birth_date", _("With this date of birth the person is not a child. Please check it."))
    elif age(birth, on) >= 16:
        note("birth_date", _("The child has turned 16 by %(day)s.") % {"day": on.isoformat()}, WARNING)


def complete_birth_date(values: dict, checked, note) -> None:
    birth = values.get("birth_date")
    if isinstance(birth, YearMonth):
        same_month = checked and (checked.birth_date.year, checked.birth_date.month) == (birth.year, birth.month)
        values["birth_date"] = checked.birth_date if same_month else None
        if not same_month:
            note("birth_date", _("Only a month is given, and no ID number of that month shows the day."))
    elif birth is None and checked:
        values["birth_date"] = checked.birth_date


def missing_number_reason(values: dict, note) -> str:
    if values.get("hukou_registered") is False:
        return _("household not registered")
    note("id_number", _("There is no ID number. The file says that the sheet did not give one."), WARNING)
    return _("not given in the sheet")


def validate_relatives(values: dict, note) -> None:
    for name in ("father_id_number", "mother_id_number", "guardian_id_number"):
        if number := values.get(name):
            try:
                values[name] = parse_id_number(number, on=timezone.localdate()).number
            except ValueError as error:
                note(name, str(error))
    for person in PERSONS:
        birth_date = values.get(f"{person}_birth_date")
        child_born = values.get("birth_date")
        if birth_date and isinstance(child_born, dt.date) and birth_date >= child_born:
            note(f"{person}_birth_date", _("This person would be younger than the child."))


def validate_place(values: dict, note, finder: PlaceFinder, home: Division | None) -> None:
    """Find the village by the residence, or else by the registered residence."""
    residence, hukou_place = values.get("residence") or "", values.get("hukou_place") or ""
    if SAME_PLACE.fullmatch(residence) and hukou_place:
        residence = hukou_place
    lived_in, registered_in = finder.find(residence), finder.find(hukou_place)
    if home and not (lived_in or registered_in or PLACE_NAMED.search(residence + hukou_place)):
        lived_in = [home]
    villages = lived_in if len(lived_in) == 1 else registered_in if len(registered_in) == 1 else []
    group = values.pop("group_words", "")
    if not villages:
        note("residence", unknown_place_message(several=len(lived_in) > 1 or len(registered_in) > 1))
        return
    values["village"] = villages[0].code
    values["residence"] = add_group(residence, villages[0], group)
    if residence and not lived_in:
        note("residence", _("No village in your area is named here; the village of registration is used."), WARNING)
    if len(lived_in) == len(registered_in) == 1 and lived_in != registered_in:
        note("residence", _("The child does not live in the village of household registration."), WARNING)


def add_group(address: str, village: Division, group: str) -> str:
    """Return the address with the village group behind the village's name: 合心村2组36号."""
    if not group or group in address:
        return address
    group += "组" if group.isdecimal() else ""
    name = next((name for name in village.names if name in address), "")
    if re.search(r"\d组", address):
        return address
    return address.replace(name, name + group, 1) if name else f"{address or village.name}{group}"


def unknown_place_message(*, several: bool) -> str:
    if several:
        return _("More than one village has this name. Write the township before it.")
    return _("No village in your area is named here. Write township and village, as in 百里洲镇合心村.")


def validate_health(values: dict, note) -> None:
    condition = values.get("condition") or ""
    if values.get("disability") and condition != "disabled":
        note("disability", _("A disability is given, but the condition is not 残疾."))
    if condition == "disabled" and not values.get("disability"):
        note("disability", _("The disability category and grade are missing."), WARNING)
    if values.get("illness") and condition not in {"ill", "disabled"}:
        note("illness", _("An illness is given, but the condition is not 患病."))


def validate_guardianship(values: dict, note, on: dt.date) -> None:
    """Turn fields 32–34 into facts, and look for contradictions among 32–41."""
    both, one, unable = (values.get(name) for name in ("both_away", "one_away", "unable_parent"))
    if both and one:
        note("one_away", _("“Both away” and “one away” are both ticked; taken as both."), WARNING)
    elif one and not unable:
        note(
            "unable_parent",
            _("It does not say which parent cannot be guardian; it is recorded that one of them is away."),
            WARNING,
        )
        values["one_parent_away"] = on
    if both:
        values["father_away"] = values["mother_away"] = True
    elif one and unable:
        values[f"{OTHER_PARENT[unable]}_away"] = True
        values[f"{unable}_away"] = bool(values.get(f"{unable}_away"))  # 留守在家, by the printed note
    if unable:
        values[f"{unable}_able"] = False
        if not one:
            note("unable_parent", _("A parent cannot be guardian, but “one away” is not ticked."), WARNING)
    for parent in PARENTS:
        if values.get(f"{parent}_name") == DECEASED and values.pop(f"{parent}_away", None):
            note(f"{parent}_name", _("This parent has died and cannot be away; no absence is recorded."), WARNING)
    validate_guardian(values, note, nobody=bool(both or one) and values.get("entrusted") is False)


def validate_guardian(values: dict, note, *, nobody: bool) -> None:
    name = values.get("guardian_name") or ""
    if name in (DECEASED, UNKNOWN):
        values["guardian_name"] = name = ""
    if values.get("entrusted") and not name:
        note("guardian_name", _("A guardian was entrusted, but is not named."))
    if name and values.get("entrusted") is False and values.get("guardian_relation") not in OWN_PARENT:
        note("entrusted", _("A guardian is named, but item 35 says that none was entrusted."), WARNING)
    if nobody and values.get("assessment") not in (None, "", "poor"):
        note("assessment", _("There is no guardian, so by definition the assessment is 差."), WARNING)
