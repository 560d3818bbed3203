"""The official 《农村留守儿童基本情况登记表》 of one child, as it is printed: 43 numbered fields in four blocks.

It is in Chinese whatever the user's language, with the printed headings and words (census standard §1.2, notes §1.3).
Selected options have √ instead of □.
"""

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from registry import cell_readers as cells
from registry import census
from registry.codes import ETHNIC_NAMES, RELATION_NAMES
from registry.codes.disability import DISABILITY_NAMES
from registry.models import Relative
from registry.papers.layout import Cell, Paper, PaperPage, Row, head_cell
from registry.papers.subjects import PaperRequest, PaperSubject, child_codes

TITLE = "农村留守儿童基本情况登记表"
CHINESE = "zh-hans"
GRID_COLUMNS = 24  # equal columns beside the title of a block
WIDTHS = (6, *[4] * GRID_COLUMNS)
# The rows of each block: (number of the field, columns of its heading, columns of its value); a row fills the grid.
FORM_ROWS = (
    (
        ((1, 3, 5), (2, 3, 5), (3, 3, 5)),
        ((4, 3, 5), (5, 4, 12)),
        ((6, 3, 5), (7, 4, 12)),
        ((8, 3, 21),),
        ((9, 3, 9), (10, 4, 8)),
        ((11, 3, 9), (12, 4, 8)),
        ((13, 3, 21),),
    ),
    (
        ((14, 3, 3), (15, 3, 3), (16, 3, 3), (17, 3, 3)),
        ((18, 3, 3), (19, 3, 3), (20, 3, 3), (21, 3, 3)),
        ((22, 2, 3), (23, 3, 3), (24, 3, 4), (25, 2, 4)),
        ((26, 2, 3), (27, 3, 3), (28, 3, 4), (29, 2, 4)),
        ((30, 4, 8), (31, 4, 8)),
    ),
    (
        ((32, 4, 4), (33, 4, 4), (34, 3, 5)),
        ((35, 4, 4), (36, 3, 5), (37, 3, 5)),
        ((38, 4, 8), (39, 4, 8)),
        ((40, 4, 20),),
        ((41, 4, 20),),
    ),
    (((42, 4, 20),), ((43, 4, 20),)),
)
YES_NO = {"是": True, "否": False}
HAVE_OR_NOT = {"有": True, "无": False}
SEXES = {"男": "1", "女": "2"}
UNABLE = {"父亲": "father", "母亲": "mother"}
GRADES = {"较好": "good", "一般": "fair", "差": "poor"}
CONDITIONS = {"健康": "healthy", "残疾": "disabled", "患病": "ill"}
OPTIONS = {
    "sex": SEXES,
    "hukou_registered": YES_NO,
    "condition": CONDITIONS,
    "boards": YES_NO,
    "schooling": cells.SCHOOLINGS,
    "both_away": YES_NO,
    "one_away": YES_NO,
    "unable_parent": UNABLE,
    "entrusted": HAVE_OR_NOT,
    "assessment": GRADES,
    "income": cells.INCOMES,
    "relief": cells.RELIEFS,
}
SEVERAL_ALLOWED = "（以上选项可多选）"
SIGNATURES = "单位负责人（签名）：　　　　　　　　复核人（签名）：　　　　　　　　填表人（签名）："
NOTES = (
    "农村留守儿童是指父母双方外出务工或一方外出务工另一方无监护能力，无法与父母正常共同生活的不满十六周岁农村户籍"
    "未成年人。无监护能力是指留守在家的父亲或母亲因重病、重残等原因丧失监护能力。",
    "不满十六周岁的年龄计算截止日期为{day}；年龄段按调查时的实际年龄填写。选项在□内打“√”。",
    "患病是指患有重特大疾病。",
    "祖父母、外祖父母已去世的，或父母一方已去世的，在相应栏内填写“—”。",
    "监护情况评估。①较好：委托监护人较好履行监护职责，留守儿童生活、教育、身心健康等方面得到较好保障；②一般：委托监护人"
    "能基本履行监护职责，留守儿童生活、教育、身心健康等方面得到基本保障，但未成年人有产生行为偏差、心理失当等情况的潜在风险；"
    "③差：无人监护、父母一方外出务工另一方无监护能力或委托监护人监护教育能力不足，留守儿童生活、教育、身心健康等方面得不到"
    "有效保障，极易或已经出现行为偏差、心理失当、辍学、外出流浪乞讨等非正常情况。",
    "辍学是指在义务教育阶段辍学的留守儿童；不在学是指14至16周岁不在学的留守儿童。",
    "父母务工地点填写到“×××省（区、市）×××市”。",
)
ETHNICITIES = {code: name for name, code in ETHNIC_NAMES.items()}
RELATIONS = {code: name for name, code in RELATION_NAMES.items()}
DISABILITIES = {code: name for name, code in reversed(DISABILITY_NAMES.items())}  # the standard's spelling comes first


