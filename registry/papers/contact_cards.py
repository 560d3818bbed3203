"""Contact cards (联系卡, school records §3.1): whom to call about a child. What the registry does not keep is left
blank on the card, to be filled by hand."""

from django.utils.translation import gettext as _

from carebase.display import read
from registry.codes.grades import age
from registry.codes.id_number import InvalidIdNumber, check
from registry.papers.facts import PaperRequest, Subject, codes_of
from registry.papers.layout import Cell, Paper, PaperPage, Row, head

WIDTHS = (16, 20, 16, 20, 16, 20)


def build(ask: PaperRequest) -> Paper:
    """Return a card for each child, several on a sheet."""
    subjects, above = ask.subjects(), (ask.unit, ask.on.isoformat())
    pages = [PaperPage(_("Contact card"), rows(subject), above=above, below=ask.remarks()) for subject in subjects]
    return Paper("cards", _("Contact cards"), WIDTHS, pages, codes_of(subjects), flowing=True)


def rows(subject: Subject) -> list[Row]:
    child, care = subject.child, subject.file.guardianship
    return [
        line((_("Name"), child.name), (_("Sex"), read(child, "sex")), (_("Date of birth"), subject.text("birth_date"))),
        line((_("School and class"), subject.school_and_class, 3), (_("Village"), str(child.village))),
        line((_("Full home address"), subject.text("residence"), 3), (_("Home phone"), "")),
        *[line(*parent) for parent in parents(subject)],
        line(
            (_("Guardian"), subject.text("guardian_name")),
            (_("Relation to the child"), subject.text("guardian_relation")),
            (_("Phone"), subject.text("guardian_phone")),
        ),
        line(
            (_("Guardian's address"), subject.text("guardian_address"), 3),
            (_("Age"), guardians_age(care, subject)),
        ),
        line((_("Guardian's occupation"), "", 3), (_("Guardian's health"), "")),
    ]


def line(*entries: tuple) -> Row:
    """Return labels with their values; a third member says over how many columns the value goes."""
    return [cell for label, value, *span in entries for cell in (head(label), Cell(value, *span))]


def parents(subject: Subject) -> list[tuple]:
    """Return of each parent the name, the work unit with its address, and the phone."""
    titles = {"father": _("Father"), "mother": _("Mother")}
    return [
        (
            (title, subject.text(f"{parent}_name")),
            (_("Work unit and address"), subject.work_place(parent)),
            (_("Phone"), subject.text(f"{parent}_phone")),
        )
        for parent, title in titles.items()
    ]


def guardians_age(care, subject: Subject) -> str:
    """Return the guardian's age that day by the ID number, or by the relative of that name; "" if unknown."""
    if care is None:
        return ""
    try:
        return str(age(check(care.id_number, on=subject.on).birth_date, subject.on))
    except InvalidIdNumber:
        same = subject.file.relatives.get(care.relation)
        known = same and same.birth_date and same.name == care.name
        return str(age(same.birth_date, subject.on)) if known else ""
