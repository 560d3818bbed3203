"""Loads the demonstration: invented people, always the same for the same day."""

import random

from django.db import transaction
from django.utils import timezone

from carebase.audit.context import acting_as
from carebase.management.demo_data import accounts, activities, care, census, children, more_children, places, surveys
from carebase.models import Demonstration

SEED = 2142000001


def load_demonstration(number: int = 0) -> None:
    """Fill an empty database with `number` children (at least the forty of the roster) in one transaction."""
    today, rng = timezone.localdate(), random.Random(SEED)
    with transaction.atomic(), acting_as(None):
        Demonstration.objects.create()
        sites = places.make_places(today)
        since = sites.last_term.starts_on
        people = accounts.make_accounts(sites, since)
        roster = children.make_children(rng, sites, today)
        children.make_categories(roster, people, since)
        children.make_referrals(roster, people, since)
        care.make_care(rng, sites, people, roster, today)
        activities.make_activities(sites, roster, today)
        surveys.make_surveys(sites, people, roster, today)
        census.make_census(sites, people, roster)
        more_children.make_more_children(rng, sites, people, number - len(roster), today)
