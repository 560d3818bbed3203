"""The demonstration: its children, families and gifts, and what each account sees of them."""

import datetime as dt
import re
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth import authenticate
from django.db.models import Count, Sum

from activities.models import Activity, Donation, Goods, Handout
from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.management.demo_data.loader import load_demonstration
from carebase.management.demo_data.names import FREE_SEQUENCES, ROSTER_SEQUENCE
from pairing.models import Carer, Pairing
from registry.codes import id_number
from registry.duplicates import finder
from registry.models import (
    Absence,
    Child,
    Comparison,
    Division,
    Guardianship,
    ImportBatch,
    Need,
    Posting,
    Relative,
    Round,
    Survey,
    Term,
    Transfer,
)
from tests import factories
from tests.demo_process import ROOT
from visits.models import Visit
from visits.querysets import without_contact

HEXIN, GUANZHI, CENTRE = "990101101201", "990101101202", "990101102201"
SAMPLES = ROOT / "tests" / "data"
NUMBER = re.compile("990000[0-9]{11}[0-9X]")


@pytest.fixture(scope="module")
def demonstration(module_db):
    """Load it once for this file: no test here changes it."""
    load_demonstration()


@pytest.fixture
def loaded(demonstration, db):
    pass


def user(username: str) -> User:
    return User.objects.get(username=username)


def names(children) -> list[str]:
    return sorted(children.values_list("name", flat=True))


# The story


def test_thirty_four_children_live_in_two_villages(loaded):
    counts = {code: Child.objects.filter(village=code).count() for code in (HEXIN, GUANZHI, CENTRE)}
    assert counts == {HEXIN: 18, GUANZHI: 16, CENTRE: 6}
    assert Child.objects.count() == 40


def test_places_have_the_names_that_other_data_uses(loaded):
    called = dict(Division.objects.values_list("code", "name"))
    assert called["990101000000"] == "枝江市"
    assert (called["990101101000"], called["990101102000"]) == ("百里洲镇", "小白山乡")
    assert (called[HEXIN], called[GUANZHI], called[CENTRE]) == ("合心村", "关志村", "中心村")
    assert Division.objects.get(code=HEXIN).names == ["合心村", "合兴村"]
    assert Division.objects.get(code=GUANZHI).names == ["关志村", "占站村", "站站村"]


def test_every_id_number_is_valid_invented_and_says_what_the_file_says(loaded):
    numbered = Child.objects.exclude(id_number_index=None)
    assert numbered.count() == 38
    for child in numbered:
        read = id_number.parse_id_number(child.id_number)
        assert (read.county, read.birth_date) == ("990000", child.birth_date)
        assert read.sex == {"1": "male", "2": "female"}[child.sex]


def test_parents_and_guardians_have_valid_invented_id_numbers(loaded):
    people = [*Relative.objects.all(), *Guardianship.objects.all()]
    numbers = [person.id_number for person in people if person.id_number]
    assert len(numbers) > 60
    assert {id_number.parse_id_number(number).county for number in numbers} == {"990000"}


def test_the_children_without_an_id_number_say_why(loaded):
    unnumbered = Child.objects.filter(id_number_index=None)
    assert names(unnumbered) == ["冉小雪", "梁家鸣"]
    assert all(child.id_reason for child in unnumbered)


def test_no_child_can_share_its_id_number_with_the_sample_workbooks(loaded):
    samples = {number for number in sample_id_numbers() if number[6:10] >= "2008"}
    assert len(samples) > 150
    ours = {child.id_number for child in Child.objects.exclude(id_number_index=None)}
    assert not ours & samples
    assert not {int(number[14:17]) for number in samples} & {*FREE_SEQUENCES, ROSTER_SEQUENCE, ROSTER_SEQUENCE + 1}


