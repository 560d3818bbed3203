"""Activities of the two terms: gifts at their beginning, a visit with gifts, the volunteers' eleven days, lessons.

Of two occasions in a year, one in each term, the latest is taken: so both terms have a story on any day.
"""

import datetime as dt
from decimal import Decimal

from activities.models import Activity, Attendance, Donation, Goods, Handout
from carebase.management.demo_data import days
from carebase.management.demo_data.accounts import TEACHERS_CLASS
from carebase.management.demo_data.places import CENTRE, GUANZHI, HEXIN, HILLS_SCHOOL, TOWN, TOWN_SCHOOL, Places
from registry.models import Child

# Item, quantity, total value: seven thousand yuan together.
GIFTS = (("书包", 34, "4080.00"), ("文具", 34, "1020.00"), ("图书", 38, "1900.00"))
STATIONERY = (("作业本", 60, "300.00"), ("文具", 60, "480.00"))
PURCHASES = (("学习用品", 6, "180.00"), ("生活用品", 6, "120.00"))  # for the volunteers' 300 yuan
Children = dict[str, Child]


def make_activities(places: Places, children: Children, today: dt.date) -> None:
    children_of = {
        village: [child for child in children.values() if child.village_id == village]
        for village in (HEXIN, GUANZHI, CENTRE)
    }
    pupils = [child for child in children.values() if child.school == places.schools[TOWN_SCHOOL]]
    for term in (places.last_term, places.this_term):
        make_first_day(places, pupils, term.starts_on)
    make_gift_visit(places, children_of[HEXIN] + children_of[GUANZHI], today)
    make_volunteer_days(places, children_of[CENTRE], today)
    make_festival(places, pupils, today)
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


def make_first_day(places: Places, present: list[Child], held_on: dt.date) -> None:
    make_activity(
        present,
        STATIONERY,
        title="新学期，新文具",
        kind=Activity.Kind.OTHER,
        school=places.schools[TOWN_SCHOOL],
        held_on=held_on,
        place="百里洲镇中心小学",
        organiser="少先队大队部",
        leader="陈国强",
        children_reached=len(present),
        summary="开学第一天给每名留守儿童发一套文具和作业本。",
    )


def make_gift_visit(places: Places, present: list[Child], today: dt.date) -> None:
    town = places.divisions[TOWN]
    before_june, new_year = (days.latest_date(*day, today) for day in ((5, 28), (1, 20)))
    held_on, festival = max((before_june, "六一"), (new_year, "春节"))
    activity = make_activity(
        present,
        GIFTS,
        title=f"“笑脸行动”{festival}慰问留守儿童",
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
        about=True, purpose=f"{festival}慰问用书包、文具、图书", activity=activity,
    )  # fmt: skip


def make_volunteer_days(places: Places, present: list[Child], today: dt.date) -> None:
    school = places.schools[HILLS_SCHOOL]
    ended_on = max(days.latest_date(8, 27, today), days.latest_date(2, 10, today))  # of the summer or winter holidays
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


def make_festival(places: Places, present: list[Child], today: dt.date) -> None:
    held_on, mid_autumn = days.latest_festival(today)
    title, made, name = (
        ("情暖中秋，爱满童心", "做月饼", "中秋") if mid_autumn else ("粽叶飘香，情满端午", "包粽子", "端午")
    )
    make_activity(
        present,
        title=title,
        kind=Activity.Kind.FESTIVAL_VISIT,
        school=places.schools[TOWN_SCHOOL],
        held_on=held_on,
        place="百里洲镇中心小学",
        organiser="少先队大队部",
        leader="陈国强",
        children_reached=len(present),
        summary=f"与留守儿童一起{made}、与父母视频连线，教师代表讲{name}的故事。",
    )


def make_lessons(places: Places, village: list[Child], pupils: list[Child], today: dt.date) -> None:
    summer, winter = (days.latest_date(*day, today) for day in ((7, 8), (1, 10)))
    held_on, title, summary = max(
        (summer, "暑期防溺水安全课", "讲解“六不准”和求助电话，孩子们两人一组练习抛绳救援。"),
        (winter, "冬季取暖安全课", "讲解防火、防煤气中毒和求助电话，孩子们练习报警说清地址。"),
    )
    make_activity(
        village,
        title=title,
        kind=Activity.Kind.SAFETY,
        division=places.divisions[HEXIN],
        held_on=held_on,
        place="合心村儿童之家",
        leader="王秀英",
        summary=summary,
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
