"""An invented county of hundreds of children with everything that is easily miscounted; seeded, so always the same.

Rows are written without the services, at once: what stands in the tables is what both sides count.
"""

import datetime as dt
import random
from itertools import count

import time_machine
from django.db.models import Model, QuerySet

from activities.models import Attendance, Goods, Handout
from pairing.models import Carer, Pairing
from registry.models import Absence, Child, Guardianship, Relative, Survey
from tests import factories as f
from visits.models import Visit

TODAY = dt.date(2026, 11, 28)
SPRING = (dt.date(2026, 2, 15), dt.date(2026, 8, 31))
AUTUMN = (dt.date(2026, 9, 1), dt.date(2027, 2, 14))
FIRST = dt.date(2025, 6, 1)
DUE = dt.date(2026, 11, 15)  # the township's round is over, the county's is not
# Days on which something flips: the ends of the terms and of the round, today, and their neighbours.
EDGES = [
    day + dt.timedelta(days=shift) for day in (*SPRING, *AUTUMN[:1], DUE, TODAY) for shift in (-1, 0, 1)
]  # fmt: skip
LEAP_DAYS = (dt.date(2012, 2, 29), dt.date(2016, 2, 29), dt.date(2020, 2, 29))
SIXTEEN = [dt.date(day.year - 16, day.month, day.day) for day in EDGES]
SCHOOLINGS = ("", *Child.Schooling.values)
CARERS = ("", "60", "61", "62", "63", "64", "57", "66", "71", "80", "51", "20")  # relations of guardians


def insert(rows: list[Model]) -> list[Model]:
    """Write rows of one kind without an audit event each."""
    return QuerySet(type(rows[0])).bulk_create(rows, batch_size=500) if rows else []


