"""The invented people of the demonstration: always the same for the same day, and nobody who exists."""

import random

from django.db import transaction
from django.utils import timezone

from carebase.audit.context import acting_as
from carebase.management.demo_data import accounts, activities, care, census, children, more_children, places, surveys
from carebase.models import Demonstration

SEED = 2142000001


def load_demonstration(number: int = 0) -> None:
    """Fill an empty database with `number` children (the forty of the story at least), and mark it; all or nothing."""
    today, rng = timezone.localdate(), random.Random(SEED)
    with transaction.atomic(), acting_as(None):
        Demonstration.objects.create()
        made = places.make_places(today)
        since = made.last_term.starts_on
        people = accounts.make_accounts(made, since)
        roster = children.make_children(rng, made, today)
        children.make_categories(roster, people, since)
        children.make_referrals(roster, people, since)
        care.make_care(rng, made, people, roster, today)
        activities.make_activities(made, roster, today)
        surveys.make_surveys(made, people, roster, today)
        census.make_census(made, people, roster)
        more_children.make_more_children(rng, made, people, number - len(roster), today)
