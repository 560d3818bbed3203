"""Rows that depend on a family row of the closed file: the agreement with the carer, and short visits home.

An agreement moves to the guardianship of the file that stays if that names the same carer; a visit home moves to the
present absence of the same parent.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.hooks import before_merge
from registry.models import HomeStay


def move_agreement(comparison, taken, log) -> None:
    """Move the agreement of the closed file; raise ValidationError if the one that stays would lose its carer.

    Must run before the values of the guardianships are merged, because it compares them.
    """
    kept, gone = (side.get("guardianship") for side in (comparison.left, comparison.right))
    if kept is None or gone is None:
        return
    chosen = gone if any(group.owner == "guardianship" for group in taken) else kept
    if hasattr(kept, "entrustment"):
        if chosen.name != kept.name or not chosen.entrusted:
            raise ValidationError(
                _("The file to keep has an agreement with its guardian. Choose that guardian, or keep the other file.")
            )
    elif hasattr(gone, "entrustment") and chosen.name == gone.name and chosen.entrusted:
        agreement, kept.child = gone.entrustment, comparison.left["child"]
        log.remember(agreement)
        agreement.guardianship = kept
        log.save(agreement, moved=True)


@before_merge(HomeStay._meta.label_lower)
def attach_to_open_absence(stay: HomeStay) -> None:
    same = stay.child.absences.filter(parent=stay.absence.parent, returned_on=None).first()
    stay.absence = same or stay.absence
