"""Factories of places, accounts and records. All people are invented; ID numbers begin with 990000."""

import datetime as dt
import itertools

from django.utils import timezone

from activities.models import Activity, Donation, Goods
from carebase.accounts.models import User
from carebase.accounts.roles import ROLES, Reach, Role, RoleDefinition
from carebase.files import private
from carebase.jobs.models import Job
from pairing.models import DEFAULT_CAPACITY, Carer
from registry.codes.id_number import build_id_number as make_id_number
from registry.models import (
    Absence,
    Child,
    Comparison,
    ComparisonRow,
    Definition,
    Division,
    Entrustment,
    Guardianship,
    ImportBatch,
    ImportFile,
    Need,
    Posting,
    Referral,
    Relative,
    Round,
    School,
    SchoolClass,
    Survey,
    Term,
    Transfer,
)
from visits.models import CounsellingNote, Visit

_serial = itertools.count(1)
PASSWORD = "a-long-pass-phrase"


def division(code: str, name: str) -> Division:
    return Division.objects.get_or_create(code=code, defaults={"name": name})[0]


def county():
    return division("990101000000", "枝江市")


def township():
    county()
    return division("990101101000", "百里洲镇")


def village(name: str = "合心村", code: str = "990101101201") -> Division:
    township()
    return division(code, name)


def other_village() -> Division:
    """A second village of the same township."""
    return village("关志村", "990101101202")


def far_village() -> Division:
    """A village of another township of the same county."""
    county()
    division("990101102000", "小白山乡")
    return division("990101102201", "中心村")


def school(code: str = "2142000001", name: str = "百里洲镇中心小学", place: Division | None = None) -> School:
    return School.objects.get_or_create(code=code, defaults={"name": name, "division": place or township()})[0]


def other_school() -> School:
    far_village()
    return school("2142000002", "小白山乡中心小学", Division.objects.get(code="990101102000"))


def school_class(of: School | None = None, entry_year: int = 2022, number: int = 1) -> SchoolClass:
    return SchoolClass.objects.get_or_create(school=of or school(), entry_year=entry_year, number=number)[0]


def term(slug: str = "2026-autumn", starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2027, 2, 14)) -> Term:
    return Term.objects.get_or_create(slug=slug, defaults={"starts_on": starts_on, "ends_on": ends_on})[0]


def role(monkeypatch, name: str, permissions: frozenset[str], *reach: Reach, **fields) -> None:
    """Add a role for one test."""
    described = {"label": name, "description": name} | fields
    monkeypatch.setitem(ROLES, name, RoleDefinition(reach={*reach}, permissions=permissions, **described))


def user(role: str, **fields) -> User:
    """Return an account without postings and password; see `with_password`."""
    number = next(_serial)
    fields = {"username": f"{role}{number}", "name": f"{role} {number}", "must_change_password": False} | fields
    account = User(role=role, **fields)
    account.set_unusable_password()
    account.save()
    return account


def with_password(account: User, password: str = PASSWORD) -> User:
    account.set_password(password)
    account.save()
    return account


def post(account: User, place, *, starts_on=dt.date(2020, 1, 1), ends_on=None, approved: bool = True) -> Posting:
    """Post an account to a division, school or class; approved by another person unless told otherwise."""
    key = {Division: "division", School: "school", SchoolClass: "school_class"}[type(place)]
    requester, approver = user(Role.ADMIN), user(Role.ADMIN)
    return Posting.objects.create(
        user=account,
        starts_on=starts_on,
        ends_on=ends_on,
        reason="appointed",
        requested_by=requester,
        approved_by=approver if approved else None,
        **{key: place},
    )


def posted_user(role: str, place, **fields) -> User:
    account = user(role, **fields)
    post(account, place)
    return account


def teacher_of(place: SchoolClass) -> User:
    return posted_user(Role.TEACHER, place)


def head_of(place: School) -> User:
    return posted_user(Role.HEAD, place)


