"""Survey rounds and surveys of the last term and this one, and the needs that follow."""

import datetime as dt

from carebase.accounts.models import User
from carebase.management.demo_data.accounts import HILLS_TEACHER
from carebase.management.demo_data.care import find_visitor
from carebase.management.demo_data.places import HILLS, TOWN, Places
from registry.models import Child, Domain, Need, Round, Survey, Term

# For each domain the (rating, text) when all is well, and when it is not.
WELL = ("good", "")
FINDINGS = {
    Domain.STUDY: (("good", "愿意学，家里有一张小桌子。"), ("attention", "看书认字没有人陪，容易分心。")),
    Domain.LIFE: (("good", "三餐按时，衣服干净。"), ("attention", "早饭常常不吃，冬衣偏小。")),
    Domain.PSYCHOLOGY: (("good", "开朗，愿意和来访的人说话。"), ("attention", "话少，提到父母时低头不语。")),
    Domain.SAFETY: (("good", "知道不到水边玩。"), ("urgent", "屋后水塘没有围栏，常在塘边玩。")),
    Domain.HEALTH: (("good", "面色好，按时接种。"), ("attention", "视力下降，还没有检查。")),
}
NEEDS = {
    Domain.STUDY: "安排每周两次陪读",
    Domain.LIFE: "送一套合身的冬衣",
    Domain.PSYCHOLOGY: "约心理教师见一次面",
    Domain.SAFETY: "请村委会给水塘装围栏",
    Domain.HEALTH: "带孩子去卫生院查视力",
}
HOMES = ("两间瓦房，光线好。", "砖房，有单独的床铺。", "老屋，屋顶有一处漏雨。")
EDUCATION = ("以讲道理为主，每周和父母视频。", "祖辈照看，要求不多。", "管得严，父母常打电话来。")
MEASURES = "保持联系，下次来访再看。"
SURVEYED_EVERY = 2  # every other child has no survey yet this term


def make_surveys(places: Places, people: dict[str, User], children: dict[str, Child], today: dt.date) -> None:
    make_rounds(places, people, today)
    for number, child in enumerate(children.values()):
        who = find_visitor(child, places, people, {})
        if not who.has_perm("registry.add_survey"):
            continue  # a coordinator, who has no survey rights
        made_on = places.last_term.starts_on + dt.timedelta(days=number + 20)
        make_survey(child, who, places.last_term, made_on, number + 1)
        if number % SURVEYED_EVERY == 0:
            made_on = max(places.this_term.starts_on, today - dt.timedelta(days=number % 9))
            survey = make_survey(child, who, places.this_term, made_on, number)
            make_needs(survey, people["coordinator"] if who.username == HILLS_TEACHER else who, today, number)


def make_rounds(places: Places, people: dict[str, User], today: dt.date) -> None:
    """Save the rounds of both terms: those of the last are over, those of this one still have two weeks."""
    due_days = {
        places.last_term: places.last_term.starts_on + dt.timedelta(days=75),
        places.this_term: max(places.this_term.starts_on + dt.timedelta(days=75), today + dt.timedelta(days=14)),
    }
    for term, due in due_days.items():
        days = {"starts_on": term.starts_on, "due_on": min(term.ends_on, due)}
        for code in (TOWN, HILLS):
            Round.objects.create(term=term, division=places.divisions[code], by=people["coordinator"], **days)


def make_survey(child: Child, who: User, term: Term, made_on: dt.date, number: int) -> Survey:
    """Save a survey in which one domain at most gives cause for concern, chosen by the child's number."""
    domains = list(FINDINGS)
    concern = domains[number % len(domains)] if number % 3 == 0 else None
    findings = {}
    for domain, (well, ill) in FINDINGS.items():
        findings[f"{domain}_rating"], findings[domain.value] = (
            ill if domain == concern else well if number % 4 else WELL
        )
    return Survey.objects.create(
        child=child,
        term=term,
        visited_on=made_on,
        visited_by=who,
        living_conditions=HOMES[number % 3],
        family_education=EDUCATION[number % 3],
        countermeasures=MEASURES if concern else "",
        **findings,
    )


def make_needs(survey: Survey, owner: User, today: dt.date, number: int) -> None:
    """Save a need for each domain that is not well; some are overdue, some are done."""
    for domain, words in NEEDS.items():
        if getattr(survey, f"{domain}_rating") == "good":
            continue
        done = number % 4 == 0
        Need.objects.create(
            survey=survey,
            child=survey.child,
            what=words,
            domain=domain,
            owner=owner,
            due_on=survey.visited_on + dt.timedelta(days=number % 20),
            done_on=today if done else None,
            outcome="已经办好，孩子很高兴。" if done else "",
        )
