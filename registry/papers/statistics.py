"""The statistics table of a class or village (附件3, 32 columns). It holds counts only, and is given out only when its
identities hold; otherwise it is said of which children something is not filled."""

from itertools import groupby

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.leftbehind.query import left_behind, undecided
from registry.models import Child
from registry.papers.facts import PaperRequest
from registry.papers.layout import NUMBER, Cell, NotGiven, Paper, PaperPage, Row, head
from registry.papers.official_form import CHINESE, written
from registry.statistics.columns import COLUMNS, count
from registry.statistics.identities import ERROR, WARNING, Identity, broken, lacking

TITLE = "农村留守儿童情况统计表"
SIGNATURES = "单位负责人（签名）：　　　　　　　　填表人（签名）：　　　　　　　　复核人（签名）："
NOTES = (
    "本表数据均为不满十六周岁农村留守儿童人数，年龄计算截止日期为{day}；按“{definition}”认定。",
    "患病是指患有重特大疾病或严重精神障碍。",
    "无监护能力是指留守在家的父亲或母亲因重病、重残等原因丧失监护能力。",
    "监护情况评估分为较好、一般、差三级。",
)
WIDTHS = (5,) * len(COLUMNS)
SHOWN = 50  # children named for each identity; fill these in and the next follow


def build(ask: PaperRequest) -> Paper:
    """Return the table; raise NotGiven with what is missing when an identity that is an error does not hold."""
    if ask.definition is None:
        raise NotGiven([{"text": _("No definition of “left-behind child” was in force that day.")}])
    children = ask.children().order_by()
    counted = left_behind(children, ask.definition, ask.on)
    counts = count(counted, ask.on)
    if wrong := broken(counts, ERROR):
        raise NotGiven([reason(identity, counts, counted, ask) for identity in wrong])
    unknown = undecided(children, ask.definition, ask.on).count()
    with translation.override(CHINESE):
        page = PaperPage(TITLE, [[Cell(counts[column.number], kind=NUMBER) for column in COLUMNS]], headings())
        page.above = (f"填报单位（盖章）：{ask.unit}", f"填报时间：{written(ask.on)}")
        page.below = [SIGNATURES, *notes(ask), *ask.remarks(), *doubts(counts, unknown)]
    title = _("Statistics table of left-behind children")
    return Paper("statistics", title, WIDTHS, [page], count=counts[1], landscape=True, size=7)


def notes(ask: PaperRequest) -> list[str]:
    said = {"day": written(ask.on), "definition": ask.definition.name}
    return [f"注{number}．{text.format(**said)}" for number, text in enumerate(NOTES, 1)]


def doubts(counts: dict[int, int], undecided: int) -> list[str]:
    """Return what whoever reads the table must know: warnings, and children who may have to be counted too."""
    said = [identity.in_words(counts) for identity in broken(counts, WARNING)]
    if undecided:
        text = ngettext(
            "%d child is not counted, for a fact that the definition asks for is not recorded.",
            "%d children are not counted, for a fact that the definition asks for is not recorded.",
            undecided,
        )
        said.append(text % undecided)
    return said


def headings() -> list[Row]:
    """Return the three rows of headings: groups, columns, and their numbers."""
    groups: Row = []
    for title, columns in groupby(COLUMNS, key=lambda column: column.group):
        columns = list(columns)
        groups.append(head(title or columns[0].heading, len(columns), 1 if title else 2))
    names = [head(column.heading) for column in COLUMNS if column.group]
    return [groups, names, [head(str(column.number)) for column in COLUMNS]]


def reason(identity: Identity, counts: dict[int, int], counted, ask: PaperRequest) -> dict:
    """Return why the table is kept in: the identity in words, and the children of whom something is not filled."""
    missing = lacking(counted, identity, ask.on)
    number = missing.count()
    sentence = identity.in_words(counts)
    if number:
        facts = {"count": number, "what": identity.lacking}
        text = ngettext("Not known of %(count)d child: %(what)s.", "Not known of %(count)d children: %(what)s.", number)
        sentence = f"{sentence} {text % facts}"
    return {"text": sentence, "children": [named(child) for child in missing.for_list()[:SHOWN]]}


def named(child: Child) -> dict:
    return {"name": f"{child.name} · {child.village} · {child.code}", "url": f"{child.get_absolute_url()}edit/"}
