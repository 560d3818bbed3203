"""Every column of the term report against a recount in plain Python over the raw rows, which shares no code with it."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from activities.models import Attendance, Handout
from carebase.reports.term.columns import COLUMNS, ReportPeriod
from carebase.reports.term.report import report_children, report_rows
from pairing.models import Pairing
from registry.models import Absence, Child, Division, Guardianship
from tests import factories as f
from tests.reports import scenes
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("january"), pytest.mark.postgres]
TODAY = dt.date(2027, 1, 10)
OPENED = dt.date(2026, 2, 15)
SEXES = {"1": "Male", "2": "Female"}
ETHNICITIES = {"01": "Han", "15": "Tujia", "": ""}
SCHOOLING = {"primary": "primary school", "junior": "junior middle school", "": ""}
CONDITIONS = {"healthy": "healthy", "disabled": "disabled", "ill": "seriously ill", "": ""}
RELATIONS = {"61": "Paternal grandfather", "62": "Paternal grandmother"}
TRUTHS = {True: "yes", False: "no", None: ""}


@pytest.fixture
def january():
    with time_machine.travel(dt.datetime(2027, 1, 10, 12, tzinfo=dt.timezone(dt.timedelta(hours=8))), tick=False):
        yield


def text(value) -> str:
    return "" if value is None else str(value)


def full_years(birth: dt.date, on: dt.date) -> int:
    """Count birthdays one by one; a 29 February is kept on the 28th in common years."""
    years = 0
    while True:
        year = birth.year + years + 1
        try:
            birthday = birth.replace(year=year)
        except ValueError:
            birthday = dt.date(year, 2, 28)
        if birthday > on:
            return years
        years += 1


def class_in(child, term) -> str:
    if not child.school_class:
        return ""
    first_year = int(term.slug[:4]) - (1 if term.slug.endswith("spring") else 0)
    grade = child.school_class.school.first_grade + first_year - child.school_class.entry_year
    if grade > child.school_class.school.last_grade:
        return f"entered {child.school_class.entry_year}, class {child.school_class.number}"
    return f"Grade {grade}, class {child.school_class.number}"


def recount_child(child, term, on) -> dict:
    return {
        "code": child.code,
        "full name": child.name,
        "sex": SEXES[child.sex],
        "date of birth": text(child.birth_date),
        "age": text(full_years(child.birth_date, on)),
        "ethnicity": ETHNICITIES[child.ethnicity],
        "resident ID number": f"************{child.id_number[14:]}" if child.id_number else "",
        "village": child.village.name,
        "township": "百里洲镇",
        "school": child.school.name if child.school else "",
        "class": class_in(child, term),
        "schooling status": SCHOOLING[child.schooling],
        "boards at school": TRUTHS[child.boards],
        "physical condition": CONDITIONS[child.condition],
        "household registered": TRUTHS[child.hukou_registered],
        "main economic source": "、".join(child.income),
        "relief and assistance": "subsistence allowance" if child.relief else "",
        "file closed": text(child.closed_on),
    }


def recount_away(child, code, on) -> str:
    """Return yes when the parent is away, no when a fact says where the parent is, and nothing otherwise.

    Of two parents of whom one is away, not said which, it is the one whose partner is not.
    """

    def own(code) -> str:
        rows = [row for row in child.absences.all() if row.parent == code]
        rows = [row for row in rows if row.returned_on is None or row.returned_on > on]
        relative = child.relatives.filter(relation=code).first()
        if relative and relative.state == "deceased":
            return "no"
        if any((row.left_on or row.known_on) <= on for row in rows):
            return "yes"
        if any(row.left_on is None for row in rows):  # perhaps long before it was recorded
            return ""
        home = relative and relative.at_home_on and relative.at_home_on <= on
        return "no" if home or child.absences.filter(parent=code).exists() else ""

    other = {"51": "52", "52": "51"}[code]
    if not own(code) and own("50") == "yes" and own(other) == "no":
        return "yes"
    return own(code)


def recount_family(child, on) -> dict:
    cells = {}
    for parent, code in (("father", "51"), ("mother", "52")):
        away = [
            (row.left_on or row.known_on, row.pk, row)
            for row in Absence.objects.all()
            if row.child_id == child.pk and row.parent == code and (row.left_on or row.known_on) <= on
            if row.returned_on is None or row.returned_on > on
        ]
        latest = max(away)[2] if away else None
        cells[f"{parent} away"] = recount_away(child, code, on)
        cells[f"{parent} away since"] = text((latest.left_on or "") if latest else "")
        cells[f"{parent}'s place of work"] = latest.destination if latest else ""
    guards = [
        row
        for row in Guardianship.objects.all()
        if row.child_id == child.pk and row.starts_on <= on and (row.ends_on is None or row.ends_on > on)
    ]
    guard = max(guards, key=lambda row: (row.starts_on, row.pk)) if guards else None
    cells["guardian's relation"] = RELATIONS[guard.relation] if guard else ""
    cells["another guardian entrusted"] = TRUTHS[guard.entrusted] if guard else ""
    cells["guardianship assessment"] = guard.assessment if guard else ""
    return cells


def recount_care(child, term, on) -> dict:
    visits = [row for row in Visit.objects.all() if row.child_id == child.pk and row.made_on <= term.ends_on]
    in_term = [row.kind for row in visits if row.made_on >= term.starts_on]
    pairings = [
        row
        for row in Pairing.objects.all()
        if row.child_id == child.pk and row.started_on <= on and (row.ended_on is None or row.ended_on > on)
    ]
    headings = {"home_visit": "home visits", "talk": "heart-to-heart talks", "call": "calls"}
    return {
        **{headings.get(kind, str(kind.label)): text(in_term.count(kind)) for kind in Visit.Kind},
        "last contact": text(max((row.made_on for row in visits), default=None)),
        "carer": pairings[0].carer.name if pairings else "",
    }


def share_in_fen(handout) -> int:
    """Deal the fen of the goods to all pieces, one after the other, and add up those of the handout."""
    fen, pieces = int(handout.goods.value * 100), [0] * handout.goods.quantity
    for number in range(len(pieces)):
        pieces[number] = fen // len(pieces) + (number < fen % len(pieces))
    earlier = sum(row.quantity for row in handout.goods.handouts.all() if row.pk < handout.pk)
    return sum(pieces[earlier : earlier + handout.quantity])


def recount_gifts(child, term, on) -> dict:
    def held(activity):
        return term.starts_on <= activity.held_on <= on

    attended = [row for row in Attendance.objects.all() if row.child_id == child.pk and held(row.activity)]
    received = [row for row in Handout.objects.all() if row.child_id == child.pk and held(row.goods.activity)]
    return {
        "activities attended": text(len(attended)),
        "goods received": text(sum(row.quantity for row in received)),
        "value of the goods, yuan": f"{sum(map(share_in_fen, received)) / 100:.2f}",
    }


@pytest.mark.parametrize("season", [0, 1])
def test_every_cell_agrees_with_a_recount_over_the_raw_rows(login, season):
    term = scenes.terms()[season]
    scenes.county_at_random()
    client = login(f.coordinator_of(f.township()))
    rows = scenes.table(client.get("/reports/term.csv", {"term": term.slug, "division": "990101101000"}))
    assert len({row.pop("export") for row in rows}) == 1, "the mark of the file"
    on = min(term.ends_on, TODAY)
    expected = {
        child.code: recount_child(child, term, on)
        | recount_family(child, on)
        | recount_care(child, term, on)
        | recount_gifts(child, term, on)
        for child in Child.objects.all()
        if child.village_id != f.far_village().code and child.opened_on <= term.ends_on
        if child.closed_on is None or child.closed_on >= term.starts_on
    }
    assert set(rows[0]) == set(next(iter(expected.values()))), "a column without its recount, or the other way"
    assert {row["code"]: row for row in rows} == expected
    assert len(rows) == len(expected) > 15
    same = {heading for heading in rows[0] if len({row[heading] for row in rows}) == 1}
    assert same == {"township"}, "a column that scenes.py gives one value proves nothing"


def report_row(login, term, division, code) -> dict:
    client = login(f.coordinator_of(division))
    rows = scenes.table(client.get("/reports/term.csv", {"term": term.slug, "division": division.code}))
    return next(row for row in rows if row["code"] == code)


def changed_after_the_term(child) -> None:
    """Move a child of 合心村 to another township, school and class, and change what else may change, twice each."""
    for school_class, living_in, fields in (
        (f.school_class(number=9), f.other_village(), {"schooling": "senior", "boards": None, "relief": ["medical"]}),
        (f.school_class(f.other_school()), f.far_village(), {"schooling": "dropped_out", "boards": True, "relief": []}),
    ):
        child.school_class, child.school, child.village = school_class, school_class.school, living_in
        for name, value in {"condition": "ill", "hukou_registered": True, "income": ["wages"], **fields}.items():
            setattr(child, name, value)
        child.save()


BEFORE = {
    "village": "合心村", "township": "百里洲镇", "school": "百里洲镇中心小学", "class": "Grade 4, class 1",
    "schooling status": "primary school", "boards at school": "no", "physical condition": "",
    "household registered": "", "main economic source": "", "relief and assistance": "subsistence allowance",
}  # fmt: skip


def test_a_past_term_tells_of_place_school_and_health_as_they_were_then(login):
    now, before = scenes.terms()
    fields = {"condition": "", "hukou_registered": None, "relief": ["allowance"], "boards": False}
    with time_machine.travel(dt.datetime(2026, 8, 31, 15, 59, tzinfo=dt.UTC), tick=False):
        child = f.child(school_class=f.school_class(entry_year=2022), schooling="", **fields)
        child.schooling = "primary"
        child.save()  # a change within the term is none since
    with time_machine.travel(dt.datetime(2026, 8, 31, 16, 0, tzinfo=dt.UTC), tick=False):  # midnight in China
        changed_after_the_term(child)
    stays = f.child("李小红", opened_on=OPENED)
    row = report_row(login, before, f.village(), child.code)
    assert {name: row[name] for name in BEFORE} == BEFORE
    row = report_row(login, now, f.far_village(), child.code)
    assert (row["village"], row["school"], row["schooling status"]) == ("中心村", "小白山乡中心小学", "dropped out")
    for term, division, listed in (
        (before, "990101102000", False),
        (now, "990101101000", False),
        (before, "990101000000", True),
    ):
        client = login(f.coordinator_of(Division.objects.get(code=division)))
        rows = scenes.table(client.get("/reports/term.csv", {"term": term.slug, "division": division}))
        codes = [row["code"] for row in rows]
        assert codes.count(child.code) == listed and (stays.code in codes) == (division != "990101102000")


def test_a_child_who_had_no_school_then_has_none_in_the_report_of_then(login):
    _now, before = scenes.terms()
    with time_machine.travel(dt.datetime(2026, 8, 1, tzinfo=dt.UTC), tick=False):
        child, other = f.child(school=None), f.child("李小红", school_class=f.school_class())
    child.school_class = f.school_class()
    child.save()
    assert report_row(login, before, f.village(), child.code)["school"] == ""
    assert report_row(login, before, f.village(), other.code)["school"] == "百里洲镇中心小学"


def test_moved_children_are_reported_by_one_query_too(django_assert_num_queries):
    _now, before = scenes.terms()
    for number in range(3):
        changed_after_the_term(f.child(f"孩子{number}", school_class=f.school_class(), opened_on=OPENED))
    township = f.township()
    with django_assert_num_queries(1):
        rows = list(report_rows(report_children(before, township), ReportPeriod.of(before)))
    assert len(rows) == 4


def test_no_heading_is_there_twice():
    headings = [str(column.label) for column in COLUMNS]
    assert len(headings) == len(set(headings))


def test_every_kind_of_contact_has_its_column_so_that_together_they_hold_all(login):
    now, _before = scenes.terms()
    child, other, maker = f.child(), f.child("李小红"), f.teacher_of(f.school_class())
    for times, kind in enumerate(Visit.Kind.values, 1):
        for _number in range(times):
            f.visit(child, maker, kind=kind, made_on=dt.date(2026, 10, 1))
    f.visit(other, maker, made_on=dt.date(2026, 10, 1))
    row = report_row(login, now, f.village(), child.code)
    headings = list(row)
    counted = headings[headings.index("relief and assistance") + 1 : headings.index("last contact")]
    assert [int(row[heading]) for heading in counted] == list(range(1, len(Visit.Kind) + 1))


@pytest.mark.parametrize(("made_on", "spring", "autumn"), [((2026, 8, 31), "1", "0"), ((2026, 9, 1), "0", "1")])
def test_a_visit_at_the_turn_of_the_term_counts_in_exactly_one(login, made_on, spring, autumn):
    now, before = scenes.terms()
    child, other = f.child(opened_on=OPENED), f.child("李小红", opened_on=OPENED)
    maker = f.teacher_of(f.school_class())
    for visited in (child, other):
        Visit.objects.create(child=visited, kind="home_visit", made_on=dt.date(*made_on), said="fine", by=maker)
    Visit.objects.create(child=other, kind="home_visit", made_on=dt.date(2026, 10, 1), said="fine", by=maker)
    assert report_row(login, before, f.village(), child.code)["home visits"] == spring
    assert report_row(login, now, f.village(), child.code)["home visits"] == autumn


@pytest.mark.parametrize(("shanghai", "age"), [((2027, 2, 27, 23, 59), "10"), ((2027, 2, 28, 0, 1), "11")])
def test_a_child_of_29_february_grows_older_at_midnight_of_the_28th_in_shanghai(login, shanghai, age):
    spring = f.term("2027-spring", dt.date(2027, 2, 15), dt.date(2027, 8, 31))
    leap = f.child(birth_date=dt.date(2016, 2, 29))
    f.child("李小红", birth_date=dt.date(2016, 3, 1))
    with time_machine.travel(dt.datetime(*shanghai, tzinfo=dt.timezone(dt.timedelta(hours=8))), tick=False):
        assert report_row(login, spring, f.village(), leap.code)["age"] == age


@pytest.mark.parametrize(("closed_on", "listed"), [((2026, 8, 31), False), ((2026, 9, 1), True)])
def test_a_file_closed_before_the_term_is_not_in_it(login, closed_on, listed):
    now, _before = scenes.terms()
    stays = f.child("李小红")
    closed = f.child(closed_on=dt.date(*closed_on), closing="moved")
    client = login(f.coordinator_of(f.village()))
    rows = scenes.table(client.get("/reports/term.csv", {"term": now.slug, "division": f.village().code}))
    assert [row["code"] for row in rows if row["code"] != stays.code] == ([closed.code] if listed else [])


def test_the_carer_of_a_past_term_is_who_accompanied_the_child_at_its_end(login):
    now, before = scenes.terms()
    child, other = f.child(opened_on=OPENED), f.child("李小红", opened_on=OPENED)
    first, second, elsewhere = f.carer("张老师"), f.carer("陈老师"), f.carer("别的老师")
    handed_over = dt.date(2026, 10, 1)
    Pairing.objects.create(
        child=child, carer=first, seat=1, started_on=dt.date(2026, 3, 1), ended_on=handed_over, ending="handed_over"
    )
    Pairing.objects.create(child=child, carer=second, seat=1, started_on=handed_over)
    Pairing.objects.create(child=other, carer=elsewhere, seat=1, started_on=dt.date(2026, 3, 1))
    assert report_row(login, before, f.village(), child.code)["carer"] == "张老师"
    assert report_row(login, now, f.village(), child.code)["carer"] == "陈老师"


def test_a_class_is_named_by_its_grade_in_the_term(login):
    now, before = scenes.terms()
    child = f.child(school_class=f.school_class(entry_year=2022), opened_on=OPENED)
    f.child("李小红", school_class=f.school_class(entry_year=2021))
    assert report_row(login, before, f.village(), child.code)["class"] == "Grade 4, class 1"
    assert report_row(login, now, f.village(), child.code)["class"] == "Grade 5, class 1"


def test_a_child_registered_after_the_term_is_not_in_its_report(login):
    now, before = scenes.terms()
    f.child("李小红", opened_on=before.ends_on)
    late = f.child(opened_on=now.starts_on, birth_date=now.starts_on)  # whose age would have been -1
    client = login(f.coordinator_of(f.village()))
    for term, listed in ((before, False), (now, True)):
        rows = scenes.table(client.get("/reports/term.csv", {"term": term.slug, "division": f.village().code}))
        assert len(rows) == 1 + listed and (late.code in {row["code"] for row in rows}) == listed


@pytest.mark.parametrize(("held_on", "counted"), [((2027, 1, 10), "1"), ((2027, 1, 11), "0")])
def test_only_an_activity_that_has_begun_counts_with_its_goods(login, held_on, counted):
    now, _before = scenes.terms()
    child, other = f.child(), f.child("李小红")
    activity = f.activity(held_on=dt.date(*held_on))
    for present in (child, other):
        Attendance.objects.create(activity=activity, child=present)
    Handout.objects.create(goods=f.goods(activity, quantity=1, value=12), child=child)
    row = report_row(login, now, f.village(), child.code)
    assert (row["activities attended"], row["goods received"]) == (counted, counted)
    page = login(f.coordinator_of(f.village())).get(child.get_absolute_url()).content.decode()
    assert (activity.title in page) == (counted == "1")


def test_the_shares_of_a_gift_add_up_to_it(login):
    now, _before = scenes.terms()
    activity = f.activity(held_on=dt.date(2026, 12, 1))
    three, six = f.goods(activity, quantity=3, value=100), f.goods(activity, "书", quantity=6, value=10)
    for number in range(3):
        child = f.child(f"孩子{number}")
        Handout.objects.create(goods=three, child=child)
        Handout.objects.create(goods=six, child=child, quantity=number + 1)
    rows = scenes.table(
        login(f.coordinator_of(f.village())).get("/reports/term.csv", {"term": now.slug, "division": f.village().code})
    )
    shares = [row["value of the goods, yuan"] for row in rows]
    assert shares == ["35.01", "36.67", "38.32"] and sum(map(Decimal, shares)) == 110


@pytest.mark.parametrize(("ended_on", "named"), [((2027, 1, 10), ""), ((2027, 1, 11), "张老师")])
def test_a_carer_is_named_until_the_day_before_the_pairing_ended(login, ended_on, named):
    now, _before = scenes.terms()
    child, other = f.child(), f.child("李小红")
    Pairing.objects.create(
        child=child, carer=f.carer("张老师"), seat=1, started_on=dt.date(2026, 9, 1), ended_on=dt.date(*ended_on),
        ending="other",
    )  # fmt: skip
    Pairing.objects.create(child=other, carer=f.carer("别的老师"), seat=1, started_on=dt.date(2026, 9, 1))
    assert report_row(login, now, f.village(), child.code)["carer"] == named


def test_a_carer_agreed_for_a_later_day_is_not_named_yet(login):
    now, _before = scenes.terms()
    child, other = f.child(), f.child("李小红")
    for each, first in ((child, dt.date(2027, 1, 11)), (other, dt.date(2027, 1, 10))):
        Pairing.objects.create(child=each, carer=f.carer(f"{each.name}的老师"), seat=1, started_on=first)
    assert report_row(login, now, f.village(), child.code)["carer"] == ""
    assert report_row(login, now, f.village(), other.code)["carer"] == "李小红的老师"
