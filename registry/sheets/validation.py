"""Whether what a row says can be so: what is refused, what is only doubtful, and what follows from it."""

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
EARLIEST_BIRTH = dt.date(1990, 1, 1)  # as the database says of children
PLACE_NAMED = re.compile("[镇乡县市区村]|街道|社区|居委会")
SAME_PLACE = re.compile("[同与]户[籍口].{0,6}|同左")
OTHER_PARENT = {"father": "mother", "mother": "father"}


def validate_row(row, labels: dict[str, str], finder: PlaceFinder, on: dt.date, home: Division | None = None) -> None:
    """Add to `row` the notes of every rule and the values that follow; `labels` name the column of each blank.

    `home` is the village of rows that name none.
    """

    wrong = {column for column, _text, severity in row.notes if severity == ERROR}

    def note(name: str, text: str, severity: str = ERROR) -> None:
        label = labels.get(name) or (FIELDS[name].heading if name in FIELDS else "")
        if label in wrong:  # one cause a cell: what could not be read is not missing as well
            return
        row.note(label, text, severity)
        if severity == ERROR:
            wrong.add(label)

    values = row.values
    resolve_birth_date(row, note)
    derive_values(values, partial(note, severity=WARNING), finder, finder.schools, on)
    validate_name(values, note)
    validate_identity(values, note)
    validate_birth_date(values, note, on)
    validate_relatives(values, note)
    validate_place(values, note, finder, home or finder.default)
    validate_health(values, note)
    validate_guardianship(values, note)


def resolve_birth_date(row, note) -> None:
    """Let the ID number say which of the dates that a cell may mean is meant: 15.6.1, or the number 2015.1."""
    if not row.unsure:
        return
    try:
        born = parse_id_number(row.values.get("id_number") or "", on=timezone.localdate()).birth_date
    except ValueError:
        born = None
    if born and row.unsure.fits(born):
        row.values["birth_date"] = born
    else:
        note("birth_date", str(row.unsure))


def validate_name(values: dict, note) -> None:
    if values.get("name", "") in ("", DECEASED, UNKNOWN):
        values["name"] = ""
        note("name", _("The child's name is missing."))


def validate_identity(values: dict, note) -> None:
    """Fill sex and date of birth from a sound ID number where the sheet is silent, and compare where it is not."""
    number = values.get("id_number") or ""
    try:
        said = parse_id_number(number, on=timezone.localdate()) if number else None
    except ValueError as error:
        note("id_number", str(error))
        values["birth_date"] = full_birth_date(values)
        return
    complete_birth_date(values, said, note)
    if said:
        number = values["id_number"] = said.number
        values["sex"] = values.get("sex") or sex_of_id(said.sex)
    values["id_reason"] = "" if said else missing_number_reason(values, note)
    for name in ("sex", "birth_date"):
        if not values.get(name):
            note(name, _("It is missing, and there is no ID number that would tell it."))
    problems = identity.identity_problems(number, values.get("sex"), values.get("birth_date"), values["id_reason"])
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
        note("birth_date", _("The date of birth lies in the future."))
    elif birth < EARLIEST_BIRTH:
        note("birth_date", _("This date of birth is not a child's."))
    elif age(birth, on) >= 16:
        note("birth_date", _("The child has turned 16 by %(day)s.") % {"day": on.isoformat()}, WARNING)


def complete_birth_date(values: dict, said, note) -> None:
    birth = values.get("birth_date")
    if isinstance(birth, YearMonth):
        same = said and (said.birth_date.year, said.birth_date.month) == (birth.year, birth.month)
        values["birth_date"] = said.birth_date if same else None
        if not same:
            note("birth_date", _("Only a month is given, and no ID number of that month tells the day."))
    elif birth is None and said:
        values["birth_date"] = said.birth_date


def missing_number_reason(values: dict, note) -> str:
    """Return the reason that is kept where a sheet has no ID number."""
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
        born = values.get(f"{person}_birth_date")
        child_born = values.get("birth_date")
        if born and isinstance(child_born, dt.date) and born >= child_born:
            note(f"{person}_birth_date", _("This person would be younger than the child."))


def validate_place(values: dict, note, finder: PlaceFinder, home: Division | None) -> None:
    """Find the village by where the child lives, or else by where it is registered."""
    lives_at, registered_at = values.get("residence") or "", values.get("hukou_place") or ""
    if SAME_PLACE.fullmatch(lives_at) and registered_at:
        lives_at = registered_at
    live, registered = finder.find(lives_at), finder.find(registered_at)
    if home and not (live or registered or PLACE_NAMED.search(lives_at + registered_at)):
        live = [home]
    found = live if len(live) == 1 else registered if len(registered) == 1 else []
    group = values.pop("group_words", "")
    if not found:
        note("residence", unknown_place_message(several=len(live) > 1 or len(registered) > 1))
        return
    values["village"] = found[0].code
    values["residence"] = add_group(lives_at, found[0], group)
    if lives_at and not live:
        note("residence", _("No village of your office is named here; filed where the child is registered."), WARNING)
    if len(live) == len(registered) == 1 and live != registered:
        note("residence", _("The child lives in another village than it is registered in."), WARNING)


def add_group(address: str, village: Division, group: str) -> str:
    """Return the address with the village group, which follows the village's name: 合心村2组36号."""
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
    return _("No village of your office is named here. Write township and village, as in 百里洲镇合心村.")


def validate_health(values: dict, note) -> None:
    condition = values.get("condition") or ""
    if values.get("disability") and condition != "disabled":
        note("disability", _("A disability is given, but the condition is not 残疾."))
    if condition == "disabled" and not values.get("disability"):
        note("disability", _("The disability category and grade are missing."), WARNING)
    if values.get("illness") and condition not in {"ill", "disabled"}:
        note("illness", _("An illness is given, but the condition is not 患病."))


def validate_guardianship(values: dict, note) -> None:
    """Turn blanks 32–34 into the facts behind them, and look for contradictions among 32–41."""
    both, one, unable = (values.get(name) for name in ("both_away", "one_away", "unable_parent"))
    if both and one:
        note("one_away", _("“Both away” and “one away” are both ticked; taken as both."), WARNING)
    elif one and not unable:
        note(
            "unable_parent",
            _("It does not say which parent cannot be guardian, so neither absence is recorded."),
            WARNING,
        )
    if both:
        values["father_away"] = values["mother_away"] = True
    elif one and unable:
        values[f"{OTHER_PARENT[unable]}_away"] = True
    if unable:
        values[f"{unable}_able"] = False
        if not one:
            note("unable_parent", _("A parent cannot be guardian, but “one away” is not ticked."), WARNING)
    for parent in PARENTS:
        if values.get(f"{parent}_away") and values.get(f"{parent}_name") == DECEASED:
            values[f"{parent}_away"] = None
            note(f"{parent}_name", _("This parent has died and cannot be away; no absence is recorded."), WARNING)
    validate_guardian(values, note, nobody=bool(both or one) and values.get("entrusted") is False)


def validate_guardian(values: dict, note, *, nobody: bool) -> None:
    given = values.get("guardian_name") or ""
    if given in (DECEASED, UNKNOWN):
        values["guardian_name"] = given = ""
    if values.get("entrusted") and not given:
        note("guardian_name", _("A guardian was entrusted, but is not named."))
    if given and values.get("entrusted") is False and values.get("guardian_relation") not in OWN_PARENT:
        note("entrusted", _("A guardian is named, but 35 says that none was entrusted."), WARNING)
    if nobody and values.get("assessment") not in (None, "", "poor"):
        note("assessment", _("Nobody is guardian, so by definition the assessment is 差."), WARNING)
