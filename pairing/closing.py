"""What the closing of a file means for pairing: the carer's place is free again."""

from pairing import services
from pairing.models import Pairing
from registry.closing import after_closing


@after_closing
def release(*, child, on, by) -> None:
    """End the open pairing of a child whose file was closed, on that day or on its own first."""
    for pairing in child.pairings.open().select_related("child"):
        day = max(on, pairing.started_on)
        services.end(pairing=pairing, ended_on=day, ending=Pairing.Ending.FILE_CLOSED, by=by)
