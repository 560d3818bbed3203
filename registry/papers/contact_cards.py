"""Contact cards (联系卡, school records §3.1). What the registry does not record is filled in by hand."""

from django.utils.translation import gettext as _

from carebase.display import display_attr
from registry.codes.grades import age
from registry.codes.id_number import InvalidIdNumber, parse_id_number
from registry.papers.layout import Cell, Paper, PaperPage, Row, head_cell
from registry.papers.subjects import PaperRequest, PaperSubject, child_codes

WIDTHS = (16, 20, 16, 20, 16, 20)


def build(paper_request: PaperRequest) -> Paper:
    subjects, above = paper_request.subjects(), (paper_request.unit, paper_request.on.isoformat())
    pages = [
        PaperPage(_("Contact card"), card_rows(subject), above=above, below=paper_request.remarks())
        for subject in subjects
    ]
    return Paper("cards", _("Contact cards"), WIDTHS, pages, child_codes(subjects), flowing=True)


def card_rows(subject: PaperSubject) -> list[Row]:
    child, care = subject.child, subject.file.guardianship
    return [
        label_row(
            (_("Name"), child.name),
            (_("Sex"), display_attr(child, "sex")),
            (_("Date of birth"), subject.text("birth_date")),
        ),
        label_row((_("School and class"), subject.school_and_class, 3), (_("Village"), str(child.village))),
        label_row((_("Full home address"), subject.text("residence"), 3), (_("Home phone"), "")),
        *[label_row(*parent) for parent in parent_entries(subject)],
        label_row(
            (_("Guardian"), subject.text("guardian_name")),
            (_("Relation to the child"), subject.text("guardian_relation")),
            (_("Phone"), subject.text("guardian_phone")),
        ),
        label_row(
            (_("Guardian's address"), subject.text("guardian_address"), 3),
            (_("Age"), guardian_age(care, subject)),
        ),
        label_row((_("Guardian's occupation"), "", 3), (_("Guardian's health"), "")),
    ]


def label_row(*entries: tuple) -> Row:
    """Return the cells of (label, value) or (label, value, column span) entries."""
    return [cell for label, value, *span in entries for cell in (head_cell(label), Cell(value, *span))]


def parent_entries(subject: PaperSubject) -> list[tuple]:
    titles = {"father": _("Father"), "mother": _("Mother")}
    return [
        (
            (title, subject.text(f"{parent}_name")),
            (_("Work unit and address"), subject.work_place(parent)),
            (_("Phone"), subject.text(f"{parent}_phone")),
        )
        for parent, title in titles.items()
    ]


def guardian_age(care, subject: PaperSubject) -> str:
    """Return the guardian's age by the ID number, or else by the relative of that name; "" if unknown."""
    if care is None:
        return ""
    try:
        return str(age(parse_id_number(care.id_number, on=subject.on).birth_date, subject.on))
    except InvalidIdNumber:
        relative = subject.file.relatives.get(care.relation)
        same_person = relative and relative.birth_date and relative.name == care.name
        return str(age(relative.birth_date, subject.on)) if same_person else ""
