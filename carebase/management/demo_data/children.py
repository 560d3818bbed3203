"""The children of the roster with their families, categories and referrals."""

import datetime as dt
import random

from carebase.accounts.models import User
from carebase.management.demo_data import days, families, names, roster
from carebase.management.demo_data.places import GRADES, HILLS, HILLS_SCHOOL, TOWN_SCHOOL, Places
from registry.models import CategoryMembership, Child, Referral

Category = CategoryMembership.Category
CATEGORIES = {
    "王梓萱": (Category.SINGLE_PARENT, "父亲病故，户口本已注销"),
    "宋佳慧": (Category.SINGLE_PARENT, "父亲意外去世，村委会证明"),
    "张俊杰": (Category.SEVERELY_DISABLED, "残疾人证：听力二级"),
    "郭静怡": (Category.OTHER, "母亲失联三年，派出所出具证明"),
    "仇志强": (Category.MIGRANT, "随父母到江苏省苏州市居住"),
    "陈浩宇": (Category.POOR_FAMILY, "享受低保，民政办核定"),
}
REFERRALS = {"王梓萱": "父亲去世后沉默少语，不愿与同学来往", "陈浩宇": "独自居住，多次夜间上网，情绪低落"}


def make_children(rng: random.Random, places: Places, today: dt.date) -> dict[str, Child]:
    children, family, home = {}, None, ""
    for entry in roster.roster_entries():
        if entry.situation != "+":
            home = f"{places.divisions[entry.village]}{rng.randrange(1, 9)}组{rng.randrange(1, 60)}号"
        child = children[entry.name] = make_child(entry, home, places, today)
        if entry.situation != "+":
            family = families.invent_family(rng, child, roster.SITUATIONS[entry.situation], today)
        families.save_family(family, child)
    return children


def make_child(entry: roster.Entry, home: str, places: Places, today: dt.date) -> Child:
    village = places.divisions[entry.village]
    birth = days.birthday_in_grade(entry.grade, *entry.birthday, today)
    registered, reason = entry.name != roster.UNREGISTERED, roster.WITHOUT_NUMBER.get(entry.name, "")
    fields = {
        "opened_on": max(places.last_term.starts_on, birth),
        "birth_date": birth,
        "id_number": "" if reason else names.roster_id_number(birth, entry.sex),
        "id_reason": reason,
        "hukou_registered": registered,
        "hukou_rural": True if registered else None,
        "hukou_place": f"湖北省枝江市{village_path(entry.village, places)}" if registered else "",
        "residence": home,
        "condition": Child.Condition.HEALTHY,
        "schooling": schooling(entry),
        "boards": entry.grade >= 7 if entry.class_number else None,
        "income": ["wages"],
    }
    if entry.class_number:
        fields["school_class"] = places.classes[school_of(entry.village), entry.grade, entry.class_number]
    fields |= roster.SPECIAL_FIELDS.get(entry.name, {})
    return Child.objects.create(name=entry.name, sex=entry.sex, ethnicity=entry.ethnicity, village=village, **fields)


def village_path(code: str, places: Places) -> str:
    return f"{places.divisions[code[:9] + '000']}{places.divisions[code]}"


def school_of(village: str) -> str:
    return HILLS_SCHOOL if village[:9] == HILLS[:9] else TOWN_SCHOOL


def schooling(entry: roster.Entry) -> str:
    if entry.grade in GRADES and not entry.class_number:
        return Child.Schooling.DROPPED_OUT
    return schooling_of_grade(entry.grade)


def schooling_of_grade(grade: int) -> str:
    """Return the status that goes with a grade; kindergarten is the three years before school."""
    if grade <= 0:
        return Child.Schooling.KINDERGARTEN if grade > -3 else Child.Schooling.NO_KINDERGARTEN
    return Child.Schooling.PRIMARY if grade <= 6 else Child.Schooling.JUNIOR


def make_categories(children: dict[str, Child], people: dict[str, User], since: dt.date) -> None:
    for name, (category, basis) in CATEGORIES.items():
        CategoryMembership.objects.create(
            child=children[name], category=category, basis=basis, valid_from=since, confirmed_by=people["coordinator"]
        )


def make_referrals(children: dict[str, Child], people: dict[str, User], since: dt.date) -> None:
    for name, reason in REFERRALS.items():
        Referral.objects.create(
            child=children[name],
            counsellor=people["counsellor"],
            by=people["coordinator"],
            referred_on=since,
            reason=reason,
        )
