"""The one rule of a child's resident ID number: what it must be, and what it must agree with or explain.

A wrong check digit is an error, a county that no province has only a warning, for codes have been abolished. Sex and
date of birth agree with the number, or somebody says why not and confirms it. Where there is no number, the reason is
given (GB 11643-1999; domain standard: resident ID numbers).
"""

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
    """What is wrong with which field of the child ("id_number", "sex", "birth_date" or "id_reason"), in a sentence."""

    field: str
    message: str
    severity: str


def validate_id_number(number: str) -> str:
    """Return the number as it is stored, "" for a blank one; raise InvalidCell with the reason why it is none."""
    return parse_id_number(number, on=timezone.localdate()).number if normalise(number) else ""


def identity_problems(number: str, sex: str, birth_date: date | None, reason: str) -> list[IdentityProblem]:
    """Return the problems of these values together, errors and warnings; none repeats the number."""
    try:
        if not normalise(number):
            return _missing_number(reason)
        said = parse_id_number(number, on=timezone.localdate())
    except InvalidCell as error:
        return [IdentityProblem("id_number", str(error), ERROR)]
    problems = [] if reason.strip() else _differences(said, sex, birth_date)
    if not county_known(said.number, accept_invented=not settings.PRODUCTION):
        problems.append(
            IdentityProblem(
                "id_number", _("The ID number begins with a county that is not known. Is it right?"), WARNING
            )
        )
    return problems


def differs_from_number(number: str, sex: str, birth_date: date | None) -> bool:
    """Return whether sex or date of birth is not the one that a sound number says."""
    try:
        return bool(_differences(parse_id_number(number, on=timezone.localdate()), sex, birth_date))
    except InvalidCell:
        return False


def set_confirmed_by(child, *, by) -> None:
    """Set who answers for a file that differs from its number: `by`, unless the same values were confirmed before."""
    if not differs_from_number(child.id_number, child.sex, child.birth_date):
        child.id_confirmed_by = None
        return
    before = type(child)._base_manager.filter(pk=child.pk).first() if child.pk else None
    same = before and all(
        getattr(before, name) == getattr(child, name) for name in ("id_number", "sex", "birth_date", "id_reason")
    )
    if not same or child.id_confirmed_by_id is None:
        child.id_confirmed_by = by


def _missing_number(reason: str) -> list[IdentityProblem]:
    if reason.strip():
        return []
    return [IdentityProblem("id_reason", _("Give the ID number, or the reason why there is none."), ERROR)]


def _differences(said: IdNumber, sex: str, birth_date: date | None) -> list[IdentityProblem]:
    problems = []
    if sex in {Sex.MALE, Sex.FEMALE} and sex != sex_of_id(said.sex):
        problems.append(
            IdentityProblem("sex", _("The ID number says another sex. Correct one of them, or give the reason."), ERROR)
        )
    if birth_date and birth_date != said.birth_date:
        message = _("The ID number says another date of birth. Correct one of them, or give the reason.")
        problems.append(IdentityProblem("birth_date", message, ERROR))
    return problems
