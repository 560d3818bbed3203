"""Carers, pairings, and the visits and talks of two terms."""

import datetime as dt
import random

from carebase.accounts.models import User
from carebase.management.demo_data import days
from carebase.management.demo_data.accounts import HILLS_HEAD, HILLS_TEACHER, TEACHERS_CLASS
from carebase.management.demo_data.places import GUANZHI, HEXIN, HILLS_SCHOOL, TOWN_SCHOOL, Places
from carebase.management.demo_data.visit_texts import COUNSELLING, OTHERS, contacts_for
from pairing import services
from pairing.models import Carer
from registry.models import Child, Term
from visits.models import CounsellingNote, Visit

# A carer's name, account and office, their children, and who paired them. 李红梅 has room for exactly one more.
CARERS = (
    ("李红梅", "", TOWN_SCHOOL, ("覃雨欣", "刘思琪"), "head"),
    ("周敏", "teacher", TOWN_SCHOOL, ("曾小慧",), "head"),
    ("吴建华", "", TOWN_SCHOOL, (), "head"),
    ("单志远", "carer", HEXIN, ("杨欣怡", "陈浩宇"), "village"),
    ("张桂香", "", GUANZHI, ("郭静怡",), "coordinator"),
    ("向春兰", HILLS_TEACHER, HILLS_SCHOOL, ("刘彤",), HILLS_HEAD),
)
UNVISITED_EVERY = 3  # every third child has no visit yet this term
Carers = dict[int, User]  # the account of the carer of a child, by the child's key


def make_care(
    rng: random.Random, places: Places, people: dict[str, User], children: dict[str, Child], today: dt.date
) -> None:
    pairs = make_carers(places, people, children)
    for number, child in enumerate(children.values()):
        who = find_visitor(child, places, people, pairs)
        away = frozenset(child.absences.filter(returned_on=None).values_list("parent", flat=True))
        contacts = rng.sample(contacts_for(child.schooling, away), 3)
        make_visits(rng, child, who, contacts[:2], (places.last_term.starts_on, places.last_term.ends_on))
        if number % UNVISITED_EVERY:
            make_visits(rng, child, who, contacts[2:3], (places.this_term.starts_on, today))
    for name in ("王梓萱", "陈浩宇"):
        make_visits(rng, children[name], people["counsellor"], [COUNSELLING], (places.last_term.starts_on, today))


def make_carers(places: Places, people: dict[str, User], children: dict[str, Child]) -> Carers:
    pairs = {}
    for name, username, office, names, by in CARERS:
        school, division = places.schools.get(office), places.divisions.get(office)
        carer = Carer.objects.create(name=name, user=people.get(username), school=school, division=division)
        for child in (children[each] for each in names):
            services.pair(child=child, carer=carer, by=people[by], started_on=places.last_term.starts_on)
            if carer.user:
                pairs[child.pk] = carer.user
    return pairs


def find_visitor(child: Child, places: Places, people: dict[str, User], pairs: Carers) -> User:
    """Return who visits this child: its carer, class teacher, school head or village."""
    if child.pk in pairs:
        return pairs[child.pk]
    if child.school_class == places.classes[TEACHERS_CLASS]:
        return people["teacher"]
    if child.school == places.schools[HILLS_SCHOOL]:
        return people[HILLS_TEACHER]
    if child.village_id == HEXIN:
        return people["village"]
    return people["head"] if child.school else people["coordinator"]


def make_visits(rng: random.Random, child: Child, who: User, contacts: list, span: tuple[dt.date, dt.date]) -> None:
    """Save visits with these texts on days within `span`, in order."""
    first, last = span
    guardian = OTHERS[child.guardianships.get(ends_on=None).relation]
    gaps = sorted(rng.randrange((last - first).days + 1) for _contact in contacts)
    for gap, contact in zip(gaps, contacts, strict=True):
        kind, *texts = contact
        met, observed, said, advice = (text.format(guardian=guardian) for text in texts)
        made_on = first + dt.timedelta(days=gap)
        words = {"met": met, "observed": observed, "said": said, "advice": advice}
        counselling = who.role_definition.counsels
        visit = Visit.objects.create(
            child=child, kind=kind, made_on=made_on, starts_at=dt.time(rng.randrange(12, 19), rng.choice((0, 15, 30))),
            minutes=rng.choice((15, 20, 30, 45)), planned=rng.random() < 0.7, by=who, counselling=counselling,
            next_on=made_on + dt.timedelta(days=30) if rng.random() < 0.4 else None, **({} if counselling else words),
        )  # fmt: skip
        if counselling:
            CounsellingNote.objects.create(visit=visit, **words)


def random_day(rng: random.Random, term: Term, today: dt.date) -> dt.date:
    last = min(term.ends_on, today)
    return days.before(last, rng.randrange((last - term.starts_on).days + 1))
