"""The rules of a child's resident ID number (GB 11643-1999; domain standard: resident ID numbers).

A wrong check digit is an error; an unknown county is only a warning, because codes have been abolished. Sex and date
of birth agree with the number, or somebody gives the reason and confirms it. A missing number needs a reason.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.codes.id_number import IdNumber, county_known, normalise, parse_id_number
from registry.codes.sex import Sex, sex_of_id
from registry.codes.text import InvalidCell

ERROR, WARNING = "error", "warning"


class IdentityProblem(NamedTuple):
    """A sentence about a field of the child: "id_number", "sex", "birth_date" or "id_reason"."""

    field: str
    message: str
    severity: str


def validate_id_number(number: str) -> str:
    """Return the number as it is stored, "" when blank; raise InvalidCell with the reason if it is invalid."""
    return parse_id_number(number, on=timezone.localdate()).number if normalise(number) else ""


def no_table(number: str) -> set[str]:
    return set()


def identity_problems(
    number: str, sex: str, birth_date: date | None, reason: str, *, counties_near: Callable[[str], set[str]] = no_table
) -> list[IdentityProblem]:
    """Return the errors and warnings about these values; no sentence repeats the number.

    `counties_near` looks up the loaded codes of a number's prefecture, for the warning about an unknown county.
    """
    try:
        if not normalise(number):
            message = _("Enter the ID number, or the reason why there is none.")
            return [] if reason.strip() else [IdentityProblem("id_reason", message, ERROR)]
        parsed = parse_id_number(number, on=timezone.localdate())
    except InvalidCell as error:
        return [IdentityProblem("id_number", str(error), ERROR)]
    problems = [] if reason.strip() else _differences(parsed, sex, birth_date)
    counties = counties_near(parsed.number)
    if not county_known(parsed.number, counties, accept_invented=not settings.PRODUCTION):
        message = _("The ID number starts with an unknown county code. Please check it.")
        problems.append(IdentityProblem("id_number", message, WARNING))
    return problems


def differs_from_number(number: str, sex: str, birth_date: date | None) -> bool:
    """Return whether sex or date of birth differs from a valid number."""
    try:
        return bool(_differences(parse_id_number(number, on=timezone.localdate()), sex, birth_date))
    except InvalidCell:
        return False


def set_confirmed_by(child, *, by) -> None:
    """Set who confirmed that a file differs from its number: `by`, unless the same values were confirmed before."""
    if not differs_from_number(child.id_number, child.sex, child.birth_date):
        child.id_confirmed_by = None
        return
    before = type(child)._base_manager.filter(pk=child.pk).first() if child.pk else None
    unchanged = before and all(
        getattr(before, name) == getattr(child, name) for name in ("id_number", "sex", "birth_date", "id_reason")
    )
    if not unchanged or child.id_confirmed_by_id is None:
        child.id_confirmed_by = by


def _differences(number: IdNumber, sex: str, birth_date: date | None) -> list[IdentityProblem]:
    problems = []
    if sex in {Sex.MALE, Sex.FEMALE} and sex != sex_of_id(number.sex):
        message = _("The ID number shows another sex. Correct one of them or give the reason.")
        problems.append(IdentityProblem("sex", message, ERROR))
    if birth_date and birth_date != number.birth_date:
        message = _("The ID number shows another date of birth. Correct one of them or give the reason.")
        problems.append(IdentityProblem("birth_date", message, ERROR))
    return problems