def admin_of(place: Division) -> User:
    """The village committee admin of a village."""
    return posted_user(Role.VILLAGE, place)


def coordinator_of(place: Division) -> User:
    return posted_user(Role.COORDINATOR, place)


def one_of(role: str) -> User:
    """Return an account of a role, posted where its reach begins; carers and counsellors to the school."""
    definition = ROLES[role]
    if Reach.CLASSES in definition.reach:
        return posted_user(role, school_class())
    if definition.reaches_school:
        return posted_user(role, school())
    if definition.reaches_places:
        return posted_user(role, village() if definition.keeps_one_place else township())
    return posted_user(role, school() if definition.reach else township())


def child(name: str = "王小明", *, living_in: Division | None = None, **fields) -> Child:
    """Return a registered child with a valid invented ID number of its own; tests write those below 400 themselves."""
    birth = fields.setdefault("birth_date", dt.date(2016, 5, 4))
    fields.setdefault("sex", "1")
    if "id_number" not in fields and "id_reason" not in fields:
        sequence = 400 + next(_serial) % 300 * 2 + (1 if fields["sex"] == "1" else 0)
        fields["id_number"] = make_id_number("990000", birth, sequence)
    return Child.objects.create(name=name, village=living_in or village(), **fields)


FATHER, MOTHER = "51", "52"


def definition(code: str = "T1", **fields) -> Definition:
    """Return a definition of its own: below 16, both away or one while the other is not able; no other condition."""
    fields = {"name": code, "rural_hukou": False, "source": "试", "valid_from": dt.date(2016, 1, 1)} | fields
    return Definition.objects.create(code=code, **fields)


AT_HOME = {"at_home_on": dt.date(2020, 1, 1)}  # of a parent, by somebody's word


def parents_of(child: Child, *, father: dict | None = None, mother: dict | None = None) -> None:
    """Record both parents, living unless `father` or `mother` says otherwise."""
    for relation, fields in ((FATHER, father or {}), (MOTHER, mother or {})):
        named = {} if fields.get("state") == "unknown" else {"name": "王某"}
        Relative.objects.create(child=child, relation=relation, **named | fields)


def absence(child: Child, parent: str = FATHER, left_on=dt.date(2026, 1, 10), **fields) -> Absence:
    return Absence.objects.create(child=child, parent=parent, left_on=left_on, **fields)


def carer(name: str = "李老师", *, at=None, **fields) -> Carer:
    at = at or school()
    office = {"school": at} if isinstance(at, School) else {"division": at}
    if fields.get("capacity", 0) > DEFAULT_CAPACITY:
        fields.setdefault("capacity_reason", "本村帮扶人不足")
    return Carer.objects.create(name=name, **office, **fields)


def with_photo(of: Child) -> Child:
    """Give the child a photo that is no picture, for tests of who may see it."""
    of.photo = private.store(small=b"small", large=b"large")
    of.save()
    return of


def guardianship(of: Child, **fields) -> Guardianship:
    fields = {"name": "李奶奶", "starts_on": dt.date(2026, 3, 1)} | fields
    return Guardianship.objects.create(child=of, **fields)


def entrustment(of: Child, **fields) -> Entrustment:
    """Return the agreement of a new guardianship, with a scan that is no document."""
    row = guardianship(of, entrusted=True)
    fields = {
        "reasons": "亲祖母，身体健康",
        "opinion": "agrees",
        "opinion_words": "愿意",
        "signed_on": row.starts_on,
    } | fields
    declared = dict.fromkeys(("harmed", "addicted", "neglected", "unsuitable"), False)
    scan = fields.pop("scan", None) or private.store(jpg=b"scan")
    return Entrustment.objects.create(guardianship=row, scan=scan, **declared, **fields)


def today() -> dt.date:
    return timezone.localdate()


def visit(to: Child, by: User, **fields) -> Visit:
    fields = {"kind": "home_visit", "made_on": today(), "observed": "房屋整洁"} | fields
    return Visit.objects.create(child=to, by=by, **fields)


