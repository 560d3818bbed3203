"""The law's alarm: below 16 nobody may live apart from guardianship (article 21). Of one child, and of many rows."""

from django.db.models import Q
from django.utils import timezone

OF_AGE = 16


def lives_alone(child, guardianship) -> bool:
    """Return whether the alarm stands for an open file; `guardianship` is the present one, or None."""
    return bool(guardianship and guardianship.alone and not child.closed_on and child.age < OF_AGE)


def living_alone() -> Q:
    """Return the same as a condition on guardianships."""
    today = timezone.localdate()
    birthday = today.replace(year=today.year - OF_AGE)  # a leap year too, where today is 29 February
    return Q(alone=True, ends_on=None, child__closed_on=None, child__birth_date__gt=birthday)
