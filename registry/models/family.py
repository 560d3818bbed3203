"""The family of a child, and dated facts: absences, guardianships, categories."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked
from carebase.fields import BlindIndexField, EncryptedField, ShortNoteField
from registry import querysets
from registry.codes.relation import Relation
from registry.models.children import Child, ChildRecord


class PartOfFile(ChildRecord, Tracked):
    """A row that is part of a child's file."""

    part_of_file = True

    class Meta:
        abstract = True

    def audit_detail(self) -> dict:
        """Return the version of the file, so that a stale save can name who changed this row."""
        return {"file_version": self.child.version}


class Relative(PartOfFile):
    """A member of the family, by relation to the child (GB/T 4761). No row: the fields were left empty."""

    # A child has at most one of each; the official form has fields for them.
    SINGULAR = (
        Relation.FATHER,
        Relation.MOTHER,
        Relation.PATERNAL_GRANDFATHER,
        Relation.PATERNAL_GRANDMOTHER,
        Relation.MATERNAL_GRANDFATHER,
        Relation.MATERNAL_GRANDMOTHER,
    )

    class State(models.TextChoices):
        LIVING = "living", _("living")
        DECEASED = "deceased", _("deceased")
        UNKNOWN = "unknown", _("unknown")

    child = models.ForeignKey(Child, models.PROTECT, related_name="relatives", verbose_name=_("child"))
    relation = models.CharField(_("relation to the child"), max_length=2, choices=Relation)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.LIVING)
    name = models.CharField(_("full name"), max_length=60, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    work_place = models.CharField(_("place of work"), max_length=100, blank=True)
    phone = EncryptedField(_("phone"), blank=True, default="")
    id_number = EncryptedField(_("resident ID number"), blank=True, default="")
    id_number_index = BlindIndexField(of="id_number", db_index=True)
    able = models.BooleanField(_("able to act as guardian"), null=True, blank=True)
    # Of a parent. No absence on record says nothing; this says that somebody knew, until an absence follows.
    at_home_on = models.DateField(_("known to be at home on"), null=True, blank=True)

    objects = querysets.BelongsToChild.as_manager()

    class Meta:
        verbose_name = _("family member")
        verbose_name_plural = _("family")
        ordering = ["child", "relation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "relation"],
                condition=Q(relation__in=["51", "52", "61", "62", "63", "64"]),
                name="relative_singular",
                violation_error_message=_("The file already names this family member."),
            ),
            models.CheckConstraint(
                condition=~Q(state="living") | ~Q(name=""),
                name="relative_living_has_a_name",
                violation_error_message=_("Enter the name, or choose “deceased” or “unknown”."),
            ),
            models.CheckConstraint(
                condition=~Q(state="unknown") | Q(name=""),
                name="relative_unknown_has_no_name",
                violation_error_message=_("A person with a name cannot be “unknown”."),
            ),
        ]

    def __str__(self):
        return self.get_relation_display()


class Absence(PartOfFile):
    """A parent's absence from home. `known_on` is the day when it was first recorded, for those without `left_on`.

    Where nobody said which parent it is, the parent is Relation.PARENT: at least one of the two.
    """

    class Reason(models.TextChoices):
        WORK = "work", _("work")
        BUSINESS = "business", _("business")
        OTHER = "other", _("other reason")

    PARENTS = (
        (Relation.FATHER, _("father")),
        (Relation.MOTHER, _("mother")),
        (Relation.PARENT, _("one parent, not said which")),
    )

    child = models.ForeignKey(Child, models.PROTECT, related_name="absences", verbose_name=_("child"))
    parent = models.CharField(_("parent"), max_length=2, choices=PARENTS)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    known_on = models.DateField(_("recorded on"), default=timezone.localdate)
    destination = models.CharField(_("place of work"), max_length=100, blank=True)
    cross_county = models.BooleanField(_("in another county"), null=True, blank=True)
    reason = ShortNoteField(_("reason"), max_length=8, choices=Reason, default=Reason.WORK)
    returned_on = models.DateField(_("returned on"), null=True, blank=True)
    return_reason = ShortNoteField(_("reason for the return"), max_length=200, blank=True)

    objects = querysets.AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("parent's absence")
        verbose_name_plural = _("parents' absences")
        ordering = ["child", "parent", "-known_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "parent"],
                condition=Q(returned_on=None),
                name="absence_open_once",
                violation_error_message=_("This parent is already recorded as away."),
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(left_on=None) | Q(returned_on__gte=F("left_on")),
                name="absence_dates_in_order",
                violation_error_message=_("The return is before the departure."),
            ),
            models.CheckConstraint(condition=Q(parent__in=["50", "51", "52"]), name="absence_of_a_parent"),
        ]

    def __str__(self):
        return self.get_parent_display()

    @property
    def since(self):
        return self.left_on or self.known_on

    @property
    def version(self) -> int:
        return self.child.version  # an absence is corrected as part of the file


