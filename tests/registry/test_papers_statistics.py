"""The statistics table: recounted child by child in plain Python, kept in when it does not agree, and naming nobody."""

import datetime as dt
from random import Random

import pytest
from django.urls import reverse

from carebase.audit.models import Action, Event
from registry.models import Absence, Child, Guardianship, Relative
from registry.statistics.columns import COLUMNS, annotate_care, count_columns
from registry.statistics.identities import ERROR, IDENTITIES, INFO, WARNING, Identity, broken_identities
from tests import factories as f
from tests.registry.papers import body, pdf_pages, sheet_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DAY = dt.date(2026, 10, 1)
ZERO = dict.fromkeys(range(1, 33), 0)
# Code of the relation → column (statistics standard, columns 26–27); what is not here is no answer.
RELATIONS = {
    "60": 26,
    "61": 26,
    "62": 26,
    "63": 26,
    "64": 26,
    "57": 27,
    "66": 27,
    "69": 27,
    "71": 27,
    "80": 27,
    "90": 27,
}
RELATIONS |= {"97": 27, "99": 27, "51": 0, "50": 0, "42": 0, "01": 0}
FILLED = {
    "sex": "1",
    "birth_date": dt.date(2016, 5, 4),
    "schooling": "primary",
    "hukou_registered": True,
    "hukou_rural": True,
    "condition": "healthy",
    "boards": False,
}


def left_behind(name: str = "王小明", *, care: dict | None = None, **fields) -> Child:
    """Return a child in a class, both of whose parents are away, cared for by a grandmother unless `care` says else."""
    child = f.child(name, school_class=f.school_class(), **FILLED | fields)
    f.parents_of(child)
    for parent in (f.FATHER, f.MOTHER):
        f.absence(child, parent, cross_county=True)
    if care is not None or fields.get("care", True):
        kept = {"starts_on": dt.date(2026, 1, 10), "name": "李奶奶", "relation": "62", "assessment": "fair"} | (
            care or {}
        )
        Guardianship.objects.create(child=child, **kept)
    return child


def query(**more) -> dict:
    return {"class": f.school_class().key, "date": DAY.isoformat()} | more


def numbers_of(data: bytes) -> list[int]:
    rows = list(sheet_of(data).values)
    return [cell for row in rows for cell in row if isinstance(cell, int)]


def birth_of(years: int, random: Random) -> dt.date:
    """Return a date of birth of somebody who is `years` old on DAY, birthdays on the day itself among them."""
    latest = DAY.replace(year=DAY.year - years)
    return latest - dt.timedelta(days=random.choice([0, 1, 100, 364]))


def random_child(number: int, random: Random) -> Child:
    """Return a child of any age and state; somebody may be away, and somebody may look after it."""
    child = f.child(
        f"儿童{number}",
        id_number="",
        id_reason="试",
        sex=random.choice("12"),
        birth_date=birth_of(random.randrange(0, 16), random),
        schooling=random.choice([*Child.Schooling.values, ""]),
        hukou_registered=random.choice([True, False, None]),
        condition=random.choice(["healthy", "disabled", "ill", ""]),
        boards=random.choice([True, False, None]),
    )
    for relation in ("51", "52"):
        if random.random() < 0.9:
            state, able = random.choice(["living", "living", "deceased"]), random.choice([True, False, None])
            Relative.objects.create(child=child, relation=relation, name="某", state=state, able=able)
        for _ in range(random.choice([0, 1, 1])):
            back = random.choice([None, None, DAY, DAY + dt.timedelta(1)])
            left = random.choice([dt.date(2026, 1, 1), DAY, None])
            Absence.objects.create(child=child, parent=relation, left_on=left, known_on=DAY, returned_on=back)
    for began, ended in ((dt.date(2025, 1, 1), dt.date(2026, 1, 1)), (dt.date(2026, 1, 1), random.choice([None, DAY]))):
        if random.random() < 0.8:
            relation = random.choice([*RELATIONS, ""])
            entrusted = random.choice([True, False, None])
            name = "某" if relation or entrusted else random.choice(["某", ""])
            grade = random.choice(["good", "fair", "poor", ""])
            Guardianship.objects.create(
                child=child,
                starts_on=began,
                ends_on=ended,
                relation=relation,
                entrusted=entrusted,
                name=name,
                assessment=grade,
            )
    return child


