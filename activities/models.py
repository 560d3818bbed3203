"""Activities with their attendance and goods, and donations."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.querysets import (
    ActivityPartQuerySet,
    ActivityQuerySet,
    AttendanceQuerySet,
    DonationQuerySet,
    HandoutQuerySet,
)
from carebase.audit.models import Tracked
from carebase.models import Record
from registry.models import Child, Division, School

ONE_OFFICE = Q(school=None, division__isnull=False) | Q(school__isnull=False, division=None)


class OfficeRecord(Record):
    """A record of either a school or a division."""

    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("school")
    )
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("division")
    )

    class Meta:
        abstract = True

    @property
    def office(self):
        return self.school or self.division


class Activity(OfficeRecord):
    """An event for children, such as a festival visit, a class meeting or a competition."""

    class Kind(models.TextChoices):
        FESTIVAL_VISIT = "festival_visit", _("festival visit with gifts")
        CLASS_MEETING = "class_meeting", _("themed class meeting")
        COMPETITION = "competition", _("competition")
        READING = "reading", _("reading")
        LECTURE = "lecture", _("lecture or seminar")
        SAFETY = "safety", _("safety lesson")
        GROUP_COUNSELLING = "group_counselling", _("group counselling")
        PERFORMANCE = "performance", _("performance")
        BIRTHDAY = "birthday", _("birthday")
        OTHER = "other", _("other activity")

    title = models.CharField(_("title"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    held_on = models.DateField(_("first day"), default=timezone.localdate)
    ended_on = models.DateField(_("last day"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    organiser = models.CharField(_("organiser"), max_length=200, blank=True)
    leader = models.CharField(_("leader"), max_length=60, blank=True)
    # Includes the children of other villages, whom the user may not see.
    children_reached = models.PositiveIntegerField(
        _("children reached"), null=True, blank=True, help_text=_("All children, including those from other places")
    )
    summary = models.TextField(_("summary"), blank=True)
    children = models.ManyToManyField(Child, through="Attendance", related_name="activities")

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [models.Index(fields=["-held_on", "-id"], name="activity_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=ONE_OFFICE,
                name="activity_one_office",
                violation_error_message=_("Choose exactly one: a school or a division."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("held_on")),
                name="activity_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
        ]

    @property
    def choice_label(self) -> str:
        return f"{self.held_on} {self.title}"

    @property
    def children_count(self) -> int:
        """Return the head count that was entered, or else the number of children `on_list` (of `with_counts`)."""
        return self.on_list if self.children_reached is None else self.children_reached

    def goods_value(self) -> Decimal:
        return sum(self.goods.values_list("value", flat=True), Decimal(0))

    def get_absolute_url(self):
        return reverse("activity-detail", args=[self.code])


class Attendance(Tracked):
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="attendances", verbose_name=_("activity"))
    child = models.ForeignKey(Child, models.PROTECT, related_name="attendances", verbose_name=_("child"))

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "child"],
                name="attendance_once",
                violation_error_message=_("The child is already on the list."),
            )
        ]

    def __str__(self):
        return self.child.code

    @property
    def audit_subject(self) -> str:
        return self.child.code


class Goods(Tracked):
    """Goods for the children of an activity: the quantity of an item, and the value of all pieces."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="goods", verbose_name=_("activity"))
    item = models.CharField(_("item"), max_length=100)
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    value = models.DecimalField(
        _("total value, yuan"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    objects = ActivityPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods")
        verbose_name_plural = _("goods")
        ordering = ["activity", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, value__gte=0),
                name="goods_not_negative",
                violation_error_message=_("Enter at least one piece and a value that is not negative."),
            )
        ]

    def __str__(self):
        return self.item


class Handout(Tracked):
    """Goods that a child received; all handouts of an item never exceed its quantity."""

    goods = models.ForeignKey(Goods, models.PROTECT, related_name="handouts", verbose_name=_("goods"))
    child = models.ForeignKey(Child, models.PROTECT, related_name="handouts", verbose_name=_("child"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    objects = HandoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("handout")
        verbose_name_plural = _("handouts")
        constraints = [
            models.UniqueConstraint(fields=["goods", "child"], name="handout_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="handout_of_something"),
        ]

    def __str__(self):
        return self.child.code

    @property
    def audit_subject(self) -> str:
        return self.child.code


class Donation(OfficeRecord):
    class Kind(models.TextChoices):
        CASH = "cash", _("money")
        GOODS = "goods", _("goods")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    donor = models.CharField(_("donor"), max_length=100, blank=True, help_text=_("Leave empty for an anonymous donor"))
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    amount = models.DecimalField(
        _("amount or value, yuan"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    about = models.BooleanField(_("an estimate"), default=False, help_text=_("“About” or “more than” this amount"))
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("activity")
    )

    objects = DonationQuerySet.as_manager()

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        indexes = [models.Index(fields=["-received_on", "-id"], name="donation_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=ONE_OFFICE,
                name="donation_one_office",
                violation_error_message=_("Choose exactly one: a school or a division."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="donation_of_something",
                violation_error_message=_("Enter an amount greater than zero."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("donation-detail", args=[self.code])

    @property
    def giver(self) -> str:
        return self.donor or gettext("anonymous")

    @property
    def choice_label(self) -> str:
        return f"{self.giver} · {self.received_on}"

    def clean(self):
        super().clean()
        if self.received_on and self.received_on > timezone.localdate():
            raise ValidationError({"received_on": _("The date is in the future.")})
