"""Referrals of children to counsellors."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.fields import EncryptedField
from carebase.models import Record
from registry import querysets
from registry.models.children import Child


class Referral(Record):
    """A referral of a child to a counsellor, who sees the file while it lasts."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="referrals", verbose_name=_("child"))
    counsellor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="referrals", verbose_name=_("counsellor")
    )
    referred_on = models.DateField(_("referred on"), default=timezone.localdate)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    reason = EncryptedField(_("reason for the referral"))
    ending = EncryptedField(_("reason for ending"), blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("referred by"),
    )

    objects = querysets.ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ["child", "-referred_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "counsellor"],
                condition=Q(ended_on=None),
                name="referral_open_once",
                violation_error_message=_("The child is already referred to this counsellor."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("referred_on")),
                name="referral_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("referral-detail", args=[self.code])

    @property
    def audit_subject(self) -> str:
        return self.child.code

    def clean(self):
        super().clean()
        if self.ended_on and self.ended_on > max(timezone.localdate(), self.referred_on):
            raise ValidationError({"ended_on": _("The date is in the future.")})
