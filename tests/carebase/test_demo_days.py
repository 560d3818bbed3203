"""The demonstration holds two terms, each with a story, on whatever day it is made."""

import datetime as dt

import pytest
import time_machine

from activities.models import Activity, Handout
from carebase.management.demo_data import days
from carebase.management.demo_data.loader import load_demonstration
from pairing.models import Pairing
from registry.models import Child, Survey, Term
from visits.models import Visit


def test_on_any_day_every_occasion_lies_in_the_two_terms_that_are_shown():
    for today in (dt.date(2028, 1, 1) + dt.timedelta(days=number) for number in range(366)):
        this_term = days.term_of(today)
        since = days.term_of(days.before(this_term["starts_on"]))["starts_on"]
        for pair in (((5, 28), (1, 20)), ((8, 27), (2, 10)), ((7, 8), (1, 10))):
            assert since <= max(days.latest_date(*day, today) for day in pair) <= today
        assert since <= days.latest_festival(today)[0] <= today


@pytest.mark.parametrize("today", [(2027, 1, 25), (2027, 2, 15), (2027, 3, 5), (2027, 5, 28), (2027, 9, 1)])
def test_both_terms_have_a_story_whenever_the_demonstration_is_made(today, db):
    with time_machine.travel(dt.datetime(*today, 4, tzinfo=dt.UTC), tick=False):
        load_demonstration()
        for term in Term.objects.all():
            held = Activity.objects.filter(held_on__gte=term.starts_on, held_on__lte=min(term.ends_on, dt.date(*today)))
            assert Handout.objects.filter(goods__activity__in=held).count() > 20
            assert Visit.objects.in_term(term).count() > 20 and Survey.objects.filter(term=term).count() > 10
            assert Pairing.objects.on(term.starts_on).count() > 5 and term.rounds.count() == 2
            assert Child.objects.open_within(term.starts_on, term.ends_on).count() == 40
        assert Activity.objects.filter(held_on__lt=Term.objects.last().starts_on).count() == 0
