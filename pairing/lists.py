"""What pairing adds to the list of children: those whom nobody accompanies."""

from django.utils.translation import gettext_lazy as _

from pairing.querysets import unpaired
from registry.lists import LISTS, ListChoice

LISTS["unpaired"] = ListChoice(_("without a carer"), unpaired)
