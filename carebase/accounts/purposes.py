"""Why somebody looks at restricted values in full. The audit trail and each file name it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    CONTACT = "contact", _("to reach the family")
    EMERGENCY = "emergency", _("an emergency")
    VISIT = "visit", _("to prepare a visit")
    CHECK = "check", _("to check the file")
    APPLY = "apply", _("to apply for relief or a service")
    REPORT = "report", _("to report to an office")
    OTHER = "other", _("another purpose")


def display_purpose(purpose: str) -> str:
    """Return the label of a purpose, or the words in which another one was given."""
    return str(dict(Purpose.choices).get(purpose, purpose))
