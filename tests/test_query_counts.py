"""How many questions a page asks the database: few, and as many for three records as for one."""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carebase.accounts.roles import Role
from pairing.models import Pairing
from registry.models import Absence, CarerRefusal, Guardianship, ImportBatch, ImportRow, Merge, Relative
from tests import factories as f
from tests.page_walk import ASKED, PAGES, address, papers_of
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LIST, OTHER = 8, 12
NOT_PAGES = {
    "login",
    "logout",
    "set_language",
    "healthz",
    "term-report",
    "trail-seal",
    "event-csv",
    "event-xlsx",
    "child-unmask",
    "child-agreement-file",
    "import-refused",
    "child-reopen",
}
NO_LISTS = {"report-list", "paper-list"}
LISTS = [page for page in PAGES if page.endswith("-list") and page not in NO_LISTS] + ["visit-overdue", "round-open"]
MOVED = [["visits.visit", "X"], ["registry.relative", "father"]]
OF_ITS_WRITER = {"visit-update", "survey-update"}  # nobody else may correct it; below they have tests of their own
SINGLE = sorted(set(PAGES) - NOT_PAGES - OF_ITS_WRITER - set(LISTS))


def records(count: int, village, school, user) -> list[dict]:
    """Make `count` children with everything around them, each in a village and a class of its own."""
    made = []
    for number in range(count):
        home = f.division(f"9901011012{number + 1:02}", f"村{number}")
        own = f.school_class(school, number=number + 1)
        pupil = f.child(f"王小{'一二三四五六'[number]}", living_in=home, school_class=own)
        twin = f.child(pupil.name, living_in=home, school_class=own)
        for file in (pupil, twin):
            Relative.objects.create(child=file, relation="51", name="王大山")
            Absence.objects.create(child=file, parent="51")
        Guardianship.objects.create(child=twin, name="李奶奶")
        grown = {"birth_date": f.dt.date(2008, 5, 4), "schooling": "primary"}  # of no class yet, and too old
        f.child(f"孙小{'一二三四五六'[number]}", living_in=home, school=school, **grown)
        f.with_photo(pupil), f.entrustment(pupil, signed_on=None)
        Guardianship.objects.create(child=f.child(living_in=home), alone=True, found_on=f.today())
        carer = f.carer(f"李{number}", at=school)
        activity = f.activity(at=school)
        f.goods(activity, f"书包{number}")
        survey = f.survey(pupil, user)
        made.append(
            {
                "survey": survey,
                "need": f.need(survey),
                "round": f.census_round(f.township() if not number else home, user),
                "child": pupil,
                "twin": twin,
                "merge": Merge.objects.create(kept=pupil, gone=twin, by=user, moved=MOVED, stayed=MOVED),
                "visit": f.visit(pupil, user),
                "carer": carer,
                "pairing": Pairing.objects.create(child=pupil, carer=carer, seat=1),
                "activity": activity,
                "donation": f.donation(at=school, activity=activity),
                "division": village,
                "comparison_row": (row := f.comparison_row(pupil, of=school, by=user)),
                "comparison": row.comparison,
                "referral": f.referral(pupil, by=user),
                "transfer": f.transfer(pupil, to=f.division("990101101299", "新桥村"), by=user),
                **papers_of(own),
                "job": f.job(user),
            }
        )
    return made


def more_of_one(parts: dict, count: int, user) -> None:
    """Let the records of one child itself have `count` of whatever belongs to them."""
    child, activity, day = parts["child"], parts["activity"], dt.date(2025, 3, 1)
    for number in range(count):
        f.visit(child, user), f.referral(child, by=user)
        f.need(parts["survey"])
        f.survey(child, user, term=f.term(f"{2020 + number}-autumn", *past(number)))
        f.absence(child, "52", f.dt.date(2020, 1, 1 + number), returned_on=f.dt.date(2020, 1, 1 + number))
        Relative.objects.create(child=child, relation="90", name=f"王{'一二三四五'[number]}")
        f.guardianship(child, starts_on=day, ends_on=day)
        CarerRefusal.objects.create(child=child, name="赵某", grounds=["harmed"], refused_by=f.user("village"))
        activity.attendances.create(child=f.child(living_in=child.village, school=child.school))
        f.goods(activity, f"铅笔{number}")
        f.donation(at=child.school, activity=activity)
        second = f.child(living_in=child.village, school_class=child.school_class)
        Pairing.objects.create(child=second, carer=parts["carer"], seat=number + 2)


def past(number: int) -> tuple[dt.date, dt.date]:
    """Return the days of an earlier term."""
    return dt.date(2020 + number, 9, 1), dt.date(2021 + number, 2, 14)


