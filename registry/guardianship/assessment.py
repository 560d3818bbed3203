"""The grades of the guardianship assessment with their printed definitions, and the check for contradictions.

By definition ③, a case without a guardian, or with one parent away and the other not able, is poor.
"""

from django.utils.translation import gettext_lazy as _

from registry.child_file import ChildFile
from registry.models import Guardianship

Grade = Guardianship.Assessment
DEFINITIONS = {
    Grade.GOOD: _(
        "The entrusted guardian performs the duty well; the child's life, schooling and physical and mental health "
        "are well secured."
    ),
    Grade.FAIR: _(
        "The entrusted guardian basically performs the duty and the child's life, schooling and health are basically "
        "secured, but there is a latent risk of deviant behaviour or psychological difficulty."
    ),
    Grade.POOR: _(
        "There is no guardian; or one parent works away and the other is not able; or the entrusted guardian is not "
        "able enough: the child's life, schooling and health are not effectively secured, and deviant behaviour, "
        "psychological difficulty, dropping out or running away is very likely or has happened."
    ),
}


def reason_for_poor(file: ChildFile, *, alone: bool, name: str) -> str:
    """Return the key of POOR_REASONS that makes the case poor by definition ③, or ""."""
    if alone:
        return "alone"
    if file.one_away()[0]:
        return "one_away"
    return "nobody" if file.both_away and not name else ""


POOR_REASONS = {
    "alone": _("Nobody looks after the child, so by the form's definition the grade is “poor”."),
    "nobody": _("Both parents are away and no guardian is named, so by the form's definition the grade is “poor”."),
    "one_away": _(
        "One parent is away and the other is not able to act as guardian, so by the form's definition the "
        "grade is “poor”."
    ),
}


def find_contradiction(file: ChildFile, *, alone: bool, name: str, grade: str) -> str:
    """Return why `grade` contradicts the printed definition, as a sentence, or ""."""
    why = reason_for_poor(file, alone=alone, name=name) if grade and grade != Grade.POOR else ""
    return str(POOR_REASONS[why]) if why else ""