def years(child: Child) -> int:
    had_birthday = (DAY.month, DAY.day) >= (child.birth_date.month, child.birth_date.day)
    return DAY.year - child.birth_date.year - (not had_birthday)


def away(child: Child, parent: str) -> bool:
    rows = [row for row in child.absences.all() if row.parent == parent]
    return any((row.left_on or row.known_on) <= DAY and (not row.returned_on or row.returned_on > DAY) for row in rows)


def care_column(child: Child, care) -> int:
    """Return which of 26–29 a child falls in, 0 for none, as the docstring of the columns says it."""
    for gone, home in (("51", "52"), ("52", "51")):
        at_home = [row for row in child.relatives.all() if row.relation == home and row.state != "deceased"]
        if away(child, gone) and not away(child, home) and any(row.able is False for row in at_home):
            return 29
    if care is None:
        return 0
    if care.relation:
        return RELATIONS[care.relation]
    return 28 if care.entrusted is False and not care.name else 0


def columns_of(child: Child) -> set[int]:
    """Return the columns that count a child."""
    first = 2 if years(child) < 6 else 5 if years(child) < 14 else 8
    found = {1, first, first + int(child.sex)}
    statuses = ["kindergarten", "no_kindergarten", "primary", "junior", "senior", "vocational", "dropped_out"]
    if child.schooling:
        found.add(11 + [*statuses, "not_in_school"].index(child.schooling))
    if child.hukou_registered is not None:
        found.add(19 if child.hukou_registered else 20)
    if child.condition:
        found.add({"healthy": 21, "disabled": 22, "ill": 23}[child.condition])
    if child.schooling in {"primary", "junior"} and child.boards is not None:
        found.add(24 if child.boards else 25)
    running = [
        row for row in child.guardianships.all() if row.starts_on <= DAY and (not row.ends_on or row.ends_on > DAY)
    ]
    care = running[0] if running else None
    if care and care.assessment:
        found.add({"good": 30, "fair": 31, "poor": 32}[care.assessment])
    return found | ({care_column(child, care)} - {0})


@pytest.mark.parametrize("seed", range(2))
def test_the_database_counts_what_a_child_by_child_count_finds(seed):
    random = Random(seed)
    children = [random_child(number, random) for number in range(60)]
    fallen = [columns_of(child) for child in children]
    expected = {number: sum(number in columns for columns in fallen) for number in range(1, 33)}
    assert count_columns(Child.objects.all(), DAY) == expected
    assert sum(value > 0 for value in expected.values()) >= 30, "nearly every column was tried"


def test_all_columns_take_one_query(django_assert_num_queries):
    for number in range(3):
        left_behind(f"王小{number}")
    with django_assert_num_queries(1):
        assert count_columns(Child.objects.all(), DAY)[1] == 3


@pytest.mark.parametrize(("relation", "column"), RELATIONS.items())
def test_each_relation_of_a_guardian_has_its_column_or_none(relation, column):
    left_behind(care={"relation": relation})
    counts = count_columns(Child.objects.all(), DAY)
    assert [number for number in (26, 27, 28, 29) if counts[number]] == ([column] if column else [])


def test_a_parent_who_cannot_be_guardian_comes_before_whoever_helps():
    child = left_behind()
    child.absences.get(parent="52").delete()
    mother = child.relatives.get(relation="52")
    mother.able = False
    mother.save()
    assert annotate_care(Child.objects.all(), DAY).get().guarded_by == 29
    mother.state = "deceased"
    mother.save()
    assert annotate_care(Child.objects.all(), DAY).get().guarded_by == 26, "the dead are not at home"


def test_nobody_is_entrusted_only_when_somebody_said_so():
    alone = left_behind("王一", care={"relation": "", "name": "", "entrusted": False})
    silent = left_behind("王二", care={"relation": "", "name": "", "entrusted": None})
    found = {child.pk: child.guarded_by for child in annotate_care(Child.objects.all(), DAY)}
    assert found == {alone.pk: 28, silent.pk: 0}