def sample_id_numbers() -> set[str]:
    """Return every ID number in the sample sheets."""
    found = set()
    for file in SAMPLES.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(file, read_only=True):
            for row in sheet.iter_rows(values_only=True):
                found |= {cell for cell in row if isinstance(cell, str) and NUMBER.fullmatch(cell)}
    ledger = (SAMPLES / "village_ledger_gb18030.csv").read_text(encoding="gb18030")
    return found | {cell for line in ledger.splitlines() for cell in line.split(",") if NUMBER.fullmatch(cell)}


def test_all_demo_data_passes_the_forms(loaded):
    for model in (Child, Relative, Absence, Guardianship, Posting, Visit, Carer, Pairing, Activity, Donation, Term) + (
        Round,
        Survey,
        Need,
    ):
        for record in model.objects.all():
            record.full_clean()
        assert model.objects.exists()  # or nothing was tried


def test_pupils_sit_in_a_class_of_their_age(loaded):
    today = factories.today()
    pupils = Child.objects.exclude(school_class=None).select_related("school_class__school")
    assert pupils.count() > 25
    for child in pupils:
        assert child.age - child.school_class.grade(today) in (5, 6)
        assert child.school == child.school_class.school


def test_families_know_the_dead_the_unknown_and_the_blank(loaded):
    states = set(Relative.objects.values_list("relation", "state"))
    assert {("51", "deceased"), ("52", "unknown"), ("61", "deceased"), ("64", "living")} <= states
    filled = Child.objects.annotate(known=Count("relatives")).values_list("known", flat=True)
    assert min(filled) < 6 <= max(filled)


def test_brother_and_sister_have_the_same_parents(loaded):
    parents = [
        list(Child.objects.get(name=name).relatives.values_list("relation", "name", "birth_date"))
        for name in ("曾小慧", "曾小龙", "单晓阳")
    ]
    assert parents[0] == parents[1] != parents[2]


def test_a_parent_who_came_back_is_no_longer_away(loaded):
    child = Child.objects.get(name="孙宇航")
    assert list(child.absences.on(factories.today()).values_list("parent", flat=True)) == ["51"]
    assert child.absences.count() == 2


def test_the_gifts_of_the_visit_were_worth_seven_thousand(loaded):
    activity = Activity.objects.get(kind=Activity.Kind.FESTIVAL_VISIT, division="990101101000")
    assert activity.children_reached == activity.attendances.count() == 34
    assert activity.goods.aggregate(all=Sum("value"))["all"] == Decimal("7000.00")
    assert activity.held_on <= factories.today()


def test_each_child_present_received_one_of_each_gift_and_none_was_invented(loaded):
    for goods in Goods.objects.annotate(given=Sum("handouts__quantity"), children=Count("handouts")):
        assert goods.given == goods.children == goods.activity.attendances.count() <= goods.quantity
    pupils = Activity.objects.filter(title__contains="新学期").last().attendances.count()
    assert pupils > 20 and Handout.objects.count() == 34 * 3 + 6 * 2 + pupils * 2 * 2


def test_the_volunteers_stayed_eleven_days_and_were_given_three_hundred(loaded):
    donation = Donation.objects.get(kind=Donation.Kind.CASH)
    assert (donation.amount, donation.donor) == (Decimal("300.00"), "新浪吉林")
    stay = donation.activity
    assert (stay.ended_on - stay.held_on).days + 1 == 11
    assert stay.school.name == "小白山乡中心小学"


def test_there_is_a_festival_at_the_school(loaded):
    festival = Activity.objects.get(kind=Activity.Kind.FESTIVAL_VISIT, school__isnull=False)
    assert festival.school.code == "2142000001"
    assert festival.attendances.count() > 20


def test_the_terms_are_those_of_today_and_before(loaded):
    before, current = Term.objects.order_by("starts_on")
    today = factories.today()
    assert current.starts_on <= today <= current.ends_on
    assert before.ends_on + dt.timedelta(days=1) == current.starts_on


def test_two_terms_have_visits_and_some_children_wait(loaded):
    before, current = Term.objects.order_by("starts_on")
    assert Visit.objects.in_term(before).count() >= 80
    waiting = without_contact(Child.objects.all(), current).count()
    assert 5 <= waiting <= 20
    assert without_contact(Child.objects.all(), before).count() == 0


