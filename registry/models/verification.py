"""Comparisons of the registry with the list of another authority, and how differences were settled."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.fields import EncryptedJSONField, ShortNoteField
from carebase.models import Record
from registry import querysets
from registry.models.children import Child
from registry.models.places import Division, School


class Comparison(Record):
    """A list that was compared, of a school or a division."""

    class Kind(models.TextChoices):
        ROLL = "roll", _("school roll")
        POLICE = "police", _("police household list")
        OTHER = "other", _("another list")

    kind = models.CharField(_("list"), max_length=8, choices=Kind)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("division")
    )
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("school")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    at = models.DateTimeField(_("time"), auto_now_add=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)  # SHA-256
    counts = models.JSONField(default=dict)  # {ComparisonRow.Status: rows}

    objects = querysets.ComparisonQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None, school__isnull=False) | Q(division__isnull=False, school=None),
                name="comparison_one_office",
                violation_error_message=_("Choose exactly one: a school or a division."),
            )
        ]

    def get_absolute_url(self):
        return reverse("comparison-detail", args=[self.code])

    @property
    def place(self):
        return self.school or self.division


class ComparisonRow(Record):
    """A child of the list, of the registry, or of both: the differences, and how they were settled."""

    class Status(models.TextChoices):
        BOTH = "both", _("in both, matching")
        DIFFERENT = "different", _("in both, different")
        HERE = "here", _("only in the registry")
        THERE = "there", _("only in the list")

    class Outcome(models.TextChoices):
        REGISTRY = "registry", _("the registry is right")
        LIST = "list", _("the list is right; the file was corrected")
        REGISTERED = "registered", _("was registered")
        GONE = "gone", _("moved away or left school; the file was closed")
        NOT_OURS = "not_ours", _("does not belong here")
        OTHER = "other", _("other")

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"), null=True)  # of the list, as the spreadsheet counts
    status = models.CharField(_("result"), max_length=10, choices=Status)
    child = models.ForeignKey(
        Child, models.PROTECT, null=True, related_name="compared", verbose_name=_("child"), editable=False
    )
    values = EncryptedJSONField(default=dict)  # what the list says, by names of fields
    differences = EncryptedJSONField(default=list)  # [[field name, registry's value, list's value]]
    note = ShortNoteField(max_length=200, blank=True)
    outcome = models.CharField(_("resolved as"), max_length=10, choices=Outcome, blank=True)
    reason = ShortNoteField(_("reason"), max_length=200, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmed by"),
        editable=False,
    )
    settled_at = models.DateTimeField(_("resolved"), null=True, editable=False)

    objects = querysets.ComparisonRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a comparison")
        verbose_name_plural = _("rows of a comparison")
        ordering = ["pk"]
        indexes = [models.Index(fields=["comparison", "status", "outcome"], name="compared_by_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_by=None)
                | (~Q(outcome="") & ~Q(reason="") & Q(settled_by__isnull=False)),
                name="compared_settled_with_reason",
                violation_error_message=_("Choose how it was resolved, and say why."),
            )
        ]

    def get_absolute_url(self):
        return reverse("comparison-row", args=[self.code])

    @property
    def audit_subject(self) -> str:
        return self.child.code if self.child_id else ""