def test_the_columns_are_the_32_of_the_standard_in_order():
    assert [column.number for column in COLUMNS] == list(range(1, 33))
    assert [column.heading for column in COLUMNS if column.number in (1, 2, 16, 24, 28, 32)] == [
        "农村留守儿童总数",
        "小计",
        "中职",
        "寄宿",
        "无人监护",
        "差",
    ]


# Each identity as the standard prints it, broken by one child too many on its left.
PRINTED = {
    "R1": "1=2+5+8",
    "R2": "1=11+12+13+14+15+16+17+18",
    "R3": "1=19+20",
    "R4": "1=21+22+23",
    "R5": "1=26+27+28+29",
    "R6": "1=30+31+32",
    "R7": "2=3+4",
    "R8": "5=6+7",
    "R9": "8=9+10",
    "R10": "13+14=24+25",
}


def test_the_errors_are_the_identities_of_the_standard_with_r4_corrected():
    found = {row.rule: row for row in IDENTITIES if row.enabled and row.severity == ERROR}
    assert found.keys() == PRINTED.keys()
    for rule, text in PRINTED.items():
        left, right = (tuple(map(int, side.split("+"))) for side in text.split("="))
        assert (found[rule].left, found[rule].right, found[rule].at_most) == (left, right, False)


@pytest.mark.parametrize("rule", PRINTED)
def test_each_identity_is_found_broken_and_alone(rule):
    left = int(PRINTED[rule].split("=")[0].split("+")[0])
    assert rule in {row.rule for row in broken_identities(ZERO | {left: 1}, ERROR)}
    assert broken_identities(ZERO, ERROR) == []


def test_the_literal_r4_is_there_disabled_and_would_fail_for_one_pupil():
    (literal,) = [row for row in IDENTITIES if row.right == (21, 22, 23, 24, 25)]
    assert not literal.enabled
    pupil = ZERO | {1: 1, 21: 1, 13: 1, 24: 1}
    assert not literal.holds(pupil)
    switched = [Identity(**{**literal.__dict__, "enabled": True})]
    assert broken_identities(pupil, ERROR, switched) and not broken_identities(ZERO | {1: 1, 21: 1}, ERROR, switched)


def test_the_warnings_are_no_more_than():
    rows = {row.rule: row for row in IDENTITIES if row.severity == WARNING}
    assert rows.keys() == {"R12", "R13"}
    assert rows["R12"].holds(ZERO | {28: 1, 29: 1, 32: 2}) and not rows["R12"].holds(ZERO | {28: 1, 29: 1, 32: 1})
    assert rows["R13"].holds(ZERO | {18: 1, 8: 2}) and not rows["R13"].holds(ZERO | {18: 1})
    assert {row.rule for row in IDENTITIES if row.severity == INFO} == {"R11", "R14"}


def test_a_valid_table_is_printed_with_counts_only(login):
    left_behind("王小明")
    left_behind("李小红", sex="2", birth_date=dt.date(2012, 1, 1), schooling="junior", boards=True)
    at_home = f.child("何在家", school_class=f.school_class(), **FILLED)
    f.parents_of(at_home)
    client = login(f.head_of(f.school()))
    data = body(client.get(reverse("paper-file", args=["statistics.xlsx"]), query()))
    expected = ZERO | {1: 2, 5: 1, 6: 1, 8: 1, 10: 1, 13: 1, 14: 1, 19: 2, 21: 2, 24: 1, 25: 1, 26: 2, 31: 2}
    assert numbers_of(data) == list(expected.values())
    page = client.get(reverse("paper-print", args=["statistics"]), query()).content.decode()
    (pdf,) = pdf_pages(body(client.get(reverse("paper-file", args=["statistics.pdf"]), query())))
    for text in (page, pdf):
        assert "王小明" not in text and "农村留守儿童总数" in text and "填报单位（盖章）" in text
    assert "personal information" not in page and "Printed by" in page
    detail = Event.objects.filter(action=Action.EXPORT).first().detail
    assert detail["children"] == 2 and detail["codes"] == []


