"""Two villages of one township and one of another, with all that a term's report tells; seeded, so always the same."""

import csv
import datetime as dt
import io
import random
from decimal import Decimal

from activities.models import Attendance, Goods, Handout
from pairing.models import Pairing
from registry.models import Absence, Guardianship, Relative
from tests import factories as f
from visits.models import Visit

FIRST, LAST = dt.date(2026, 2, 1), dt.date(2027, 1, 10)


def terms():
    """Return the term of today (10 January 2027) and the one before."""
    return f.term(), f.term("2026-spring", dt.date(2026, 2, 15), dt.date(2026, 8, 31))


def table(response) -> list[dict]:
    """Return the rows of a CSV answer by their headings."""
    data = b"".join(response.streaming_content)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def county_at_random(children: int = 30, seed: int = 7) -> None:
    luck = random.Random(seed)
    near, far = f.school(), f.other_school()
    classes = [f.school_class(near, 2022, 1), f.school_class(near, 2014, 2), f.school_class(far)]
    made = [child_at_random(luck, number, classes) for number in range(children)]
    f.child("远方的孩子", living_in=f.far_village())
    maker = f.teacher_of(classes[0])
    for child in made:
        family_at_random(luck, child)
        care_at_random(luck, child, maker)
    activities_at_random(luck, made)


def day(luck, first=FIRST, last=LAST) -> dt.date:
    return first + dt.timedelta(days=luck.randrange((last - first).days + 1))


def maybe(luck, value, chance=0.5):
    return value if luck.random() < chance else None


def child_at_random(luck, number, classes):
    opened = day(luck, dt.date(2025, 9, 1))
    closed = maybe(luck, day(luck, opened), 0.3)
    birth = dt.date(2016, 2, 29) if number % 7 == 0 else day(luck, dt.date(2010, 1, 1), dt.date(2020, 1, 1))
    known = {} if luck.random() < 0.8 else {"id_reason": "not yet issued"}
    school_class = maybe(luck, luck.choice(classes), 0.7)
    return f.child(
        f"孩子{number}",
        living_in=luck.choice([f.village(), f.other_village()]),
        sex=luck.choice("12"),
        birth_date=birth,
        ethnicity=luck.choice(["01", "15", ""]),
        school_class=school_class,
        school=None if school_class else maybe(luck, f.other_school(), 0.3),
        schooling=luck.choice(["primary", "junior", ""]),
        boards=luck.choice([True, False, None]),
        hukou_registered=luck.choice([True, False, None]),
        condition=luck.choice(["healthy", "disabled", "ill", ""]),
        income=luck.choice([[], ["wages"], ["wages", "farming"]]),
        relief=luck.choice([[], ["allowance"]]),
        opened_on=opened,
        closed_on=closed,
        closing="moved" if closed else "",
        **known,
    )


def family_at_random(luck, child) -> None:
    for parent in ("51", "52"):
        if luck.random() < 0.4:
            state = luck.choice(["living", "deceased"])
            home = maybe(luck, day(luck), 0.7)
            Relative.objects.create(child=child, relation=parent, name="王某", state=state, at_home_on=home)
    for parent in ("51", "52", "50"):
        for still_away in (False, True):
            if luck.random() < 0.3:
                left = day(luck)
                Absence.objects.create(
                    child=child,
                    parent=parent,
                    left_on=maybe(luck, left, 0.7),
                    known_on=left,
                    destination=luck.choice(["广东省东莞市", ""]),
                    returned_on=None if still_away else day(luck, left),
                )
    change = day(luck)
    for starts, ends in ((FIRST, change), (change, None)):
        if luck.random() < 0.6:
            Guardianship.objects.create(
                child=child,
                starts_on=starts,
                ends_on=ends,
                name="奶奶",
                relation=luck.choice(["61", "62"]),
                entrusted=luck.choice([True, False, None]),
                assessment=luck.choice(["good", "poor", ""]),
            )


def care_at_random(luck, child, maker) -> None:
    for _ in range(luck.randrange(5)):
        kind = luck.choice(Visit.Kind.values)
        Visit.objects.create(child=child, kind=kind, made_on=day(luck), observed="well", by=maker)
    change = day(luck)
    agreed = day(luck, change, dt.date(2027, 2, 14))  # also in the future
    for number, (starts, ends) in enumerate(((FIRST, change), (agreed, None))):
        if luck.random() < 0.6:
            Pairing.objects.create(
                child=child,
                carer=f.carer(f"老师{child.pk}-{number}"),
                seat=1,
                started_on=starts,
                ended_on=ends,
                ending="other" if ends else "",
            )


def activities_at_random(luck, children) -> None:
    for number in range(8):
        activity = f.activity(f"活动{number}", held_on=day(luck, last=dt.date(2027, 2, 14)))  # also in the future
        goods = [
            Goods.objects.create(activity=activity, item="书包", quantity=34, value=Decimal("7000")),
            Goods.objects.create(activity=activity, item="书", quantity=90, value=Decimal("1000.50")),
        ]
        for child in luck.sample(children, len(children) // 3):
            Attendance.objects.create(activity=activity, child=child)
            for line in goods:
                if luck.random() < 0.6:
                    Handout.objects.create(goods=line, child=child, quantity=luck.choice([1, 2]))
