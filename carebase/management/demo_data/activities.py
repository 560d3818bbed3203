"""Activities: the visit before 1 June, the volunteers' eleven days, the Mid-Autumn Festival, two lessons."""

import datetime as dt
from decimal import Decimal

from activities.models import Activity, Attendance, Donation, Goods, Handout
from carebase.management.demo_data import days
from carebase.management.demo_data.accounts import TEACHERS_CLASS
from carebase.management.demo_data.places import CENTRE, GUANZHI, HEXIN, HILLS_SCHOOL, TOWN, TOWN_SCHOOL, Places
from registry.models import Child

# Item, quantity, total value: seven thousand yuan together.
GIFTS = (("书包", 34, "4080.00"), ("文具", 34, "1020.00"), ("图书", 38, "1900.00"))
PURCHASES = (("学习用品", 6, "180.00"), ("生活用品", 6, "120.00"))  # for the volunteers' 300 yuan
Children = dict[str, Child]


def make_activities(places: Places, children: Children, today: dt.date) -> None:
    children_of = {
        village: [child for child in children.values() if child.village_id == village]
        for village in (HEXIN, GUANZHI, CENTRE)
    }
    pupils = [child for child in children.values() if child.school == places.schools[TOWN_SCHOOL]]
    make_childrens_day(places, children_of[HEXIN] + children_of[GUANZHI], today)
    make_volunteer_days(places, children_of[CENTRE], today)
    make_mid_autumn(places, pupils, today)
    make_lessons(
        places, children_of[HEXIN], [c for c in pupils if c.school_class == places.classes[TEACHERS_CLASS]], today
    )


def make_activity(present: list[Child], gifts: tuple = (), **fields) -> Activity:
    """Save an activity with its attendance; every child present receives one of each item."""
    activity = Activity.objects.create(**fields)
    Attendance.objects.bulk_create([Attendance(activity=activity, child=child) for child in present])
    for item, quantity, value in gifts:
        goods = Goods.objects.create(activity=activity, item=item, quantity=quantity, value=Decimal(value))
        Handout.objects.bulk_create([Handout(goods=goods, child=child) for child in present])
    return activity


def make_childrens_day(places: Places, present: list[Child], today: dt.date) -> None:
    town, held_on = places.divisions[TOWN], days.latest_date(5, 28, today)
    activity = make_activity(
        present,
        GIFTS,
        title="“笑脸行动”六一慰问留守儿童",
        kind=Activity.Kind.FESTIVAL_VISIT,
        division=town,
        held_on=held_on,
        place="合心村、关志村",
        organiser="市供销合作社、社会工作者联合会、妇女委员会",
        leader="李志平",
        children_reached=len(present),
        summary="走访两村34名留守儿童，送去书包、文具和图书，提前祝孩子们节日快乐。",
    )
    Donation.objects.create(
        kind=Donation.Kind.GOODS, donor="市供销合作社", division=town, received_on=held_on, amount=Decimal("7000.00"),
        about=True, purpose="六一慰问用书包、文具、图书", activity=activity,
    )  # fmt: skip


def make_volunteer_days(places: Places, present: list[Child], today: dt.date) -> None:
    school, ended_on = places.schools[HILLS_SCHOOL], days.latest_date(8, 27, today)
    activity = make_activity(
        present,
        PURCHASES,
        title="“爱心启航、激情飞扬”大学生关爱单亲和留守儿童",
        kind=Activity.Kind.OTHER,
        school=school,
        held_on=days.before(ended_on, 10),
        ended_on=ended_on,
        place="小白山乡中心小学",
        organiser="人文社会科学学院、学校记者团",
        leader="余海军",
        children_reached=len(present),
        summary="40余名志愿者开展为期11天的社会实践：一对一交流、心理小组活动、家访，发放健康知识传单和学习生活用品。",
    )
    Donation.objects.create(
        kind=Donation.Kind.CASH, donor="新浪吉林", school=school, received_on=activity.held_on,
        amount=Decimal("300.00"), purpose="购买学习用品和生活用品", activity=activity,
    )  # fmt: skip


def make_mid_autumn(places: Places, present: list[Child], today: dt.date) -> None:
    make_activity(
        present,
        title="情暖中秋，爱满童心",
        kind=Activity.Kind.FESTIVAL_VISIT,
        school=places.schools[TOWN_SCHOOL],
        held_on=days.latest_mid_autumn(today),
        place="百里洲镇中心小学",
        organiser="少先队大队部",
        leader="陈国强",
        children_reached=len(present),
        summary="与留守儿童一起做月饼、与父母视频连线，教师代表讲中秋的故事。",
    )


def make_lessons(places: Places, village: list[Child], pupils: list[Child], today: dt.date) -> None:
    make_activity(
        village,
        title="暑期防溺水安全课",
        kind=Activity.Kind.SAFETY,
        division=places.divisions[HEXIN],
        held_on=days.latest_date(7, 8, today),
        place="合心村儿童之家",
        leader="王秀英",
        summary="讲解“六不准”和求助电话，孩子们两人一组练习抛绳救援。",
    )
    make_activity(
        pupils,
        title="主题班会：学会照顾自己",
        kind=Activity.Kind.CLASS_MEETING,
        school=places.schools[TOWN_SCHOOL],
        held_on=max(places.this_term.starts_on, days.before(today, 14)),
        place="四年级1班教室",
        leader="周敏",
        summary="分享一件自己会做的家务，约定周末帮家人做一件事。",
    )
