"""What ends a referral besides the form."""

from django.utils import timezone
from django.utils.translation import gettext as _

from registry.access import counsellors_for
from registry.models import Child


def end_out_of_reach(child: Child) -> None:
    """End the referrals to counsellors who do not work where the child, who has just moved, lives now."""
    unreached = child.referrals.open().exclude(counsellor__in=counsellors_for(child))
    for referral in unreached.select_for_update(of=("self",)):
        referral.ended_on, referral.ending = max(timezone.localdate(), referral.referred_on), _("The child moved away.")
        referral.save()
