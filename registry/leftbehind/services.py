"""Recording that a parent left, came back or visited home. Each write also increments the version of the file."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from carebase.audit.context import acting_as
from registry.leftbehind.rule import ONE_PARENT
from registry.leftbehind.verdict import parent_name
from registry.models import Absence, Child, HomeStay, Relative

CHANGE_ABSENCE = "registry.change_absence"
EARLIEST_DATE = dt.date(1990, 1, 1)  # before any child of the registry was born


def record_departure(*, absence: Absence, by) -> Absence:
    """Save a new absence; raise ValidationError when the parent is away already or has died."""
    with acting_as(by), transaction.atomic():
        absence.child = lock_and_bump_version(absence.child, by)
        if absence.child.relatives.filter(relation=absence.parent, state=Relative.State.DECEASED).exists():
            raise ValidationError(_("A parent who has died is not away for work."))
        away = {row.parent: row for row in absence.child.absences.filter(returned_on=None)}
        if present := away.get(absence.parent) or (absence.parent == ONE_PARENT and next(iter(away.values()), None)):
            words = {"parent": parent_name(present.parent), "day": present.since}
            raise ValidationError(
                _("The %(parent)s is recorded as away since %(day)s. Log the return first, or correct that entry.")
                % words
            )
        if (unnamed := away.get(ONE_PARENT)) and (absence.left_on or unnamed.known_on) <= unnamed.known_on:
            absence = name_parent(unnamed, absence)
        check_absence_dates(absence)
        absence.save()
    return absence


def name_parent(unnamed: Absence, absence: Absence) -> Absence:
    """Return the absence of one parent, not said which, as that of the parent who left no later than it was known."""
    for name in ("child", "parent", "left_on", "destination", "cross_county", "reason"):
        setattr(unnamed, name, getattr(absence, name))
    return unnamed


def record_return(*, child: Child, parent: str, on: dt.date, reason: str, by) -> Absence:
    with acting_as(by), transaction.atomic():
        absence = present_absence(lock_and_bump_version(child, by), parent)
        absence.returned_on, absence.return_reason = on, reason
        check_absence_dates(absence)
        absence.save()
    return absence


def record_home_stay(*, child: Child, parent: str, on: dt.date, until: dt.date | None, reason: str, by) -> HomeStay:
    """Record a short visit home, which does not end the absence."""
    with acting_as(by), transaction.atomic():
        absence = present_absence(lock_and_bump_version(child, by), parent)
        if absence.left_on and on < absence.left_on:
            raise ValidationError(_("The return is before the departure."))
        stay = HomeStay(child=absence.child, absence=absence, came_on=on, left_on=until, reason=reason)
        stay.validate_constraints()
        stay.save()
    return stay


def correct_absence(*, absence: Absence, by) -> Absence:
    """Save a corrected absence; raise StaleRecord when the file was saved since it was read."""
    with acting_as(by), transaction.atomic():
        absence.child.save()
        check_absence_dates(absence)
        absence.save()
    return absence


def lock_and_bump_version(child: Child, by) -> Child:
    """Return the locked child with a new version, so that forms opened before are refused as stale."""
    current = Child.objects.lock_visible_to(by, child.pk, CHANGE_ABSENCE)
    current.save()
    return current


def present_absence(child: Child, parent: str) -> Absence:
    absence = child.absences.filter(parent=parent, returned_on=None).first()
    if absence is None:
        words = {"parent": parent_name(parent)}
        raise ValidationError(_("The %(parent)s is not recorded as away; log the departure first.") % words)
    absence.child = child
    return absence


def check_absence_dates(absence: Absence) -> None:
    """Raise ValidationError for dates out of order, or an overlap with another absence of the same parent."""
    if absence.left_on and absence.left_on < EARLIEST_DATE:
        raise ValidationError(_("The departure is too long ago; leave it empty if the day is not known."))
    if absence.left_on and absence.returned_on and absence.returned_on < absence.left_on:
        raise ValidationError(_("The return is before the departure."))
    for other in absence.child.absences.filter(parent=absence.parent).exclude(pk=absence.pk):
        begins_before = absence.returned_on is None or other.since < absence.returned_on
        ends_after = other.returned_on is None or other.returned_on > absence.since
        if begins_before and ends_after:
            words = {"first": other.since, "last": other.returned_on or _("today")}
            raise ValidationError(_("It overlaps the absence from %(first)s to %(last)s. Correct one of them.") % words)
