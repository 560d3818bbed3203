"""The 32 columns of the statistics table as data (statistics standard §2.2), counted in one query.

Each cell counts left-behind children on a day; the age bands are 0–5, 6–13, and 14 and 15.

Columns 26–29 say who looks after a child. A child counts in the first one that applies, in this order: 29 when one
parent is away and the other, at home, cannot be guardian (note ③; the definition of the grade 差 names such a child);
26 when a grandparent does; 27 when anybody else does who is neither parent nor descendant; 28 when it is recorded that
the parents entrusted nobody. Code 60 (祖孙, one of the grandparents) is a grandparent: 26. Great-grandparents and
others of that generation are kin, not (外)祖父母: 27. Code 80 (其他) says neither kin nor stranger, and 27 takes both:
27, as do step-parents, who are family but not who went away. A guardian who is said to be father, mother, the child
itself or a descendant contradicts the absence or was written the wrong way round: not known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Subquery, Value, When

from registry.codes import GRANDPARENTS, Relation
from registry.codes.grades import years_before
from registry.models import Absence, Child, Guardianship, Relative

COMPULSORY = Q(schooling__in=["primary", "junior"])
BY_GRANDPARENTS = sorted([*GRANDPARENTS, Relation.GRANDPARENT])
BY_OTHERS = [
    code for code in Relation.values if code in {"57", "58", "59"} or (code >= "65" and code not in BY_GRANDPARENTS)
]
PARENTS = (Relation.FATHER, Relation.MOTHER)


@dataclass(frozen=True)
class StatisticsColumn:
    """A column: its number, its headings, and the condition of the children that it counts on a day."""

    number: int
    group: str
    heading: str
    condition: Callable[[date], Q]


def fixed_condition(condition: Q) -> Callable[[date], Q]:
    return lambda on: condition


def age_condition(first: int, below: int, sex: str = "") -> Callable[[date], Q]:
    """Return the condition that the age in full years is at least `first` and below `below`, of a sex if given."""
    of_sex = Q(sex=sex) if sex else Q()
    return lambda on: Q(birth_date__lte=years_before(on, first), birth_date__gt=years_before(on, below)) & of_sex


def age_band_columns(number: int, title: str, first: int, below: int) -> tuple[StatisticsColumn, ...]:
    columns = enumerate((("小计", ""), ("男", "1"), ("女", "2")), number)
    return tuple(StatisticsColumn(n, title, text, age_condition(first, below, sex)) for n, (text, sex) in columns)


def group_columns(number: int, group: str, headings: str, conditions: list[Q]) -> tuple[StatisticsColumn, ...]:
    """Return the columns of a group from `number` on; `headings` are separated by spaces."""
    columns = enumerate(zip(headings.split(), conditions, strict=True), number)
    return tuple(StatisticsColumn(n, group, text, fixed_condition(condition)) for n, (text, condition) in columns)


COLUMNS = (
    StatisticsColumn(1, "", "农村留守儿童总数", fixed_condition(Q())),
    *age_band_columns(2, "0—5周岁", 0, 6),
    *age_band_columns(5, "6（含）—13周岁", 6, 14),
    *age_band_columns(8, "14（含）—16周岁", 14, 16),
    *group_columns(
        11,
        "就学情况",
        "幼儿园 未入园 小学 初中 高中 中职 辍学 不在学",
        [Q(schooling=status) for status in Child.Schooling.values],
    ),
    *group_columns(19, "户口登记", "已登记户口 未登记户口", [Q(hukou_registered=True), Q(hukou_registered=False)]),
    *group_columns(21, "身体情况", "健康 残疾 患病", [Q(condition=value) for value in ("healthy", "disabled", "ill")]),
    *group_columns(24, "义务教育阶段", "寄宿 未寄宿", [COMPULSORY & Q(boards=True), COMPULSORY & Q(boards=False)]),
    *group_columns(
        26,
        "监护情况",
        "（外）祖父母监护 亲戚朋友监护 无人监护 一方外出务工另一方无监护能力",
        [Q(guarded_by=number) for number in (26, 27, 28, 29)],
    ),
    *group_columns(
        30, "监护情况评估", "较好 一般 差", [Q(care_assessment=grade) for grade in ("good", "fair", "poor")]
    ),
)
BY_NUMBER = {column.number: column for column in COLUMNS}


def annotate_care(children, on: date):
    """Annotate who looked after each child that day: `guarded_by` (26–29, 0 if not known) and `care_assessment`."""
    care = Guardianship.objects.filter(child=OuterRef("pk")).on(on).order_by("-starts_on", "-pk")
    facts = {
        f"care_{name}": Subquery(care.values(name)[:1]) for name in ("relation", "name", "entrusted", "assessment")
    }
    nobody = Q(care_relation="", care_name="", care_entrusted=False)
    return children.annotate(**facts).annotate(
        guarded_by=Case(
            When(one_parent_unable(on), then=Value(29)),
            When(care_relation__in=BY_GRANDPARENTS, then=Value(26)),
            When(care_relation__in=BY_OTHERS, then=Value(27)),
            When(nobody, then=Value(28)),
            default=Value(0),
            output_field=IntegerField(),
        )
    )


def one_parent_unable(on: date) -> Q:
    """Return the condition that one parent is away that day and the other is at home, but cannot be guardian."""
    condition = Q(pk__in=[])
    for away, home in (PARENTS, PARENTS[::-1]):
        is_away = {
            parent: Exists(Absence.objects.filter(child=OuterRef("pk"), parent=parent).on(on)) for parent in PARENTS
        }
        unable = Relative.objects.filter(child=OuterRef("pk"), relation=home, able=False).exclude(state="deceased")
        condition |= Q(is_away[away]) & ~Q(is_away[home]) & Q(Exists(unable))
    return condition


def count_columns(children, on: date) -> dict[int, int]:
    """Return by column number how many of `children` each column counts, in one query."""
    aggregates = {}
    for column in COLUMNS:
        condition = column.condition(on)
        aggregates[f"c{column.number}"] = Count("pk", filter=condition) if condition else Count("pk")
    counts = annotate_care(children, on).aggregate(**aggregates)
    return {column.number: counts[f"c{column.number}"] for column in COLUMNS}


def counted_in_any(numbers: tuple[int, ...], on: date) -> Q:
    """Return the condition that one of these columns counts a child; column 1 counts all."""
    condition = Q(pk__in=[])
    for number in numbers:
        condition |= BY_NUMBER[number].condition(on) or Q(pk__isnull=False)
    return condition
