"""The alarm of article 21: nobody under 16 may live without a guardian. For one child, and for a queryset."""

from django.db.models import Q
from django.utils import timezone

MIN_AGE_ALONE = 16


def lives_alone(child, guardianship) -> bool:
    """Return whether the alarm applies; `guardianship` is the present one, or None."""
    return bool(guardianship and guardianship.alone and not child.closed_on and child.age < MIN_AGE_ALONE)


def living_alone_condition() -> Q:
    """Return the same condition for guardianships."""
    today = timezone.localdate()
    birthday = today.replace(year=today.year - MIN_AGE_ALONE)  # 16 years before 29 February is a leap year too
    return Q(alone=True, ends_on=None, child__closed_on=None, child__birth_date__gt=birthday)