def test_no_visit_mentions_a_parent_who_is_dead_or_not_away(loaded):
    for child in Child.objects.filter(name__in=["王梓萱", "郭静怡"]):
        away = set(child.absences.values_list("parent", flat=True))
        signs = {"51": "父爸", "52": "母妈"}
        texts = "".join(visit.met + visit.said + visit.advice for visit in child.visits.all())
        assert texts
        assert not {sign for parent in {"51", "52"} - away for sign in signs[parent]} & set(texts)


def test_visits_to_small_children_are_not_about_school(loaded):
    small = Visit.objects.filter(child__schooling__contains="kindergarten")
    assert small.count() > 10
    assert not [visit for visit in small if "作业" in visit.observed + visit.said or "课" in visit.said]


# The census work that waits


def test_one_child_may_be_registered_twice(loaded):
    (pair,) = finder.candidate_pairs(user("coordinator"))
    assert {pair.first.name, pair.second.name} == {"梁家明", "梁家鸣"}


@pytest.mark.parametrize("username", ["head", "village"])
def test_a_transfer_waits_each_way_for_school_and_village(loaded, username):
    office = user(username)
    assert Transfer.objects.offered_to(office).open().count() == 1
    assert Transfer.objects.filter(offered_by=office).open().count() == 1


def test_the_school_roll_differs_in_each_way(loaded):
    comparison = Comparison.objects.visible_to(user("head")).get()
    counts = {status: comparison.counts.get(status, 0) for status in ("different", "here", "there")}
    assert counts == {"different": 1, "here": 1, "there": 1}
    assert comparison.counts["both"] > 20


def test_the_last_import_changed_three_files_and_refused_two_rows(loaded):
    batch = ImportBatch.objects.sent_by(user("coordinator")).get()
    assert (batch.status, batch.counts["updated"], batch.rows.filter(status="problem").count()) == ("saved", 3, 2)
    assert batch.file


# The accounts


def test_there_is_one_account_a_role_with_the_known_password(loaded, rf):
    active = User.objects.filter(is_active=True)
    assert sorted(active.values_list("username", flat=True)) == sorted(Role)
    for role in Role:
        account = authenticate(rf.post("/login/"), username=role, password="carebase-demo")
        assert account.role == role
        assert not account.must_change_password
        assert account.name


def test_nobody_signs_in_as_a_colleague(loaded):
    colleagues = User.objects.filter(is_active=False)
    assert colleagues.exists()
    assert not any(account.has_usable_password() for account in colleagues)


def test_every_posting_was_approved_by_a_second_person(loaded):
    assert Posting.objects.in_force().count() == Posting.objects.count()
    for posting in Posting.objects.all():
        assert posting.approved_by not in {posting.user, posting.requested_by}


def test_the_accounts_see_what_their_office_is_about(loaded):
    seen = {role: Child.objects.visible_to(user(role)) for role in Role}
    assert seen["village"].count() == 18
    assert seen["coordinator"].count() == 40
    assert 25 <= seen["head"].count() < 34
    assert 5 <= seen["teacher"].count() <= 9
    assert names(seen["carer"]) == sorted(["杨欣怡", "陈浩宇"])
    assert names(seen["counsellor"]) == sorted(["王梓萱", "陈浩宇"])
    assert not seen["auditor"].exists() and not seen["admin"].exists()
    assert not user("admin").postings.exists()


def test_a_carer_of_the_school_has_room_for_just_one_more(loaded):
    carers = Carer.objects.visible_to(user("head")).with_load()
    loads = {carer.name: (carer.load, carer.capacity) for carer in carers}
    assert loads == {"李红梅": (2, 3), "周敏": (1, 3), "吴建华": (0, 3)}


def test_the_village_cadre_accompanies_two(loaded):
    assert user("carer").carer.pairings.open().count() == 2
    assert user("teacher").carer.pairings.open().count() == 1