def build(paper_request: PaperRequest) -> Paper:
    with translation.override(CHINESE):
        unit, remarks = paper_request.unit, paper_request.remarks()
    return build_forms(paper_request.subjects(), unit, remarks)


def build_forms(subjects: list[PaperSubject], unit: str, remarks: list[str]) -> Paper:
    """Return the forms of these children; `unit` is who fills them in, `remarks` follow the notes."""
    with translation.override(CHINESE):
        pages = [form_page(subject, unit) for subject in subjects]
    for page in pages:
        page.below += remarks
    return Paper("forms", _("Official registration forms"), WIDTHS, pages, child_codes(subjects))


def form_page(subject: PaperSubject, unit: str) -> PaperPage:
    rows = [row for lines in FORM_ROWS for row in block_rows(lines, subject)]
    notes = [f"注{number}．{text.format(day=format_day(subject.on))}" for number, text in enumerate(NOTES, 1)]
    above = (f"填报单位（盖章）：{unit}", f"填报日期：{format_day(subject.on)}")
    return PaperPage(TITLE, rows, above=above, below=[SIGNATURES, *notes])


def block_rows(lines: tuple, subject: PaperSubject) -> list[Row]:
    """Return the rows of one block, its title in a column at their left."""
    rows: list[Row] = []
    for line in lines:
        row = []
        for number, wide, value in line:
            field = census.PRINTED_FIELDS[number - 1]
            row += [head_cell(f"{number} {field.heading}", wide), Cell(printed_value(field, subject), value)]
        rows.append(row)
    first, _wide, _value = lines[0][0]
    rows[0].insert(0, head_cell(census.BLOCKS[first], rows=len(lines)))
    return rows


def format_day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def printed_value(field: census.CensusField, subject: PaperSubject) -> str:
    """Return the value of a field in the words of the printed form."""
    if field.person in census.PERSONS and is_deceased(field.person, subject):
        return cells.DECEASED
    value = subject.values.get(field.name, getattr(subject.child, field.name, None))
    if field.name in OPTIONS:
        return render_options(OPTIONS[field.name], value) + (SEVERAL_ALLOWED if field.number in (42, 43) else "")
    match field.name:
        case "ethnicity":
            return ETHNICITIES.get(value, "")
        case "disability":
            return disability_text(subject.child)
        case "guardian_relation":
            return RELATIONS.get(value, "")
    if isinstance(value, date):
        return value.isoformat()
    return subject.text(field.name)


def is_deceased(person: str, subject: PaperSubject) -> bool:
    """Return whether note 4 applies: all fields of a relative who has died hold a dash."""
    relative = subject.file.relatives.get(census.PERSONS[person])
    return relative is not None and relative.state == Relative.State.DECEASED


def render_options(options: dict, value) -> str:
    selected = value if isinstance(value, list) else [value]
    return "　".join(f"{'√' if code in selected else '□'}{word}" for word, code in options.items())


def disability_text(child) -> str:
    """Return category and grade in the words of the certificate: 肢体残疾二级."""
    if not child.disability:
        return ""
    grade = " 一二三四"[child.disability_grade] + "级" if child.disability_grade else ""
    return f"{DISABILITIES[child.disability]}残疾{grade}"
