"""Transfers of children between villages or schools: offered by one, accepted by the other."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.fields import ShortNoteField
from carebase.models import Record
from registry import querysets
from registry.models.children import Child
from registry.models.places import Division, School


def place_field(model, kind: str, label):
    return models.ForeignKey(model, models.PROTECT, null=True, blank=True, related_name=kind, verbose_name=label)


class Transfer(Record):
    """An offer to take over a child's file, and its answer. The file stays where it is until it is accepted."""

    class State(models.TextChoices):
        OPEN = "open", _("awaiting an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    child = models.ForeignKey(Child, models.PROTECT, related_name="transfers", verbose_name=_("child"))
    from_village = place_field(Division, "+", _("from the village"))
    to_village = place_field(Division, "+", _("to the village"))
    from_school = place_field(School, "+", _("from the school"))
    to_school = place_field(School, "+", _("to the school"))
    reason = ShortNoteField(_("reason"), max_length=200)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("offered by"), editable=False
    )
    offered_at = models.DateTimeField(_("offered"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
        editable=False,
    )
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    answer = ShortNoteField(_("comment on the answer"), max_length=200, blank=True)

    objects = querysets.TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state="open"),
                name="transfer_open_once",
                violation_error_message=_("This child is already offered to another office."),
            ),
            models.CheckConstraint(
                condition=Q(from_village__isnull=False, to_village__isnull=False, from_school=None, to_school=None)
                | Q(from_village=None, to_village=None, to_school__isnull=False),
                name="transfer_of_one_kind",
                violation_error_message=_("A transfer goes to a village or to a school."),
            ),
            models.CheckConstraint(
                condition=(Q(state="open") & Q(answered_by=None, answered_at=None))
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="transfer_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | ~Q(answered_by=F("offered_by")),
                name="transfer_second_person",
                violation_error_message=_("A second person must accept a transfer."),
            ),
        ]
        indexes = [models.Index(fields=["state", "to_village"], name="transfer_to_village")]

    def get_absolute_url(self):
        return reverse("transfer-detail", args=[self.code])

    @property
    def audit_subject(self) -> str:
        return self.child.code

    @property
    def origin(self):
        return self.from_village or self.from_school

    @property
    def destination(self):
        return self.to_village or self.to_school
