"""The statistics table of a class or village (附件3, 32 columns of counts).

It is refused while its identities do not hold, with the children whose files are incomplete.
"""

from itertools import groupby

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.leftbehind.query import filter_left_behind, filter_undecided
from registry.models import Child
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
MAX_CHILDREN = 50  # children listed for each identity; once these are complete, the next ones are listed


def build(paper_request: PaperRequest) -> Paper:
    """Return the table; raise PaperRefused with the incomplete files when an ERROR identity does not hold."""
    if paper_request.definition is None:
        raise PaperRefused([{"text": _("No definition of “left-behind child” was in force that day.")}])
    children = paper_request.children().order_by()
    counted = filter_left_behind(children, paper_request.definition, paper_request.on)
    counts = count_columns(counted, paper_request.on)
    if errors := broken_identities(counts, ERROR):
        raise PaperRefused([refusal_reason(identity, counts, counted, paper_request) for identity in errors])
    unknown = filter_undecided(children, paper_request.definition, paper_request.on).count()
    with translation.override(CHINESE):
        page = PaperPage(TITLE, [[Cell(counts[column.number], kind=NUMBER) for column in COLUMNS]], heading_rows())
        page.above = (f"填报单位（盖章）：{paper_request.unit}", f"填报时间：{format_day(paper_request.on)}")
        page.below = [SIGNATURES, *note_lines(paper_request), *paper_request.remarks(), *warning_lines(counts, unknown)]
    title = _("Statistics table of left-behind children")
    return Paper("statistics", title, WIDTHS, [page], count=counts[1], landscape=True, size=7)


def note_lines(paper_request: PaperRequest) -> list[str]:
    facts = {"day": format_day(paper_request.on), "definition": paper_request.definition.name}
    return [f"注{number}．{text.format(**facts)}" for number, text in enumerate(NOTES, 1)]


def warning_lines(counts: dict[int, int], undecided: int) -> list[str]:
    warnings = [identity.describe(counts) for identity in broken_identities(counts, WARNING)]
    if undecided:
        text = ngettext(
            "%d child is not counted because data that the definition requires is missing.",
            "%d children are not counted because data that the definition requires is missing.",
            undecided,
        )
        warnings.append(text % undecided)
    return warnings


def heading_rows() -> list[Row]:
    groups: Row = []
    for title, columns in groupby(COLUMNS, key=lambda column: column.group):
        columns = list(columns)
        groups.append(head_cell(title or columns[0].heading, len(columns), 1 if title else 2))
    names = [head_cell(column.heading) for column in COLUMNS if column.group]
    return [groups, names, [head_cell(str(column.number)) for column in COLUMNS]]


def refusal_reason(identity: Identity, counts: dict[int, int], counted, paper_request: PaperRequest) -> dict:
    """Return why the table is refused: the identity in words, and the children whose files are incomplete."""
    missing = incomplete_children(counted, identity, paper_request.on)
    number = missing.count()
    sentence = identity.describe(counts)
    if number:
        facts = {"count": number, "what": identity.lacking}
        text = ngettext("Missing for %(count)d child: %(what)s.", "Missing for %(count)d children: %(what)s.", number)
        sentence = f"{sentence} {text % facts}"
    return {"text": sentence, "children": [child_link(child) for child in missing.for_list()[:MAX_CHILDREN]]}


def child_link(child: Child) -> dict:
    return {"name": f"{child.name} · {child.village} · {child.code}", "url": f"{child.get_absolute_url()}edit/"}