class HomeStay(PartOfFile):
    """A short visit home, which does not interrupt the absence (偶尔回家探亲、休假, re-survey of 2024)."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="home_stays", verbose_name=_("child"))
    absence = models.ForeignKey(Absence, models.PROTECT, related_name="home_stays", verbose_name=_("parent's absence"))
    came_on = models.DateField(_("came home on"))
    left_on = models.DateField(_("left again on"), null=True, blank=True)
    reason = ShortNoteField(_("reason"), max_length=200, blank=True)

    objects = querysets.BelongsToChild.as_manager()

    class Meta:
        verbose_name = _("short visit home")
        verbose_name_plural = _("short visits home")
        ordering = ["child", "-came_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("came_on")),
                name="home_stay_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.UniqueConstraint(
                fields=["absence", "came_on"],
                name="home_stay_once",
                violation_error_message=_("This visit home is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self._meta.verbose_name)

    def validate_constraints(self, exclude=None):
        """Refuse also an absence of another child, which no database constraint can compare."""
        super().validate_constraints(exclude)
        if self.absence.child_id != self.child_id:
            raise ValidationError(_("This absence belongs to another file."))


class Guardianship(PartOfFile):
    """Who actually looks after the child, in which period, and how well."""

    class Assessment(models.TextChoices):
        GOOD = "good", _("good")
        FAIR = "fair", _("fair")
        POOR = "poor", _("poor")

    child = models.ForeignKey(Child, models.PROTECT, related_name="guardianships", verbose_name=_("child"))
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    entrusted = models.BooleanField(_("another guardian entrusted"), null=True, blank=True)
    name = models.CharField(_("guardian's full name"), max_length=60, blank=True)
    phone = EncryptedField(_("guardian's phone"), blank=True, default="")
    id_number = EncryptedField(_("guardian's resident ID number"), blank=True, default="")
    relation = models.CharField(_("relation to the child"), max_length=2, choices=Relation, blank=True)
    address = EncryptedField(_("guardian's address"), blank=True, default="")
    assessment = models.CharField(_("guardianship assessment"), max_length=4, choices=Assessment, blank=True)
    assessed_on = models.DateField(_("assessed on"), null=True, blank=True)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("assessed by"),
    )
    assessment_reason = ShortNoteField(_("reason for this grade"), max_length=200, blank=True)
    # What the law on the protection of minors, article 21, does not allow below the age of 16.
    alone = models.BooleanField(_("lives alone, nobody looks after the child"), default=False)
    found_on = models.DateField(_("found on"), null=True, blank=True)

    objects = querysets.GuardianshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        ordering = ["child", "-starts_on"]
        indexes = [
            models.Index(fields=["child"], condition=Q(alone=True, ends_on=None), name="guardianship_alone"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on=None),
                name="guardianship_open_once",
                violation_error_message=_("End the current guardianship before you start another."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="guardianship_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(entrusted=None) | Q(entrusted=False) | ~Q(name=""),
                name="guardianship_entrusted_to_somebody",
                violation_error_message=_("Enter the guardian entrusted by the parents."),
            ),
            models.CheckConstraint(
                condition=Q(alone=False) | Q(name="", found_on__isnull=False),
                name="guardianship_alone_with_nobody",
                violation_error_message=_("A child who lives alone has no guardian; also enter when this was found."),
            ),
            models.CheckConstraint(
                condition=Q(alone=False) | Q(assessment__in=["", "poor"]) | ~Q(assessment_reason=""),
                name="guardianship_alone_is_poor",
                violation_error_message=_("Grade a child without a guardian “poor”, or give the reason why not."),
            ),
        ]

    def __str__(self):
        return str(self._meta.verbose_name)

    def get_absolute_url(self):
        return reverse("child-guardianship", args=[self.child.code])


class CategoryMembership(PartOfFile):
    """A category of the law that a child belongs to, with its period, its basis, and who confirmed it."""

    class Category(models.TextChoices):
        MIGRANT = "migrant", _("migrant child")
        SINGLE_PARENT = "single_parent", _("child of a single parent")
        ORPHAN = "orphan", _("orphan")
        UNATTENDED = "unattended", _("de facto unattended child")
        SEVERELY_DISABLED = "severely_disabled", _("severely disabled child")
        POOR_FAMILY = "poor_family", _("child of a poor family")
        STATE_CARE = "state_care", _("child in state guardianship")
        OTHER = "other", _("other child in difficulty")

    child = models.ForeignKey(Child, models.PROTECT, related_name="memberships", verbose_name=_("child"))
    category = models.CharField(_("category"), max_length=20, choices=Category)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    basis = ShortNoteField(_("basis"), max_length=200)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("confirmed by"), editable=False
    )

    objects = querysets.BelongsToChild.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["child", "category", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="category_dates_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.UniqueConstraint(
                fields=["child", "category"],
                condition=Q(valid_to=None),
                name="category_open_once",
                violation_error_message=_("The child already belongs to this category."),
            ),
        ]

    def __str__(self):
        return self.get_category_display()
