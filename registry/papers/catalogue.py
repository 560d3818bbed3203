"""The papers there are: by the word in their address, their name, a sentence, and what makes them."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from registry.papers import child_files, contact_cards, official_form, situation, statistics
from registry.papers.facts import PaperRequest
from registry.papers.layout import Paper


class Kind(NamedTuple):
    """A paper that one may ask for: its name, what it is, and how it is made."""

    title: str
    text: str
    make: Callable[[PaperRequest], Paper]


KINDS: dict[str, Kind] = {
    "files": Kind(
        _("Children's files"),
        _("One child, one file: a page for each child with all that is known."),
        child_files.build,
    ),
    "cards": Kind(_("Contact cards"), _("Whom to call about each child, on a card."), contact_cards.build),
    "statistics": Kind(
        _("Statistics table of left-behind children"),
        _("32 columns of counts, given out when they agree with each other. It names nobody."),
        statistics.build,
    ),
    "situation": Kind(
        _("Register of basic situation of left-behind children"),
        _("The table that a school keeps each term, a line for each child."),
        situation.build,
    ),
    "forms": Kind(
        _("Official registration forms"),
        _("The printed form with its 43 blanks, filled for each child."),
        official_form.build,
    ),
}
FORMATS = ("pdf", "xlsx")