class County:
    """The generated rows; `numbers` are the ID numbers by code, which the tables hold encrypted."""

    def __init__(self, children: int, seed: int):
        self.luck, self.serial = random.Random(seed), count(1)
        self.terms = [f.term("2026-spring", *SPRING), f.term("2026-autumn", *AUTUMN)]
        self.villages = [f.village(), f.other_village(), f.far_village()]
        near, far = f.school(), f.other_school()
        self.classes = [f.school_class(near, 2022), f.school_class(near, 2017, 2), f.school_class(far, 2024)]
        self.schools = [near, far]
        self.by = f.teacher_of(self.classes[0])
        self.rounds = [
            f.census_round(f.township(), term=self.terms[1], starts_on=AUTUMN[0], due_on=DUE),
            f.census_round(f.county(), term=self.terms[1], starts_on=AUTUMN[0], due_on=dt.date(2026, 12, 15)),
        ]
        self.children = insert([self.child(number) for number in range(children)])
        self.numbers = {child.code: child.id_number for child in self.children}
        self.families()
        self.care()
        self.activities()
        self.definitions()
        self.moves()

    def day(self, first=FIRST, last=TODAY) -> dt.date:
        edges = [day for day in EDGES if first <= day <= last]
        if edges and self.luck.random() < 0.4:
            return self.luck.choice(edges)
        return first + dt.timedelta(days=self.luck.randrange((last - first).days + 1))

    def maybe(self, value, chance=0.5):
        return value if self.luck.random() < chance else None

    def birth(self) -> dt.date:
        kind = self.luck.random()
        if kind < 0.1:
            return self.luck.choice(LEAP_DAYS)
        if kind < 0.25:
            return self.luck.choice(SIXTEEN)
        if kind < 0.3:
            return self.day(SPRING[0])  # a baby
        return dt.date(2009, 1, 1) + dt.timedelta(days=self.luck.randrange(16 * 365))

    def child(self, number: int) -> Child:
        luck, birth = self.luck, self.birth()
        opened = self.day(max(FIRST, birth))
        closed = self.maybe(self.day(opened), 0.25)
        school_class = self.maybe(luck.choice(self.classes), 0.6)
        known = luck.random() < 0.85
        complete = luck.random() < 0.6  # or no table's identities would ever hold
        child = Child(
            name=f"王{number}", sex=luck.choice("12"), birth_date=birth, opened_on=opened, closed_on=closed,
            closing=luck.choice(("moved", "died", "duplicate", "duplicate")) if closed else "",
            village=luck.choice(self.villages), school_class=school_class,
            school=school_class.school if school_class else self.maybe(luck.choice(self.schools), 0.3),
            id_number=f.make_id_number("990000", birth, 1 + number) if known else "",
            id_reason="" if known else "未领", ethnicity=luck.choice(("01", "15", "")),
            schooling=luck.choice(SCHOOLINGS[complete:]), boards=luck.choice((True, False, None)[: 3 - complete]),
            condition=luck.choice(("", *Child.Condition.values)[complete:]),
            hukou_registered=luck.choice((True, False, None)[: 3 - complete]),
            hukou_rural=luck.choice((True, True, True, False, None)),
            income=luck.choice(([], ["wages"], ["wages", "farming"])), relief=luck.choice(([], ["allowance"])),
        )  # fmt: skip
        child.derive()  # bulk_create calls no save()
        return child

    def families(self) -> None:
        relatives, absences, guardianships = [], [], []
        for child in self.children:
            own = [row for parent in ("51", "52") for row in self.absences(child, parent)]
            relatives += [row for parent in ("51", "52") for row in self.parent(child, parent)]
            if all(row.returned_on for row in own) and self.luck.random() < 0.6:
                own.append(self.absence(child, "50", FIRST, ongoing=True))
            absences += own
            guardianships += self.guardianships(child)
        for rows in (relatives, absences, guardianships):
            insert(rows)

    def parent(self, child: Child, relation: str) -> list[Relative]:
        state = self.luck.choice(("", "unknown", "living", "living", "living", "living", "deceased"))
        if not state:
            return []
        home = {"at_home_on": self.maybe(self.day(), 0.3)} if state == "living" else {}
        able = self.luck.choice((True, False, None))
        name = "" if state == "unknown" else "王某"
        return [Relative(child=child, relation=relation, state=state, name=name, able=able, **home)]

    def absences(self, child: Child, parent: str) -> list[Absence]:
        rows = []
        if self.luck.random() < 0.4:
            rows.append(self.absence(child, parent, FIRST, ongoing=False))
        if self.luck.random() < 0.6:
            rows.append(self.absence(child, parent, rows[0].returned_on if rows else FIRST, ongoing=True))
        return rows

    def absence(self, child: Child, parent: str, after: dt.date, *, ongoing: bool) -> Absence:
        known = self.day(after)
        left = self.maybe(self.day(after, known), 0.7)
        return Absence(
            child=child, parent=parent, left_on=left, known_on=known, destination=self.luck.choice(("东莞市", "")),
            cross_county=self.luck.choice((True, True, False, None)),
            reason=self.luck.choice(("work", "work", "business", "other")),
            returned_on=None if ongoing else self.day(known),
        )  # fmt: skip

    def guardianships(self, child: Child) -> list[Guardianship]:
        rows, change = [], self.day()
        for starts, ends in ((FIRST, change), (change, None)):
            if self.luck.random() < 0.8:
                relation = self.luck.choice(CARERS)
                name = self.luck.choice(("李某", "")) if not relation else "李某"
                rows.append(
                    Guardianship(
                        child=child, starts_on=starts, ends_on=ends, relation=relation,
                        name=name,
                        entrusted=self.luck.choice((True, False, None) if name else (False, None)),
                        assessment=self.luck.choice(("good", "fair", "poor", "")),
                    )
                )  # fmt: skip
        return rows

    def care(self) -> None:
        visits, pairings, surveys = [], [], []
        for child in self.children:
            for _number in range(self.luck.randrange(5)):
                visits.append(
                    Visit(
                        child=child, kind=self.luck.choice(Visit.Kind.values), made_on=self.day(), said="好", by=self.by
                    )
                )
            pairings += self.pairings(child)
            for term in self.terms:
                if self.luck.random() < 0.5:
                    good = {
                        f"{domain}_rating": "good" for domain in ("study", "life", "psychology", "safety", "health")
                    }
                    surveys.append(
                        Survey(child=child, term=term, visited_on=term.starts_on, visited_by=self.by, **good)
                    )
        for rows in (visits, pairings, surveys):
            insert(rows)

    def pairings(self, child: Child) -> list[Pairing]:
        """Return an ended pairing and one that is in force, or agreed for a later day."""
        rows, change = [], self.day()
        for starts, ends in ((FIRST, change), (self.day(change, dt.date(2027, 1, 15)), None)):
            if self.luck.random() < 0.6:
                carer = insert([Carer(name=f"老师{next(self.serial)}", school=self.schools[0])])[0]
                ending = "other" if ends else ""
                rows.append(Pairing(child=child, carer=carer, seat=1, started_on=starts, ended_on=ends, ending=ending))
        return rows

    def activities(self) -> None:
        attendances, handouts = [], []
        for number in range(12):
            held = self.day(last=dt.date(2027, 2, 14))  # also in the future
            activity = f.activity(f"活动{number}", held_on=held, ended_on=held + dt.timedelta(days=number))
            present = self.luck.sample(self.children, min(len(self.children), 35))
            attendances += [Attendance(activity=activity, child=child) for child in present]
            for item, quantity, value in (("书包", 100, 7000), ("书", 97, "1000.50"), ("糖", 90, "0.50")):
                goods = Goods.objects.create(activity=activity, item=item, quantity=quantity, value=value)
                given = [child for child in present if self.luck.random() < 0.7]
                handouts += [Handout(goods=goods, child=child, quantity=self.luck.choice((1, 2))) for child in given]
        insert(attendances)
        insert(handouts)

    def definitions(self) -> None:
        """Add to those of the migration two that ask what they do not."""
        f.definition("T1", parents="both", days=100, cross_county=True)
        f.definition("T2", parents="any", below_age=14, for_work=False, division=f.township())

    def moves(self) -> None:
        """Move children and change what may change, by saves that the audit trail records, before and after spring."""
        for child in self.luck.sample(self.children, 40):
            for day in sorted(self.day(dt.date(2026, 8, 1)) for _number in range(2)):
                with time_machine.travel(dt.datetime.combine(day, dt.time(6), dt.UTC), tick=False):
                    self.change(Child.objects.get(pk=child.pk))

    def change(self, child: Child) -> None:
        other = self.child(0)
        for name in ("village", "school", "school_class", "schooling", "boards", "condition", "income", "relief"):
            if self.luck.random() < 0.6 or name == "school":
                setattr(child, name, getattr(other, name))
        if child.school_class and child.school_class.school != child.school:
            child.school = child.school_class.school
        child.hukou_registered = self.luck.choice((True, False, None))
        child.save()
