"""The places and invented people that tests stand on. Nobody here exists; ID numbers begin 990000."""

import datetime as dt
import itertools

from django.utils import timezone

from activities.models import Activity, Donation, Goods
from carebase.accounts.models import User
from carebase.accounts.roles import Role
from pairing.models import Carer
from registry.codes.id_number import make as make_id_number
from registry.models import Child, Division, ImportBatch, ImportFile, Posting, School, SchoolClass, Term
from visits.models import Visit

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


def user(role: str, **fields) -> User:
    """Return an account without any posting; its password is PASSWORD where one is asked for."""
    number = next(_serial)
    fields = {"username": f"{role}{number}", "name": f"{role} {number}", "must_change_password": False} | fields
    made = User(role=role, **fields)
    made.set_unusable_password()
    made.save()
    return made


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


def posted(role: str, place, **fields) -> User:
    account = user(role, **fields)
    post(account, place)
    return account


def teacher_of(place: SchoolClass) -> User:
    return posted(Role.TEACHER, place)


def head_of(place: School) -> User:
    return posted(Role.HEAD, place)


def admin_of(place: Division) -> User:
    """The village committee admin of a village."""
    return posted(Role.VILLAGE, place)


def coordinator_of(place: Division) -> User:
    return posted(Role.COORDINATOR, place)


def child(name: str = "王小明", *, living_in: Division | None = None, **fields) -> Child:
    """Return a registered child with a valid invented ID number of its own."""
    birth = fields.setdefault("birth_date", dt.date(2016, 5, 4))
    fields.setdefault("sex", "1")
    if "id_number" not in fields and "id_reason" not in fields:
        sequence = next(_serial) * 2 + (1 if fields["sex"] == "1" else 0)
        fields["id_number"] = make_id_number("990000", birth, sequence % 1000)
    return Child.objects.create(name=name, village=living_in or village(), **fields)


def carer(name: str = "李老师", *, at=None, **fields) -> Carer:
    at = at or school()
    office = {"school": at} if isinstance(at, School) else {"division": at}
    return Carer.objects.create(name=name, **office, **fields)


def today() -> dt.date:
    return timezone.localdate()


def visit(to: Child, by: User, **fields) -> Visit:
    fields = {"kind": "home_visit", "made_on": today(), "observed": "房屋整洁"} | fields
    return Visit.objects.create(child=to, by=by, **fields)


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


def sent_sheet(by: User, rows: int = 1) -> ImportBatch:
    """Return a file of `rows` children that was sent in and whose rows are not read yet."""
    lines = ["姓名,性别,出生日期", *(f"王小{number},男,2016-05-04" for number in "一二三四五"[:rows])]
    batch = ImportBatch.objects.create(by=by, term=term(), file_name="x.csv", file_hash="x", reported_on=today())
    ImportFile.objects.create(batch=batch, data="\n".join(lines).encode())
    return batch
