"""Places of the demonstration: a county that does not exist, two townships, their villages, schools and terms."""

import datetime as dt
from dataclasses import dataclass, field

from carebase.management.demo_data import days
from registry.models import Division, School, SchoolClass, Term

COUNTY, TOWN, HILLS = "990101000000", "990101101000", "990101102000"
HEXIN, GUANZHI, CENTRE = "990101101201", "990101101202", "990101102201"
DIVISIONS = {
    "990000000000": {"name": "湖北省"},
    "990100000000": {"name": "宜昌市"},
    COUNTY: {"name": "枝江市"},
    TOWN: {"name": "百里洲镇"},
    HEXIN: {"name": "合心村", "aliases": "合兴村", "contact": "王秀英", "rural_minors": 212},
    GUANZHI: {"name": "关志村", "aliases": "占站村、站站村", "contact": "张桂香", "rural_minors": 187},
    HILLS: {"name": "小白山乡"},
    CENTRE: {"name": "中心村", "contact": "冉德福", "rural_minors": 143},
}
TOWN_SCHOOL, HILLS_SCHOOL = "2142000001", "2142000002"
SCHOOLS = {
    TOWN_SCHOOL: {"name": "百里洲镇中心小学", "division_id": TOWN},
    HILLS_SCHOOL: {"name": "小白山乡中心小学", "division_id": HILLS},
}
CLASSES_A_GRADE = {TOWN_SCHOOL: 2, HILLS_SCHOOL: 1}
GRADES = range(1, 10)


@dataclass
class Places:
    """Divisions and schools by code, classes by (school code, grade, number), and two terms."""

    divisions: dict[str, Division] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    classes: dict[tuple[str, int, int], SchoolClass] = field(default_factory=dict)
    this_term: Term | None = None
    last_term: Term | None = None


def make_places(today: dt.date) -> Places:
    places = Places()
    for code, fields in DIVISIONS.items():
        places.divisions[code] = Division.objects.create(code=code, **fields)
    for code, fields in SCHOOLS.items():
        places.schools[code] = School.objects.create(code=code, **fields)
        for grade in GRADES:
            for number in range(1, CLASSES_A_GRADE[code] + 1):
                places.classes[code, grade, number] = make_class(places.schools[code], grade, number, today)
    term = days.term_of(today)
    places.last_term = Term.objects.create(**days.term_of(days.before(term["starts_on"])))
    places.this_term = Term.objects.create(**term)
    return places


def make_class(school: School, grade: int, number: int, today: dt.date) -> SchoolClass:
    return SchoolClass.objects.create(school=school, entry_year=days.entry_year(grade, today), number=number)
