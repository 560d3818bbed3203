"""The law's alarm: below 16 nobody may live apart from guardianship (article 21). Of one child, and of many rows."""

from django.db.models import Q
from django.utils import timezone

MIN_AGE_ALONE = 16


def lives_alone(child, guardianship) -> bool:
    """Return whether the alarm stands for an open file; `guardianship` is the present one, or None."""
    return bool(guardianship and guardianship.alone and not child.closed_on and child.age < MIN_AGE_ALONE)


def living_alone_condition() -> Q:
    """Return the same as a condition on guardianships."""
    today = timezone.localdate()
    birthday = today.replace(year=today.year - MIN_AGE_ALONE)  # a leap year too, where today is 29 February
    return Q(alone=True, ends_on=None, child__closed_on=None, child__birth_date__gt=birthday)
