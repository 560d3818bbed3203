"""Entrusted care: agreements of parents with carers, and refused carers (law on minors, articles 22, 23)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked
from carebase.fields import ChoicesField, EncryptedField, ShortNoteField
from carebase.files.private import PrivateFileField
from registry import querysets
from registry.models.children import Child, ChildRecord
from registry.models.family import Guardianship, PartOfFile


class Ground(models.TextChoices):
    """The reasons not to entrust somebody with a child: the four items of article 22, in its words."""

    HARMED = (
        "harmed",
        _("has ever committed sexual harm, abuse, abandonment, abduction or trafficking, or violent injury"),
    )
    ADDICTED = "addicted", _("takes drugs, is addicted to alcohol, gambles, or has other such bad habits")
    NEGLECTED = "neglected", _("has refused, or long neglected, the duty of a guardian or carer")
    UNSUITABLE = "unsuitable", _("is otherwise not suitable to be entrusted with care")


class Entrustment(ChildRecord, Tracked):
    """The agreement on a guardianship that the parents entrusted to somebody. Its status follows from its dates."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SIGNED = "signed", _("signed")
        EXPIRED = "expired", _("expired")
        ENDED = "ended", _("ended")

    class Opinion(models.TextChoices):
        AGREES = "agrees", _("agrees")
        OTHER = "other", _("has another opinion")
        TOO_YOUNG = "too_young", _("too young to say")

    guardianship = models.OneToOneField(
        Guardianship, models.PROTECT, related_name="entrustment", verbose_name=_("guardianship")
    )
    reasons = ShortNoteField(_("reasons for choosing this carer"), max_length=500)
    harmed = models.BooleanField(Ground.HARMED.label)
    addicted = models.BooleanField(Ground.ADDICTED.label)
    neglected = models.BooleanField(Ground.NEGLECTED.label)
    unsuitable = models.BooleanField(Ground.UNSUITABLE.label)
    opinion = models.CharField(_("the child's opinion"), max_length=10, choices=Opinion)
    opinion_words = ShortNoteField(_("what the child said"), max_length=500, blank=True)
    term_from = models.DateField(_("term from"), null=True, blank=True)
    term_to = models.DateField(_("term until"), null=True, blank=True)
    handed_over_on = models.DateField(_("child handed over to the carer on"), null=True, blank=True)
    taken_back_on = models.DateField(_("child taken back by the parents on"), null=True, blank=True)
    signed_on = models.DateField(_("agreement signed on"), null=True, blank=True)
    by_phone = models.BooleanField(_("entrusted by phone"), default=False)
    scan = PrivateFileField(_("scan of the agreement"))
    school_told_on = models.DateField(_("school notified in writing on"), null=True, blank=True)
    village_told_on = models.DateField(_("village notified in writing on"), null=True, blank=True)
    review_on = models.DateField(_("review due on"), null=True, blank=True)
    ended_on = models.DateField(_("agreement ended on"), null=True, blank=True)
    ending = ShortNoteField(_("reason for ending"), max_length=200, blank=True)

    objects = querysets.EntrustmentQuerySet.as_manager()
    part_of_file = True

    class Meta:
        verbose_name = _("entrusted care")
        verbose_name_plural = _("entrusted care")
        constraints = [
            models.CheckConstraint(
                condition=Q(harmed=False, addicted=False, neglected=False, unsuitable=False),
                name="entrustment_nobody_barred",
                violation_error_message=_("Article 22 forbids entrusting the child to this person."),
            ),
            models.CheckConstraint(
                condition=Q(opinion="too_young") | ~Q(opinion_words=""),
                name="entrustment_opinion_in_words",
                violation_error_message=_("Enter what the child said."),
            ),
            models.CheckConstraint(
                condition=Q(term_to=None) | Q(term_from__isnull=False, term_to__gte=F("term_from")),
                name="entrustment_term_in_order",
                violation_error_message=_("The term ends before it begins, or has no first day."),
            ),
            models.CheckConstraint(
                condition=Q(taken_back_on=None) | Q(handed_over_on=None) | Q(taken_back_on__gte=F("handed_over_on")),
                name="entrustment_handover_in_order",
                violation_error_message=_("The child was taken back before it was handed over."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ending="") | (Q(ended_on__isnull=False) & ~Q(ending="")),
                name="entrustment_ended_with_reason",
                violation_error_message=_("Enter both the day and the reason of the ending."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(term_from=None) | Q(ended_on__gte=F("term_from")),
                name="entrustment_ended_in_order",
                violation_error_message=_("The agreement ends before its term begins."),
            ),
        ]

    def __str__(self):
        return str(self._meta.verbose_name)

    @property
    def child(self) -> Child:
        return self.guardianship.child

    def audit_detail(self) -> dict:
        return {"file_version": self.child.version}

    def get_absolute_url(self):
        return reverse("child-guardianship", args=[self.child.code])

    @property
    def status(self) -> str:
        """Return the status today; a new guardianship ends the agreement too."""
        if self.ended_on or self.guardianship.ends_on:
            return self.Status.ENDED
        if self.signed_on is None:
            return self.Status.DRAFT
        return self.Status.EXPIRED if self.term_to and self.term_to < timezone.localdate() else self.Status.SIGNED

    def get_status_display(self) -> str:
        return str(self.Status(self.status).label)


class CarerRefusal(PartOfFile):
    """A person refused as carer, with the grounds, so that they are known when the next carer is chosen."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="carer_refusals", verbose_name=_("child"))
    name = EncryptedField(_("full name"))
    grounds = ChoicesField(_("grounds of article 22"), choices=Ground)
    refused_on = models.DateField(_("refused on"), default=timezone.localdate)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("refused by"), editable=False
    )

    objects = querysets.BelongsToChild.as_manager()

    class Meta:
        verbose_name = _("refused carer")
        verbose_name_plural = _("refused carers")
        ordering = ["child", "-refused_on", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(grounds=""), name="carer_refusal_has_grounds")]

    def __str__(self):
        return str(self._meta.verbose_name)
