"""Decisions to close a file, to reopen it, or to keep it open for a while, each with its reason."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.fields import ShortNoteField
from registry import querysets
from registry.models.children import Child
from registry.models.family import PartOfFile


class Decision(PartOfFile):
    """A decision about a file. While it is kept open, closing is not proposed again on the same ground."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        KEPT = "kept", _("kept open")
        REOPENED = "reopened", _("reopened")

    child = models.ForeignKey(Child, models.PROTECT, related_name="decisions", verbose_name=_("child"))
    kind = models.CharField(_("decision"), max_length=8, choices=Kind)
    ground = models.CharField(_("ground"), max_length=12, choices=Child.Closing, blank=True)
    on = models.DateField(_("date"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True)
    reason = ShortNoteField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("time"), default=timezone.now)

    objects = querysets.DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about closing")
        verbose_name_plural = _("decisions about closing")
        ordering = ["child", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="kept") | (Q(until__isnull=False, until__gt=F("on")) & ~Q(reason="") & ~Q(ground="")),
                name="decision_kept_until_with_reason",
                violation_error_message=_("Enter why the file stays open, and until which day after today."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="reopened") | ~Q(reason=""),
                name="decision_reopened_with_reason",
                violation_error_message=_("Enter why the file is reopened."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="closed") | ~Q(ground=""),
                name="decision_closed_on_a_ground",
                violation_error_message=_("Choose the ground for closing the file."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()
