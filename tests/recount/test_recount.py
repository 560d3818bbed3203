"""What the product says of a generated county, against the recount of `judge.py`; on both databases."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from registry.leftbehind.facts import load_facts
from registry.leftbehind.query import filter_left_behind, filter_undecided
from registry.leftbehind.rule import evaluate_rule
from registry.models import Child, Definition
from registry.statistics.columns import count_columns
from registry.statistics.identities import ERROR, IDENTITIES
from tests import factories as f
from tests.recount import judge
from tests.recount.county import AUTUMN, SPRING, TODAY, County

pytestmark = pytest.mark.postgres
CHILDREN = 240
PLACES = ("990101000000", "990101101000", "990101102000", "990101101201", "990101101202", "990101102201")
DAYS = (dt.date(2026, 2, 28), SPRING[1], AUTUMN[0], TODAY)
TERMS = {"2026-spring": SPRING, "2026-autumn": AUTUMN}
# A past term, one that lasts, and one that lasted on the 28th of a February, when children of 29 February grow older.
REPORTS = (("2026-spring", TODAY), ("2026-autumn", TODAY), ("2026-spring", DAYS[0]))
LABELS = {
    "sex": {"1": "Male", "2": "Female"},
    "ethnicity": {"01": "Han", "15": "Tujia"},
    "schooling": {
        "kindergarten": "kindergarten",
        "no_kindergarten": "not in kindergarten",
        "primary": "primary school",
        "junior": "junior middle school",
        "senior": "senior middle school",
        "vocational": "secondary vocational school",
        "dropped_out": "dropped out",
        "not_in_school": "not in school",
    },
    "condition": {"healthy": "healthy", "disabled": "disabled", "ill": "seriously ill"},
    "relation": {
        "20": "Son", "51": "Father", "57": "Stepfather or adoptive father", "60": "Grandparent",
        "61": "Paternal grandfather", "62": "Paternal grandmother", "63": "Maternal grandfather",
        "64": "Maternal grandmother", "66": "Great-grandfather", "71": "Elder brother", "80": "Other relation",
    },
}  # fmt: skip
KINDS = {
    "home visits": "home_visit",
    "heart-to-heart talks": "talk",
    "calls": "call",
    "study tutoring": "tutoring",
}
TRUTHS = {True: "yes", False: "no", None: ""}


def noon(day: dt.date):
    return time_machine.travel(
        dt.datetime(*day.timetuple()[:3], 12, tzinfo=dt.timezone(dt.timedelta(hours=8))), tick=False
    )


@pytest.fixture(scope="module")
def generated(module_db):
    with noon(TODAY):
        return County(CHILDREN, seed=2142)


@pytest.fixture
def county(generated, db):
    with noon(TODAY):
        yield generated


@pytest.fixture
def tables(county) -> judge.Tables:
    with connection.cursor() as cursor:
        return judge.Tables(cursor)


def client_of(place: str) -> Client:
    client = Client()
    client.force_login(f.coordinator_of(f.division(place, "")))
    return client


# The term report


def text(value) -> str:
    return "" if value is None else str(value)


def class_text(place) -> str:
    if not place:
        return ""
    grade, entry_year, number = place
    return f"Grade {grade}, class {number}" if grade else f"entered {entry_year}, class {number}"


def as_written(facts: dict, number: str) -> dict:
    """Return the cells of the report in English; `number` is the child's ID number."""
    labelled = {name: labels.get(facts[name], "") for name, labels in LABELS.items()}
    incomes = [word for word in ("wages", "farming") if word in facts["income"]]
    return {
        "code": facts["code"],
        "full name": facts["name"],
        "sex": labelled["sex"],
        "date of birth": text(facts["birth_date"]),
        "age": text(facts["age"]),
        "ethnicity": labelled["ethnicity"],
        "resident ID number": f"************{number[14:]}" if number else "",
        "village": facts["village"],
        "township": facts["township"],
        "school": facts["school"],
        "class": class_text(facts["class"]),
        "schooling status": labelled["schooling"],
        "boards at school": TRUTHS[facts["boards"]],
        "physical condition": labelled["condition"],
        "household registered": TRUTHS[facts["hukou_registered"]],
        "father away": TRUTHS[facts["father_away"]],
        "father away since": text(facts["father_since"]),
        "father's place of work": facts["father_place"],
        "mother away": TRUTHS[facts["mother_away"]],
        "mother away since": text(facts["mother_since"]),
        "mother's place of work": facts["mother_place"],
        "guardian's relation": labelled["relation"],
        "another guardian entrusted": TRUTHS[facts["entrusted"]],
        "guardianship assessment": facts["assessment"],
        "main economic source": "、".join(incomes),
        "relief and assistance": "subsistence allowance" if "allowance" in facts["relief"] else "",
        **{heading: str(facts["contacts"].count(kind)) for heading, kind in KINDS.items()},
        "last contact": text(facts["last_contact"]),
        "carer": facts["carer"],
        "activities attended": str(facts["attended"]),
        "goods received": str(facts["pieces"]),
        "value of the goods, yuan": str(Decimal(facts["fen"]).scaleb(-2).quantize(Decimal("0.01"))),
        "file closed": text(facts["closed_on"]),
    }


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("slug", "today"), REPORTS, ids=str)
def test_each_cell_of_the_term_report_is_as_recounted(county, tables, place, slug, today):
    first, last = TERMS[slug]
    with noon(today):
        answer = client_of(place).get("/reports/term.csv", {"term": slug, "division": place})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    expected = {}
    for child in judge.term_children(tables, place, first, last, today):
        facts = judge.report_row(tables, child, first, last, today)
        expected[child["code"]] = as_written(facts, county.numbers[child["code"]])
    headings = set(as_written(facts, ""))
    found = {row["code"]: {name: row[name] for name in headings} for row in rows}
    assert found == {code: {name: row[name] for name in headings} for code, row in expected.items()}
    assert len(rows) == len(expected) > 15
    if place == PLACES[0] and today == TODAY:
        constant = {name for name in headings if len({row[name] for row in rows}) == 1}
        assert not constant, "a column of one value proves nothing"


