"""The statistics table of a class or village (附件3, 32 columns of counts).

What is not known keeps no child out of sight: the columns that a fact is missing in are marked, and below the table it
says how many children are not counted for want of which fact. On the screen these children are listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.leftbehind.facts import child_facts
from registry.leftbehind.missing import Fact, missing_facts
from registry.leftbehind.query import filter_left_behind, filter_undecided
from registry.models import Child, Definition
from registry.papers.layout import NUMBER, Cell, Paper, PaperPage, PaperRefused, Row, head_cell
from registry.papers.official_form import CHINESE, format_day
from registry.papers.subjects import PaperRequest
from registry.statistics.columns import COLUMNS, count_columns
from registry.statistics.identities import ERROR, WARNING, Identity, broken_identities, incomplete_children

TITLE = "农村留守儿童情况统计表"
SIGNATURES = "单位负责人（签名）：　　　　　　　　填表人（签名）：　　　　　　　　复核人（签名）："
NOTES = (
    "本表数据均为不满十六周岁农村留守儿童人数，年龄计算截止日期为{day}；按“{definition}”认定。",
    "患病是指患有重特大疾病或严重精神障碍。",
    "无监护能力是指留守在家的父亲或母亲因重病、重残等原因丧失监护能力。",
    "监护情况评估分为较好、一般、差三级。",
)
WIDTHS = (5,) * len(COLUMNS)
MARK = "※"
MAX_CHILDREN = 50  # children listed for each fact; once these are complete, the next ones are listed


@dataclass(frozen=True)
class Gap:
    """The children of whom a fact is missing, and the identity that does not hold for want of it."""

    fact: str
    number: int
    children: list[dict]  # {name, url} of the first ones
    described: Callable[[], str] = str

    @property
    def more(self) -> int:
        return self.number - len(self.children)

    @property
    def text(self) -> str:
        """Return it in words, in the language that is active now: the paper's or the reader's."""
        text = ngettext(
            "Missing for %(count)d child: %(what)s.", "Missing for %(count)d children: %(what)s.", self.number
        )
        missing = text % {"count": self.number, "what": self.fact} if self.number else ""
        return f"{self.described()} {missing}".strip()


def build(paper_request: PaperRequest) -> Paper:
    """Return the table with its gaps; raise PaperRefused only where there is no definition to count by."""
    definition, on = paper_request.definition, paper_request.on
    if definition is None:
        raise PaperRefused([{"text": _("No definition of “left-behind child” was in force that day.")}])
    children = paper_request.children()
    undecided = list(filter_undecided(children, definition, on))
    counted = filter_left_behind(children.order_by().prefetch_related(None), definition, on)
    counts = count_columns(counted, on)
    errors = broken_identities(counts, ERROR)
    gaps = undecided_gaps(undecided, definition, on)
    gaps += [identity_gap(identity, counts, counted, on) for identity in errors]
    with translation.override(CHINESE):
        figures = [Cell(counts[column.number], kind=NUMBER) for column in COLUMNS]
        marked = {number for each in errors for number in each.right} | ({1} if undecided else set())
        page = PaperPage(TITLE, [figures], heading_rows(marked))
        page.above = (f"填报单位（盖章）：{paper_request.unit}", f"填报时间：{format_day(on)}")
        page.below = [SIGNATURES, *note_lines(paper_request), *paper_request.remarks(), *warning_lines(counts)]
        page.below += [f"{MARK}{line}" for line in [*undecided_lines(len(undecided)), *(gap.text for gap in gaps)]]
    title = _("Statistics table of left-behind children")
    return Paper("statistics", title, WIDTHS, [page], gaps=gaps, count=counts[1], landscape=True, size=7)


def note_lines(paper_request: PaperRequest) -> list[str]:
    facts = {"day": format_day(paper_request.on), "definition": paper_request.definition.name}
    return [f"注{number}．{text.format(**facts)}" for number, text in enumerate(NOTES, 1)]


def warning_lines(counts: dict[int, int]) -> list[str]:
    return [identity.describe(counts) for identity in broken_identities(counts, WARNING)]


def undecided_lines(number: int) -> list[str]:
    text = ngettext(
        "%d child is not counted because data that the definition requires is missing.",
        "%d children are not counted because data that the definition requires is missing.",
        number,
    )
    return [text % number] if number else []


def heading_rows(marked: set[int]) -> list[Row]:
    """Return the headings, with a mark where a column is counted from incomplete data."""
    groups: Row = []
    for title, columns in groupby(COLUMNS, key=lambda column: column.group):
        columns = list(columns)
        groups.append(head_cell(title or columns[0].heading, len(columns), 1 if title else 2))
    names = [head_cell(column.heading) for column in COLUMNS if column.group]
    numbers = [head_cell(f"{column.number}{MARK if column.number in marked else ''}") for column in COLUMNS]
    return [groups, names, numbers]


def undecided_gaps(children: list[Child], definition: Definition, on: date) -> list[Gap]:
    """Return the gaps of column 1: the children who are undecided for want of each fact."""
    lacking: dict[Fact, list[Child]] = {fact: [] for fact in Fact}
    for child in children:
        relatives = {row.relation: row for row in child.relatives.all()}
        for fact in missing_facts(child_facts(child, relatives, child.absences.all()), definition, on):
            lacking[fact].append(child)
    return [Gap(fact.label, len(rows), child_links(rows[:MAX_CHILDREN])) for fact, rows in lacking.items() if rows]


def identity_gap(identity: Identity, counts: dict[int, int], counted, on: date) -> Gap:
    children = incomplete_children(counted, identity, on)
    links = child_links(children.for_list()[:MAX_CHILDREN])
    return Gap(identity.lacking, children.count(), links, partial(identity.describe, counts))


def child_links(children: Iterable[Child]) -> list[dict]:
    return [
        {"name": f"{child.name} · {child.village} · {child.code}", "url": f"{child.get_absolute_url()}edit/"}
        for child in children
    ]
