"""The registry's own papers, in the order of the list; other apps register theirs in the same way."""

from django.utils.translation import gettext_lazy as _

from registry.hooks import document
from registry.papers import child_files, contact_cards, official_form, situation, statistics

FORMATS = ("pdf", "xlsx")
NAMELESS = frozenset({"statistics"})  # names no child; the others may be taken masked or in full

document(
    "files",
    _("Children's files"),
    text=_("One child, one file: a page for each child with all that is recorded."),
    order=10,
)(child_files.build)
document("cards", _("Contact cards"), text=_("Whom to call about each child, on a card."), order=20)(
    contact_cards.build
)
document(
    "statistics",
    _("Statistics table of left-behind children"),
    text=_("32 columns of counts, and how many children lack which data. It contains no names."),
    order=30,
)(statistics.build)
document(
    "situation",
    _("Register of basic situation of left-behind children"),
    text=_("The table that a school keeps each term, a line for each child."),
    order=40,
)(situation.build)
document(
    "forms",
    _("Official registration forms"),
    text=_("The official form with its 43 fields, filled in for each child."),
    order=50,
)(official_form.build)