def test_all_gifts_of_the_county_add_up_over_the_children(county, tables):
    """Deal out each item; what nobody received is the rest of its value."""
    for goods in tables.rows["goods"]:
        handed = [row for row in tables.rows["handouts"] if row["goods_id"] == goods["id"]]
        pieces, fen = sum(row["quantity"] for row in handed), round(float(goods["value"]) * 100)
        shares = sum(judge.share(tables, row, goods) for row in handed)
        assert pieces <= goods["quantity"] and shares <= fen
        assert pieces < goods["quantity"] or shares == fen


def test_the_county_has_children_who_moved_since_the_term(county, tables):
    moved = [row for row in tables.rows["children"] if tables.as_of(row, SPRING[1])["village_id"] != row["village_id"]]
    assert len(moved) > 5


# Left-behind children


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_each_verdict_is_as_recounted_in_the_database_and_for_one_child(county, tables, on):
    definitions = {row["code"]: row for row in tables.rows["definitions"]}
    answers = set()
    for definition in Definition.objects.select_related("division"):
        yes = set(filter_left_behind(Child.objects.all(), definition, on).values_list("pk", flat=True))
        unknown = set(filter_undecided(Child.objects.all(), definition, on).values_list("pk", flat=True))
        said = {row["id"]: True if row["id"] in yes else None if row["id"] in unknown else False
                for row in tables.rows["children"]}  # fmt: skip
        judged = {
            row["id"]: judge.counts_as_left_behind(tables, row, definitions[definition.code], on)
            for row in tables.rows["children"]
        }
        assert said == judged
        answers |= set(judged.values())
        for child in Child.objects.order_by("pk")[:40]:
            verdict = evaluate_rule(load_facts(child), definition, on)
            assert (verdict.yes, verdict.no) == (judged[child.pk] is True, judged[child.pk] is False)
    assert answers == {True, False, None}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("on", DAYS[1:], ids=str)
