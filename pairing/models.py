"""Carers and the two or three children that each accompanies."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.models import Record
from carebase.pinyin import SearchKeysField
from pairing.querysets import VIEW_CARER, CarerQuerySet, PairingQuerySet
from registry.access import scope_of
from registry.models import Child, ChildRecord, Division, School

DEFAULT_CAPACITY = 3  # the school's rule is two or three children per teacher; more needs a coordinator and a reason
MAX_CAPACITY = 10  # the upper limit of any office


class Carer(Record):
    """A teacher, cadre or volunteer who accompanies children, with or without an account."""

    name = models.CharField(_("full name"), max_length=60)
    search_keys = SearchKeysField()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carer",
        verbose_name=_("account"),
    )
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="carers", verbose_name=_("school")
    )
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="carers", verbose_name=_("division")
    )
    capacity = models.PositiveSmallIntegerField(_("children at most"), default=DEFAULT_CAPACITY)
    capacity_reason = models.CharField(_("reason for more than three children"), max_length=200, blank=True)
    capacity_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("number approved by"),
    )
    capacity_set_on = models.DateField(_("number approved on"), null=True, editable=False)
    active = models.BooleanField(_("takes children"), default=True)

    untracked = Record.untracked | {"search_keys"}
    objects = CarerQuerySet.as_manager()

    class Meta:
        verbose_name = _("carer")
        verbose_name_plural = _("carers")
        ordering = ["name", "pk"]
        permissions = [("exceed_carer", "Can let a carer have more than three children")]
        constraints = [
            models.CheckConstraint(
                condition=Q(school=None, division__isnull=False) | Q(school__isnull=False, division=None),
                name="carer_one_office",
                violation_error_message=_("Choose exactly one: a school or a division."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MAX_CAPACITY),
                name="carer_capacity_plausible",
                violation_error_message=_("A carer can have 1 to 10 children."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__lte=DEFAULT_CAPACITY) | ~Q(capacity_reason=""),
                name="carer_capacity_with_reason",
                violation_error_message=_("Give the reason for more than three children."),
            ),
        ]

    def permits(self, user, permission: str) -> bool:
        place = self.school.division_id if self.school else None
        offices = scope_of(user).offices
        return permission == VIEW_CARER or offices.covers(
            division=self.division_id, school=self.school_id, school_place=place
        )

    def get_absolute_url(self):
        return reverse("carer-detail", args=[self.code])

    @property
    def office(self):
        return self.school or self.division

    @property
    def choice_label(self) -> str:
        """Return the name, and how many children of how many the carer accompanies (`load`, of `for_choice`)."""
        facts = {"carer": self.name, "load": self.load, "capacity": self.capacity}
        return gettext("%(carer)s (%(load)d of %(capacity)d)") % facts


class Pairing(ChildRecord, Record):
    """The period in which a carer accompanies a child; ended pairings are kept as history.

    `seat` numbers the carer's places: two open pairings never share one, so that even two coordinators at the same
    instant cannot exceed a carer's capacity.
    """

    class Ending(models.TextChoices):
        CARER_LEFT = "carer_left", _("the carer left")
        CHILD_LEFT = "child_left", _("the child left")
        HANDED_OVER = "handed_over", _("handed over to another carer")
        FILE_CLOSED = "file_closed", _("the file was closed")
        OTHER = "other", _("other reason")

    child = models.ForeignKey(Child, models.PROTECT, related_name="pairings", verbose_name=_("child"))
    carer = models.ForeignKey(Carer, models.PROTECT, related_name="pairings", verbose_name=_("carer"))
    seat = models.PositiveSmallIntegerField(editable=False)
    started_on = models.DateField(_("from"), default=timezone.localdate)
    ended_on = models.DateField(_("until"), null=True, blank=True)
    ending = models.CharField(_("reason for ending"), max_length=12, choices=Ending, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ended_on=None),
                name="pairing_one_carer_a_child",
                violation_error_message=_("The child already has a carer."),
            ),
            models.UniqueConstraint(
                fields=["carer", "seat"],
                condition=Q(ended_on=None),
                name="pairing_one_child_a_seat",
            ),
            models.CheckConstraint(condition=Q(seat__gte=1, seat__lte=MAX_CAPACITY), name="pairing_seat_plausible"),
            models.CheckConstraint(
                condition=Q(ended_on=None, ending="")
                | (Q(ended_on__isnull=False, ended_on__gte=F("started_on")) & ~Q(ending="")),
                name="pairing_ended_with_reason",
                violation_error_message=_("Enter the last day, not before the first, and the reason for ending."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("pairing-detail", args=[self.code])

    @property
    def choice_label(self) -> str:
        return f"{self.child.name} · {self.carer.name}"
