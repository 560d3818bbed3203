"""The child's file on paper (一人一档): the fields of the census form, the parents' absences and the guardianship."""

from django.utils.translation import gettext as _

from carebase.display import display, display_attr
from registry import census
from registry.display import absence_text_on
from registry.papers.layout import Cell, Paper, PaperPage, Row, band_cell, head_cell, label_rows
from registry.papers.subjects import PaperRequest, PaperSubject, child_codes

WIDTHS = (18, 36, 18, 36)
PAIRS_PER_ROW, COLUMNS = 2, len(WIDTHS)


def build(paper_request: PaperRequest) -> Paper:
    subjects = paper_request.subjects()
    pages = [child_page(subject, paper_request) for subject in subjects]
    return Paper("files", _("Children's files"), WIDTHS, pages, child_codes(subjects))


def child_page(subject: PaperSubject, paper_request: PaperRequest) -> PaperPage:
    child, rows = subject.child, []
    for section in census.SECTIONS:
        entries = [(str(field.title), subject.text(field.name)) for field in section.fields if field.page]
        rows += [[band_cell(section.label, COLUMNS)], *label_rows(entries, PAIRS_PER_ROW)]
    rows += care_rows(subject)
    title = _("Child's file")
    above = (paper_request.unit, f"{child.name} · {child.code} · {paper_request.on.isoformat()}")
    return PaperPage(title, rows, above=above, below=paper_request.remarks())


def care_rows(subject: PaperSubject) -> list[Row]:
    rows: list[Row] = [[band_cell(_("Parents' absences"), COLUMNS)]]
    rows.append([head_cell(text) for text in (_("Parent"), _("Left on"), _("Place of work"), _("Returned on"))])
    for row in subject.file.history:
        rows.append(
            [Cell(display_attr(row, name)) for name in ("parent", "left_on", "destination")]
            + [Cell(return_date(row, subject))]
        )
    if not subject.file.history:
        rows.append([Cell(_("No absence of a parent is recorded."), COLUMNS)])
    away = [absence_text_on(absence, subject.on) for absence in subject.file.absences.values()]
    since = subject.file.guardianship.starts_on if subject.file.guardianship else None
    rows.append(
        [head_cell(_("Away that day")), Cell("；".join(away)), head_cell(_("In this care since")), Cell(display(since))]
    )
    return rows


def return_date(row, subject: PaperSubject) -> str:
    return display(row.returned_on) if row.returned_on and row.returned_on <= subject.on else ""