def test_the_statistics_table_is_as_recounted_and_breaks_no_identity_without_a_gap(county, tables, place, on):
    definitions = {row["code"]: row for row in tables.rows["definitions"]}
    for definition in Definition.objects.filter(code__in=["D1", "D2"]):
        children = Child.objects.living_in(f.division(place, "")).open_on(on)
        counts = count_columns(filter_left_behind(children, definition, on), on)
        cells = [
            {1} | judge.statistics_cells(tables, row, on)
            for row in tables.rows["children"]
            if judge.within(row["village_id"], place) and judge.is_open(row, on)
            if judge.counts_as_left_behind(tables, row, definitions[definition.code], on)
        ]
        assert counts == {number: sum(number in each for each in cells) for number in range(1, 33)}
        whole = [each for each in cells if all(judged_whole(each, identity) for identity in IDENTITIES)]
        sums = {number: sum(number in each for each in whole) for number in range(1, 33)}
        assert all(identity.holds(sums) for identity in IDENTITIES if identity.enabled and identity.severity == ERROR)


@pytest.mark.parametrize("village", [place for place in PLACES if not place.endswith("000")])
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_the_printed_statistics_table_is_as_recounted(county, tables, village, on):
    """A census is entered after its day, so that files opened later count in it too."""
    definition = next(row for row in tables.rows["definitions"] if row["code"] == "T1")
    children = [
        row
        for row in tables.rows["children"]
        if row["village_id"] == village and row["birth_date"] <= on and row["closing"] != "duplicate"
        if row["closed_on"] is None or row["closed_on"] > on
    ]
    answers = {row["id"]: judge.counts_as_left_behind(tables, row, definition, on) for row in children}
    cells = [{1} | judge.statistics_cells(tables, row, on) for row in children if answers[row["id"]]]
    asked = {"village": village, "date": on.isoformat(), "definition": "T1"}
    page = client_of(village).get(reverse("paper-print", args=["statistics"]), asked)
    (figures,) = page.context["paper"].pages[0].rows
    assert [int(cell.text) for cell in figures] == [sum(n in each for each in cells) for n in range(1, 33)]
    assert f"{list(answers.values()).count(None)}名儿童" in page.content.decode()


def judged_whole(cells: set[int], identity) -> bool:
    """Return whether a child is counted on both sides of an identity as often, as one without gaps is."""
    sides = (sum(number in cells for number in side) for side in (identity.left, identity.right))
    return not identity.enabled or identity.severity != ERROR or len(set(sides)) == 1


# Home, work and rounds


@pytest.mark.parametrize("place", PLACES)
def test_the_numbers_of_the_home_page_and_the_work_page_are_as_recounted(county, tables, place):
    expected = judge.waiting(tables, place, *AUTUMN, TODAY)
    client = client_of(place)
    home = client.get("/").context
    shown = {task["url"].rpartition("=")[2]: task["count"] for task in home["tasks"] if "?show=" in task["url"]}
    shown["open"] = home["figures"][0]["value"]
    assert shown == {name: str(number) for name, number in expected.items() if number}
    for name, number in expected.items():
        found = client.get("/children/", {"show": name}).context["total"]
        assert found == str(number)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("today", [TODAY, dt.date(2026, 11, 15), dt.date(2026, 12, 20)], ids=str)
def test_the_numbers_of_the_rounds_are_as_recounted(county, tables, place, today):
    with noon(today):
        client = client_of(place)
        for made in county.rounds:
            if not (judge.within(place, made.division_id) or judge.within(made.division_id, place)):
                continue
            on = min(today, made.due_on)
            expected = judge.round_counts(tables, place, made.division_id, made.term_id, on)
            villages = client.get(made.get_absolute_url()).context["related"][0]["rows"]
            shown = {row["url"].rpartition("=")[2]: (int(row["cells"][1]), int(row["cells"][2])) for row in villages}
            assert shown == expected
            for village, (total, done) in expected.items():
                listed = client.get(f"{made.get_absolute_url()}open/", {"village": village}).context["total"]
                assert listed == str(total - done)
