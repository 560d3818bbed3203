"""Postings, which give users their rights: where, in which period, why, and approved by whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carebase.accounts.grants import check_may_grant
from carebase.models import Record
from registry import querysets
from registry.models.places import Division, School, SchoolClass


class Posting(Record):
    """A user's place of work: a division, a school or a class. It gives rights once a second person approves it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="postings", verbose_name=_("user"))
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, verbose_name=_("division"))
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, verbose_name=_("school"))
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, null=True, blank=True, verbose_name=_("class"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by"), editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
        editable=False,
    )

    objects = querysets.PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(division__isnull=False, school=None, school_class=None)
                | Q(division=None, school__isnull=False, school_class=None)
                | Q(division=None, school=None, school_class__isnull=False),
                name="posting_one_place",
                violation_error_message=_("Choose exactly one: a division, a school or a class."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="posting_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("user")) & ~Q(approved_by=F("requested_by"))),
                name="posting_second_person",
                violation_error_message=_("A second person must approve a posting."),
            ),
        ]

    def __str__(self):
        return self.place_label

    def save(self, *args, **kwargs):
        if self._state.adding:
            check_may_grant(self.requested_by)
        super().save(*args, **kwargs)

    @property
    def choice_label(self) -> str:
        return f"{self.user.name} · {self.place_label}"

    @property
    def place_label(self) -> str:
        """Return the place in words: a class with its school."""
        return f"{self.school_class} · {self.school_class.school}" if self.school_class else str(self.place)

    @property
    def place(self):
        return self.division or self.school or self.school_class
