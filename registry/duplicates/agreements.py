"""What hangs on a row that both of two merged files have: the agreement with the carer, and the short visits home.

Such a row stays with the closed file. The agreement follows to the guardianship of the file that stays when that will
name the same carer; a visit home follows to the present absence of the same parent.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.hooks import before_merge
from registry.models import HomeStay


def move_agreement(comparison, taken, log) -> None:
    """Let the agreement of the closed file follow; raise ValidationError where the one that stays would lose its carer.

    Call it before the facts of the guardianships are joined.
    """
    kept, gone = (side.get("guardianship") for side in (comparison.left, comparison.right))
    if kept is None or gone is None:
        return
    chosen = gone if any(group.owner == "guardianship" for group in taken) else kept
    if hasattr(kept, "entrustment"):
        if chosen.name != kept.name or not chosen.entrusted:
            raise ValidationError(
                _("The file that stays has an agreement with its guardian. Choose that guardian, or the other file.")
            )
    elif hasattr(gone, "entrustment") and chosen.name == gone.name and chosen.entrusted:
        agreement, kept.child = gone.entrustment, comparison.left["child"]
        log.begin(agreement)
        agreement.guardianship = kept
        log.save(agreement, moved=True)


@before_merge(HomeStay._meta.label_lower)
def attach_to_open_absence(stay: HomeStay) -> None:
    """Let a visit home belong to the present absence of that parent in the file that stays."""
    same = stay.child.absences.filter(parent=stay.absence.parent, returned_on=None).first()
    stay.absence = same or stay.absence
