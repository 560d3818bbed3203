"""One account for each role, all with the same known password, and the colleagues who appointed them."""

import datetime as dt

from django.contrib.auth.hashers import make_password

from carebase.accounts.models import User
from carebase.accounts.roles import Role
from carebase.management.demo_data.places import COUNTY, HEXIN, HILLS_SCHOOL, TOWN, TOWN_SCHOOL, Places
from carebase.models import Demonstration
from registry.models import Posting

TEACHERS_CLASS = (TOWN_SCHOOL, 4, 1)
ACCOUNT_NAMES = {
    Role.TEACHER: "周敏",
    Role.HEAD: "陈国强",
    Role.CARER: "单志远",
    Role.VILLAGE: "王秀英",
    Role.COORDINATOR: "覃晓燕",
    Role.COUNSELLOR: "何静",
    Role.AUDITOR: "郑文斌",
    Role.ADMIN: "林涛",
}
# They appear in the files as those who appointed or visited; nobody signs in as them.
APPOINTING, HILLS_HEAD, HILLS_TEACHER = "appointing-office", "hills-head", "hills-teacher"
COLLEAGUES = {
    APPOINTING: ("枝江市教育局人事股", Role.ADMIN),
    HILLS_HEAD: ("冉光明", Role.HEAD),
    HILLS_TEACHER: ("向春兰", Role.TEACHER),
}


def make_accounts(places: Places, since: dt.date) -> dict[str, User]:
    """Save the accounts with postings in force from `since`; return them by user name."""
    people = {}
    # Hashed once for all, as hashing is slow by design.
    password = make_password(Demonstration.PASSWORD)
    for role, name in ACCOUNT_NAMES.items():
        people[role.value] = User.objects.create(
            username=role.value, name=name, role=role, must_change_password=False, password=password
        )
    for username, (name, role) in COLLEAGUES.items():
        people[username] = User.objects.create(
            username=username, name=name, role=role, is_active=False, password=make_password(None)
        )
    make_postings(people, places, since)
    return people


def make_postings(people: dict[str, User], places: Places, since: dt.date) -> None:
    school = places.schools[TOWN_SCHOOL]
    offices = {
        "teacher": ({"school_class": places.classes[TEACHERS_CLASS]}, "四年级1班班主任"),
        "head": ({"school": school}, "百里洲镇中心小学校长"),
        "carer": ({"division": places.divisions[HEXIN]}, "合心村驻村干部，结对帮扶"),
        "village": ({"division": places.divisions[HEXIN]}, "合心村儿童主任"),
        "coordinator": ({"division": places.divisions[COUNTY]}, "枝江市民政局儿童福利干事"),
        "counsellor": ({"school": school}, "学校心理辅导教师"),
        "auditor": ({"division": places.divisions[TOWN]}, "年度检查"),
        HILLS_HEAD: ({"school": places.schools[HILLS_SCHOOL]}, "小白山乡中心小学校长"),
        HILLS_TEACHER: ({"school_class": places.classes[HILLS_SCHOOL, 4, 1]}, "四年级1班班主任"),
    }
    for username, (place, reason) in offices.items():
        Posting.objects.create(
            user=people[username],
            starts_on=since,
            reason=reason,
            requested_by=people["admin"],
            approved_by=people[APPOINTING],
            **place,
        )