def counselling(to: Child, by: User, said: str = "睡不着", **words) -> Visit:
    """Return a talk by a counsellor with the note of it."""
    talk = Visit.objects.create(child=to, by=by, kind="talk", made_on=today(), counselling=True)
    CounsellingNote.objects.create(visit=talk, said=said, **words)
    return talk


def referral(of: Child, to: User | None = None, **fields) -> Referral:
    """Return a referral of the child, to a counsellor of the township unless told otherwise."""
    fields = {"reason": "常常失眠"} | fields
    return Referral.objects.create(child=of, counsellor=to or posted_user(Role.COUNSELLOR, township()), **fields)


def activity(title: str = "六一慰问", *, at=None, **fields) -> Activity:
    at = at or village()
    office = {"school": at} if isinstance(at, School) else {"division": at}
    return Activity.objects.create(title=title, **{"kind": "festival_visit"} | office | fields)


def goods(of: Activity, item: str = "书包", quantity: int = 34, value: int = 3400) -> Goods:
    return Goods.objects.create(activity=of, item=item, quantity=quantity, value=value)


def donation(*, at=None, **fields) -> Donation:
    at = at or village()
    office = {"school": at} if isinstance(at, School) else {"division": at}
    return Donation.objects.create(**{"kind": "cash", "amount": 300} | office | fields)


def transfer(of: Child, *, to: Division, by: User) -> Transfer:
    """Return the open offer of a child to another village."""
    return Transfer.objects.create(child=of, from_village=of.village, to_village=to, reason="随父母搬家", offered_by=by)


def comparison_row(child: Child, *, of: School | Division, by: User) -> ComparisonRow:
    """Return a difference between an office and the school roll."""
    side = "school" if isinstance(of, School) else "division"
    comparison = Comparison.objects.create(kind="roll", by=by, file_name="学籍.xlsx", file_hash="x", **{side: of})
    differences = [["name", child.name, "王小名"]]
    row = {"status": "different", "child": child, "values": {"name": "王小名"}, "differences": differences}
    return ComparisonRow.objects.create(comparison=comparison, number=3, **row)


def census_round(place: Division | None = None, by: User | None = None, **fields) -> Round:
    """Return a round of this term, by default of the township, that has begun and is due in a week."""
    days = {"starts_on": today() - dt.timedelta(days=7), "due_on": today() + dt.timedelta(days=7)}
    fields = {"term": term()} | days | fields
    place = place or township()
    return Round.objects.create(division=place, by=by or user(Role.COORDINATOR), **fields)


def survey(of: Child, by: User, **fields) -> Survey:
    """Return a survey that found all well, of this term unless told otherwise."""
    ratings = {f"{domain}_rating": "good" for domain in ("study", "life", "psychology", "safety", "health")}
    return Survey.objects.create(
        child=of, visited_by=by, **{"term": fields.pop("term", None) or term()} | ratings | fields
    )


def need(of: Survey, owner: User | None = None, **fields) -> Need:
    fields = {"what": "冬衣", "domain": "life", "due_on": today() + dt.timedelta(days=7)} | fields
    return Need.objects.create(survey=of, child=of.child, owner=owner or of.visited_by, **fields)


def job(by: User, **fields) -> Job:
    """Return a waiting job of an unknown kind."""
    return Job.objects.create(by=by, **{"kind": "test", "url": "/", "back": "/", "language": "en"} | fields)


def uploaded_sheet(by: User, rows: int = 1) -> ImportBatch:
    """Return an uploaded file of `rows` children whose rows are not read yet."""
    lines = ["姓名,性别,出生日期", *(f"王小{number},男,2016-05-04" for number in "一二三四五"[:rows])]
    batch = ImportBatch.objects.create(by=by, term=term(), file_name="x.csv", file_hash="x", reported_on=today())
    ImportFile.objects.create(batch=batch, data="\n".join(lines).encode())
    return batch