@pytest.mark.parametrize(
    ("fields", "care", "words"),
    [
        ({"schooling": ""}, {}, "schooling status"),
        ({"hukou_registered": None}, {}, "household registered"),
        ({"condition": ""}, {}, "physical condition"),
        ({"boards": None}, {}, "boards at school"),
        ({"sex": "9", "id_number": "", "id_reason": "试"}, {}, "sex"),
        ({}, {"relation": ""}, "who looks after the child"),
        ({}, {"assessment": ""}, "guardianship assessment"),
    ],
)
def test_what_is_not_filled_is_marked_in_the_table_and_leads_to_the_child(fields, care, words, login):
    left_behind("周全全")
    child = left_behind("吴缺缺", care=care, **fields)
    client = login(f.head_of(f.school()))
    response = client.get(reverse("paper-print", args=["statistics"]), query())
    page = response.content.decode()
    assert response.status_code == 200 and f"Missing for 1 child: {words}." in page
    assert "吴缺缺" in page and f"{child.get_absolute_url()}edit/" in page and "周全全" not in page
    rows = str(list(sheet_of(body(client.get(reverse("paper-file", args=["statistics.xlsx"]), query()))).values))
    assert "有1名儿童未填写" in rows and "※" in rows and "吴缺缺" not in rows


def test_only_the_columns_that_a_fact_is_missing_in_are_marked(login):
    left_behind("王小明")
    left_behind("吴缺缺", schooling="")
    left_behind("孙未知", hukou_rural=None)
    client = login(f.head_of(f.school()))
    data = body(client.get(reverse("paper-file", args=["statistics.xlsx"]), query()))
    marked = [cell for row in sheet_of(data).values for cell in row if str(cell)[:-1].isdecimal() and "※" in str(cell)]
    assert marked == ["1※", *(f"{number}※" for number in range(11, 19))]
    assert (
        numbers_of(data)[0] == 2 and sum(numbers_of(data)) == 2 * 7 + 2
    )  # both children in seven columns, the pupil in two more
    (pdf,) = pdf_pages(body(client.get(reverse("paper-file", args=["statistics.pdf"]), query())))
    assert "※另有1名儿童" in pdf and "有1名儿童未填写：就学情况" in pdf and "吴缺缺" not in pdf


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"hukou_rural": None}, "rural household registration"),
        ({"absence": {"left_on": None, "known_on": DAY + dt.timedelta(days=1)}}, "since when a parent is away"),
        ({"absence": None}, "whether a parent is away or at home"),
        ({"absence": {"parent": "50"}, "only": True}, "which of the parents is away"),
        ({"absence": {"cross_county": None}}, "whether a parent is in another county"),
    ],
)
def test_who_is_not_counted_is_said_below_the_table_for_want_of_which_fact(change, fact, login):
    left_behind("王小明")
    child = left_behind("孙未知", hukou_rural=change.get("hukou_rural", True))
    if "absence" in change:
        absence = child.absences.get(parent="52")
        absence.delete()
        if change.get("only"):
            child.absences.get().delete()
        if change["absence"]:
            f.absence(
                child, **{"parent": "52", "left_on": dt.date(2026, 1, 10), "cross_county": True} | change["absence"]
            )
    client = login(f.head_of(f.school()))
    page = client.get(reverse("paper-print", args=["statistics"]), query(definition="D2")).content.decode()
    assert "另有1名儿童因缺少认定所需的信息而未计入" in page and f"Missing for 1 child: {fact}." in page
    assert "孙未知" in page and f"{child.get_absolute_url()}edit/" in page and "王小明" not in page


def test_another_definition_counts_others(login):
    left_behind("王小明")
    one = left_behind("李小红", hukou_rural=False)
    one.absences.get(parent="52").delete()
    client = login(f.head_of(f.school()))
    for code, expected in (("D1", 1), ("D3", 2)):
        data = body(client.get(reverse("paper-file", args=["statistics.xlsx"]), query(definition=code)))
        assert numbers_of(data)[0] == expected
    early = query(definition="D2") | {"date": "2020-01-01"}
    response = client.get(reverse("paper-print", args=["statistics"]), early)
    assert response.status_code == 400 and "not in force that day" in response.content.decode()


def test_the_table_counts_the_place_alone(login):
    left_behind("王小明")
    other = left_behind("赵小兰")
    other.school_class = f.school_class(number=2)
    other.save()
    data = body(login(f.head_of(f.school())).get(reverse("paper-file", args=["statistics.xlsx"]), query()))
    assert numbers_of(data)[0] == 1
