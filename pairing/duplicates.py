"""What becomes of pairings when two files of one child are merged: the child keeps one carer, the other's work ends."""

from django.utils import timezone

from pairing.models import Pairing
from registry.duplicates.rules import amends


@amends("pairing.pairing")
def end_the_second(pairing: Pairing) -> None:
    """End an open pairing today, so that it goes along as history and its seat is free."""
    if pairing.ended_on is None:
        pairing.ended_on = max(timezone.localdate(), pairing.started_on)
        pairing.ending = Pairing.Ending.FILE_CLOSED
