"""What becomes of a pairing when the child leaves the carer's school or village: it ends there and then."""

from django.db.models import Q
from django.utils import timezone

from pairing.models import Pairing
from registry.querysets import within
from registry.transfers.services import farewell


@farewell
def end_pairing(transfer, by) -> None:
    """End the pairing with a carer of the office that the child leaves; who is not paired does not see the file."""
    if transfer.to_school_id:
        old = Q(carer__school=transfer.from_school_id)
    else:
        old = within([transfer.from_village.span], "carer__division")
    for pairing in Pairing.objects.open().filter(old, child=transfer.child_id).select_for_update(of=("self",)):
        pairing.ended_on = max(timezone.localdate(), pairing.started_on)
        pairing.ending = Pairing.Ending.CHILD_LEFT
        pairing.save()
