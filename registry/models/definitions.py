"""Definitions of "left-behind child" as data: thresholds, and where and when they are in force."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked
from registry import querysets
from registry.codes import periods
from registry.models.places import Division


class Definition(Tracked):
    """One definition of "left-behind child": national, of the school roll, or a county's own."""

    class Parents(models.TextChoices):
        BOTH = "both", _("both are away")
        UNABLE = "unable", _("both are away, or one is and the other cannot be guardian")
        ANY = "any", _("one or both are away")

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("official name"), max_length=60, help_text=_("As printed on Chinese forms"))
    division = models.ForeignKey(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="definitions",
        verbose_name=_("division"),
        help_text=_("Leave empty for everywhere. Otherwise it applies only to children who live there."),
    )
    below_age = models.PositiveSmallIntegerField(
        _("younger than"), null=True, blank=True, default=16, help_text=_("In full years; leave empty for any age")
    )
    parents = models.CharField(_("parents"), max_length=6, choices=Parents, default=Parents.UNABLE)
    months = models.PositiveSmallIntegerField(
        _("months away"), default=0, help_text=_("Minimum without a break, in calendar months")
    )
    days = models.PositiveSmallIntegerField(_("days away"), default=0, help_text=_("Instead of months"))
    for_work = models.BooleanField(_("away for work or business"), default=True)
    cross_county = models.BooleanField(_("away in another county"), default=False)
    rural_hukou = models.BooleanField(_("rural household registration"), default=True)
    pupils_only = models.BooleanField(_("only pupils of compulsory education"), default=False)
    source = models.TextField(_("source"), help_text=_("Wording and source"))
    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("in force until"), null=True, blank=True)

    objects = querysets.DefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("definition")
        verbose_name_plural = _("definitions")
        ordering = ["valid_from", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(months=0) | Q(days=0),
                name="definition_months_or_days",
                violation_error_message=_("Enter months or days, not both."),
            ),
            models.CheckConstraint(
                condition=Q(months__lte=120) & Q(days__lte=3650),
                name="definition_length_plausible",
                violation_error_message=_("Not longer than ten years."),
            ),
            models.CheckConstraint(
                condition=Q(below_age=None) | Q(below_age__gte=1, below_age__lte=21),
                name="definition_age_plausible",
                violation_error_message=_("An age from 1 to 21."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="definition_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if not self.code.strip() or not self.code.isascii():
            raise ValidationError({"code": _("A short code of Latin letters and digits, such as D3.")})

    def latest_start(self, on):
        """Return the latest day on which an absence may have begun that is long enough on `on`."""
        return periods.latest_start(on, months=self.months, days=self.days)

    def applies_in(self, village: str) -> bool:
        """Return whether it is in force in the village with this code."""
        if self.division_id is None:
            return True
        first, last = self.division.span
        return first <= village <= last