def batch_of(user, count: int) -> ImportBatch:
    sent = {"file_name": "x", "file_hash": "x", "reported_on": f.today(), "status": "preview"}
    batch = ImportBatch.objects.create(by=user, term=f.term(), counts={"new": count}, **sent)
    for number in range(count):
        village = f"9901011012{number + 1:02}"
        values = {"name": "张三", "sex": "1", "village": village}
        ImportRow.objects.create(batch=batch, number=number + 2, status="new", values=values)
    return batch


def reader(page: str, coordinator):
    """Return somebody who may open the page and sees all the records."""
    if page == "child-photo":
        return f.head_of(f.school())  # a coordinator looks at photos and changes none
    return f.posted_user(Role.AUDITOR, f.township()) if page == "event-list" else coordinator


def queries(user, url: str, data=None) -> list[str]:
    cache.clear()
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, data)
    assert response.status_code == 200, (url, response.status_code)
    # Where the test's own transaction is open, the page's shows as savepoints.
    return [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]


@contextmanager
def undone():
    """Leave nothing behind of what is made inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked_by(page: str, parts: dict, user) -> list[str]:
    if page == "visit-overdue":
        Visit.objects.all().delete()
    data = {ASKED[page]: parts[ASKED[page]].code} if page in ASKED else None
    return queries(reader(page, user), address(page, parts), data)


def asked_by_each(pages: list[str], count: int) -> dict[str, list[str]]:
    """Return what each page asks with `count` records; where one is shown, with `count` of whatever belongs to it."""
    found = {}
    with undone():
        f.term()
        user = f.coordinator_of(f.township())
        parts = records(count, f.township(), f.school(), user)[0]
        if pages is not LISTS:
            more_of_one(parts, count, user)
        parts |= {"batch": [batch_of(user, count) for _ in range(count)][0], "sent": f.uploaded_sheet(user, count)}
        for page in pages:
            try:
                with undone():
                    found[page] = asked_by(page, parts, user)
            except Exception as error:  # for the page's own test to raise
                found[page] = error
    return found


@pytest.fixture(scope="module")
def asked(module_db):
    """What each page asks with one record and with three: one scene for all lists, and one for all pages of one."""
    few, many = (asked_by_each(LISTS, count) | asked_by_each(SINGLE, count) for count in (1, 3))
    return {page: (few[page], many[page]) for page in few}


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_at_most_eight_however_long_it_is(page, asked):
    compare(*asked[page], most=LIST)


@pytest.mark.parametrize("page", SINGLE)
def test_a_page_asks_at_most_twelve_however_much_it_shows(page, asked):
    compare(*asked[page], most=OTHER)


def compare(few, many, *, most: int) -> None:
    for asked in (few, many):
        if isinstance(asked, Exception):
            raise asked
    assert len(many) == len(few), difference(few, many)
    assert len(many) <= most, many


def test_the_correction_of_a_visit_asks_at_most_twelve():
    user = f.teacher_of(f.school_class())
    visit = f.visit(f.child(school_class=f.school_class()), user)
    assert len(queries(user, reverse("visit-update", args=[visit.code]))) <= OTHER


@pytest.mark.parametrize("count", [1, 3])
def test_the_forms_of_a_survey_ask_at_most_twelve_however_much_is_known(count):
    user, child = f.head_of(f.school()), f.child(school_class=f.school_class())
    for number in range(count):
        f.teacher_of(f.school_class())
        earlier = f.survey(child, user, term=f.term(f"{2020 + number}-autumn", *past(number)))
        f.need(earlier)
    f.census_round()
    asked = queries(user, reverse("child-survey", args=[child.code]))
    again = queries(user, reverse("survey-update", args=[earlier.code]))
    assert len(asked) == 9 and len(again) == 7


@pytest.mark.parametrize("role", Role)
def test_the_home_page_of_each_role_asks_the_same_for_one_child_and_three(role):
    with undone():
        few = home_of(role, 1)
    compare(few, home_of(role, 3), most=OTHER)


def home_of(role: str, count: int) -> list[str]:
    f.term()
    place = f.school_class(number=1) if role == Role.TEACHER else f.school() if role == Role.HEAD else f.township()
    user = f.posted_user(role, place)
    made = records(count, f.township(), f.school(), user)
    own = f.carer("自己", at=f.school(), user=user) if role == Role.CARER else None
    for number, parts in enumerate(made, 1):
        if role == Role.COUNSELLOR:
            parts["child"].referrals.create(counsellor=user)
        elif own:
            second = f.child(living_in=parts["child"].village)
            Pairing.objects.create(child=second, carer=own, seat=number)
    return queries(user, "/")


def difference(few: list[str], many: list[str]) -> str:
    """Return the questions that only one of the two asked."""
    short = [{sql.split(" WHERE ")[0][:200] for sql in asked} for asked in (few, many)]
    return "\n".join(sorted(short[0] ^ short[1])) or "the same question, asked more often"
