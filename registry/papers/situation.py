"""The basic-situation table of each term (基本情况登记表, school records §3.1), one row per child.

Occupation of another guardian and home phone are not recorded: their columns are filled by hand.
"""

from django.utils.translation import gettext as _

from carebase.display import display_attr
from registry.papers.layout import NUMBER, Cell, Paper, PaperPage, Row, head_cell
from registry.papers.subjects import PaperRequest, PaperSubject, child_codes

WIDTHS = (4, 9, 6, 14, 12, 16, 18, 12, 20, 20, 12, 14, 18, 14)


def build(paper_request: PaperRequest) -> Paper:
    subjects = paper_request.subjects()
    rows = [child_row(number, subject) for number, subject in enumerate(subjects, 1)]
    title = _("Register of basic situation of left-behind children")
    page = PaperPage(
        title,
        rows,
        heading_rows(),
        above=(paper_request.unit, paper_request.on.isoformat()),
        below=paper_request.remarks(),
    )
    return Paper("situation", title, WIDTHS, [page], child_codes(subjects), landscape=True, size=8)


def heading_rows() -> list[Row]:
    """Return the two rows of headings: four columns each are grouped for the child and for the other guardian."""
    single = (_("Parents' names"), _("Full home address"), _("Home phone"))
    single += (_("Parents' work unit and address"), _("Parents' phones"))
    first = [head_cell(_("No."), rows=2), head_cell(_("The child"), 4), *[head_cell(text, rows=2) for text in single]]
    child = (_("Name"), _("Sex"), _("Class"), _("Date of birth"))
    guardian = (_("Occupation"), _("Form of address"), _("Guardian's address"), _("Phone"))
    return [
        [*first, head_cell(_("Other legal guardian"), 4)],
        [head_cell(text) for text in (*child, *guardian)],
    ]


def child_row(number: int, subject: PaperSubject) -> Row:
    child = subject.child
    names = "、".join(name for name in (subject.text("father_name"), subject.text("mother_name")) if name)
    works = "、".join(dict.fromkeys(place for place in map(subject.work_place, ("father", "mother")) if place))
    cells = (child.name, display_attr(child, "sex"), subject.class_label, subject.text("birth_date"), names)
    cells += (subject.text("residence"), "", works, subject.phones(), "", subject.text("guardian_relation"))
    cells += (subject.text("guardian_address"), subject.text("guardian_phone"))
    return [Cell(number, kind=NUMBER), *map(Cell, cells)]
