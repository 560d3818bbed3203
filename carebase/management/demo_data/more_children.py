"""Any number of further invented children, in villages and classes of their own, saved in batches."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection

from carebase.accounts.models import User
from carebase.management.demo_data import days, names
from carebase.management.demo_data.care import random_day
from carebase.management.demo_data.children import school_of, schooling_of_grade
from carebase.management.demo_data.families import DESTINATIONS
from carebase.management.demo_data.places import CLASSES_A_GRADE, GRADES, HILLS, TOWN, Places, make_class
from carebase.management.demo_data.roster import FATHER, MOTHER
from carebase.management.demo_data.visit_texts import OTHERS, contacts_for
from pairing.models import DEFAULT_CAPACITY, Carer, Pairing
from registry.codes.relation import Relation
from registry.codes.sex import Sex
from registry.models import Absence, Child, Division, Guardianship, Relative, SchoolClass
from visits.models import Visit

BATCH = 2000
VILLAGE_SIZE, MOST_VILLAGES, FIRST_VILLAGE = 150, 400, 203  # 201 and 202 are in the roster
CLASS_SIZE, MOST_CLASSES = 45, 99
BIRTHDAYS = 5700  # the last fifteen years and a half, so that nobody has turned 16
STRIDE = 1009  # coprime to BIRTHDAYS, so that consecutive children differ in age
PAIRED_EVERY = 10
FIRST_SYLLABLES = "新东西南北上下高长金银龙凤白青石双三大小清永福安"
LAST_SYLLABLES = "河桥湾坪岭塘洲堰林庙坝冲溪店山井坡田沟滩"
GUARDIANS = ((Relation.PATERNAL_GRANDMOTHER, Sex.FEMALE), (Relation.PATERNAL_GRANDFATHER, Sex.MALE))


@dataclass
class Crowd:
    rng: random.Random
    today: dt.date
    places: Places
    visitors: list[User]
    villages: list[Division]
    classes: dict[tuple[str, int], list[SchoolClass]]


def make_more_children(
    rng: random.Random, places: Places, people: dict[str, User], number: int, today: dt.date
) -> None:
    if number <= 0:
        return
    villages = make_villages(number)
    classes = make_classes(places, number, today)
    visitors = [people[name] for name in ("teacher", "head", "village", "coordinator")]
    crowd = Crowd(rng, today, places, visitors, villages, classes)
    children = invent_children(crowd, number)
    carers = free_seats(places)
    while batch := list(islice(children, BATCH)):
        Child.objects.bulk_create(batch)
        save_families(crowd, batch)
        save_contacts(crowd, batch)
        save_pairings(places, batch[::PAIRED_EVERY], carers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so that the query planner knows the new tables


def make_villages(number: int) -> list[Division]:
    """Save villages with unique names, by turns in either township."""
    count = min(MOST_VILLAGES, -(-number // VILLAGE_SIZE))
    villages = []
    for index in range(count):
        township = (TOWN, HILLS)[index % 2]
        first, last = divmod(index, len(LAST_SYLLABLES))
        name = f"{FIRST_SYLLABLES[first]}{LAST_SYLLABLES[last]}村"
        villages.append(Division(code=f"{township[:9]}{FIRST_VILLAGE + index // 2}", name=name))
    return Division.objects.bulk_create(villages)


def make_classes(places: Places, number: int, today: dt.date) -> dict[tuple[str, int], list[SchoolClass]]:
    a_grade = -(-number // (16 * len(places.schools) * CLASS_SIZE))  # one of sixteen years is in one grade
    classes = {}
    for code, school in places.schools.items():
        first = CLASSES_A_GRADE[code] + 1
        last = min(MOST_CLASSES, CLASSES_A_GRADE[code] + a_grade)
        for grade in GRADES:
            classes[code, grade] = [make_class(school, grade, each, today) for each in range(first, last + 1)]
    return classes


def invent_children(crowd: Crowd, number: int) -> Iterator[Child]:
    """Yield unsaved children; birthdays, sexes and villages vary by turns, so that no ID number repeats."""
    rng = crowd.rng
    for index in range(number):
        round_, step = divmod(index, BIRTHDAYS)
        birth = days.before(crowd.today, 30 + step * STRIDE % BIRTHDAYS)
        sex = (Sex.MALE, Sex.FEMALE)[(round_ + step) % 2]
        village = crowd.villages[index % len(crowd.villages)]
        child = Child(
            name=names.random_name(rng, sex), sex=sex, ethnicity="15" if rng.random() < 0.06 else "01",
            birth_date=birth, id_number=names.numbered_id(birth, sex, round_ // 2), hukou_registered=True,
            opened_on=max(crowd.places.last_term.starts_on, birth),
            hukou_rural=True, hukou_place=f"湖北省枝江市{village}", village=village, income=["wages"],
            condition=Child.Condition.HEALTHY, residence=f"{village}{rng.randrange(1, 9)}组{rng.randrange(1, 200)}号",
        )  # fmt: skip
        set_schooling(crowd, child, index)
        child.derive()  # bulk_create calls no save()
        yield child


def set_schooling(crowd: Crowd, child: Child, index: int) -> None:
    """Set schooling and class by age; after grade 9 a child is in no school."""
    grade = days.grade_of(child.birth_date, crowd.today)
    if grade > GRADES[-1]:
        child.schooling = Child.Schooling.NOT_IN_SCHOOL
        return
    child.schooling = schooling_of_grade(grade)
    if grade in GRADES:
        classes = crowd.classes[school_of(child.village_id), grade]
        child.school_class = classes[index // 2 % len(classes)]
        child.boards = grade > 6


def save_families(crowd: Crowd, batch: list[Child]) -> None:
    rng, today = crowd.rng, crowd.today
    relatives, absences, guardianships = [], [], []
    for child in batch:
        surname = names.surname_of(child.name)
        since = days.before(today, rng.randrange(200, 1500))
        away = (FATHER, MOTHER) if rng.random() < 0.6 else (FATHER,)
        for parent, sex, family in ((FATHER, Sex.MALE, surname), (MOTHER, Sex.FEMALE, "")):
            able = parent not in away and rng.random() < 0.5
            where = rng.choice(DESTINATIONS) if parent in away else ""
            relatives.append(
                Relative(
                    child=child, relation=parent, name=names.random_name(rng, sex, family), work_place=where,
                    birth_date=days.before(child.birth_date, rng.randrange(8000, 12000)), phone=names.random_phone(rng),
                    able=True if parent in away else able, at_home_on=None if parent in away else since,
                )
            )  # fmt: skip
            if parent in away:
                absences.append(
                    Absence(
                        child=child, parent=parent, left_on=since, known_on=since, destination=where, cross_county=True
                    )
                )
        guardianships.append(new_guardianship(rng, child, since, surname))
    for model, rows in ((Relative, relatives), (Absence, absences), (Guardianship, guardianships)):
        model.objects.bulk_create(rows)


def new_guardianship(rng: random.Random, child: Child, since: dt.date, surname: str) -> Guardianship:
    relation, sex = rng.choice(GUARDIANS)
    return Guardianship(
        child=child, starts_on=since, entrusted=True, relation=relation, phone=names.random_phone(rng),
        name=names.random_name(rng, sex, surname if sex == Sex.MALE else ""), address=child.residence,
        assessment=rng.choice(Guardianship.Assessment.values),
    )  # fmt: skip


def save_contacts(crowd: Crowd, batch: list[Child]) -> None:
    """Save one to three visits for each child, in the last term and this one."""
    rng, terms = crowd.rng, (crowd.places.last_term, crowd.places.this_term)
    visits = []
    for child in batch:
        fitting = contacts_for(child.schooling)
        for _number in range(rng.randrange(1, 4)):
            kind, *texts = rng.choice(fitting)
            met, observed, said, advice = (text.format(guardian=OTHERS["62"]) for text in texts)
            made_on = max(random_day(rng, rng.choice(terms), crowd.today), child.birth_date)
            visits.append(
                Visit(
                    child=child, kind=kind, made_on=made_on, met=met,
                    observed=observed, said=said, advice=advice, by=rng.choice(crowd.visitors), minutes=20,
                )
            )  # fmt: skip
    Visit.objects.bulk_create(visits)


def save_pairings(places: Places, children: list[Child], free: Iterator[tuple[Carer, int]]) -> None:
    Pairing.objects.bulk_create(
        [
            Pairing(child=child, carer=carer, seat=seat, started_on=places.last_term.starts_on)
            for child, (carer, seat) in zip(children, free, strict=False)
        ]
    )


def free_seats(places: Places) -> Iterator[tuple[Carer, int]]:
    """Yield (carer, seat) endlessly, saving another volunteer of the township whenever one is full."""
    rng = random.Random(DEFAULT_CAPACITY)
    while True:
        carer = Carer.objects.create(
            name=names.random_name(rng, rng.choice((Sex.MALE, Sex.FEMALE))), division=places.divisions[TOWN]
        )
        for seat in range(1, DEFAULT_CAPACITY + 1):
            yield carer, seat
