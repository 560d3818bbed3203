"""The census file of a child."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.fields import BlindIndexField, ChoicesField, EncryptedField, ShortNoteField
from carebase.files.private import PrivateFileField
from carebase.models import Record
from carebase.pinyin import name_keys
from registry import querysets
from registry.access import scope_of
from registry.codes.disability import Disability, DisabilityGrade
from registry.codes.ethnicity import Ethnicity
from registry.codes.grades import age
from registry.codes.sex import Sex
from registry.models.places import Division, School, SchoolClass


class ChildRecord:
    """A record of a `child`: events about it stand in the child's trail, and whoever may act on the child may on it."""

    @property
    def audit_subject(self) -> str:
        return self.child.code

    def permits(self, user, permission: str) -> bool:
        return self.child.permits(user, permission)


class Child(Record):
    """The file of one child: the fields of the official form about the child; its relations hold the family."""

    class Condition(models.TextChoices):
        HEALTHY = "healthy", _("healthy")
        DISABLED = "disabled", _("disabled")
        ILL = "ill", _("seriously ill")

    class Schooling(models.TextChoices):
        KINDERGARTEN = "kindergarten", _("kindergarten")
        NO_KINDERGARTEN = "no_kindergarten", _("not in kindergarten")
        PRIMARY = "primary", _("primary school")
        JUNIOR = "junior", _("junior middle school")
        SENIOR = "senior", _("senior middle school")
        VOCATIONAL = "vocational", _("secondary vocational school")
        DROPPED_OUT = "dropped_out", _("dropped out")
        NOT_IN_SCHOOL = "not_in_school", _("not in school")

    class Income(models.TextChoices):
        WAGES = "wages", _("wages")
        FARMING = "farming", _("farming")
        RELIEF = "relief", _("government relief")
        RELATIVES = "relatives", _("help from relatives and friends")
        OTHER = "other", _("other income")

    class Relief(models.TextChoices):
        ALLOWANCE = "allowance", _("subsistence allowance")
        TEMPORARY = "temporary", _("temporary relief")
        MEDICAL = "medical", _("medical assistance")
        HOUSING = "housing", _("housing assistance")
        OTHER = "other", _("other assistance")

    class Closing(models.TextChoices):
        AGE = "age", _("turned 16")
        PARENT_BACK = "parent_back", _("a parent came back")
        MOVED = "moved", _("moved away")
        LEFT_SCHOOL = "left_school", _("left school")
        DIED = "died", _("died")
        MISTAKE = "mistake", _("registered by mistake")
        DUPLICATE = "duplicate", _("merged into another file")

    name = models.CharField(_("full name"), max_length=60)
    pinyin = models.CharField(max_length=200, editable=False, db_index=True)
    initials = models.CharField(max_length=60, editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    ethnicity = models.CharField(_("ethnicity"), max_length=2, choices=Ethnicity, blank=True)
    birth_date = models.DateField(_("date of birth"))
    id_number = EncryptedField(_("resident ID number"), blank=True, default="")
    id_number_index = BlindIndexField(of="id_number")
    id_reason = ShortNoteField(
        _("note on the ID number"),
        max_length=200,
        blank=True,
        help_text=_("Why there is no ID number, or why sex or date of birth differ from it"),
    )
    id_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    hukou_registered = models.BooleanField(_("household registered"), null=True, blank=True)
    hukou_rural = models.BooleanField(_("rural household registration"), null=True, blank=True)
    hukou_place = models.CharField(_("place of household registration"), max_length=200, blank=True)
    village = models.ForeignKey(Division, models.PROTECT, related_name="children", verbose_name=_("village"))
    residence = EncryptedField(_("current residence"), blank=True, default="")
    condition = models.CharField(_("physical condition"), max_length=10, choices=Condition, blank=True)
    disability = models.CharField(_("disability category"), max_length=2, choices=Disability, blank=True)
    disability_grade = models.PositiveSmallIntegerField(
        _("disability grade"), choices=DisabilityGrade, null=True, blank=True
    )
    illness = ShortNoteField(_("type of illness"), max_length=100, blank=True)
    boards = models.BooleanField(_("boards at school"), null=True, blank=True)
    schooling = models.CharField(_("schooling status"), max_length=16, choices=Schooling, blank=True)
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("school")
    )
    school_class = models.ForeignKey(
        SchoolClass, models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("class")
    )
    income = ChoicesField(_("main economic source"), choices=Income)
    relief = ChoicesField(_("relief and assistance"), choices=Relief)
    photo = PrivateFileField(_("photo"))
    imported_in = models.ForeignKey(
        "registry.ImportBatch", models.PROTECT, null=True, editable=False, related_name="children"
    )
    opened_on = models.DateField(_("file opened"), default=timezone.localdate, editable=False)
    closed_on = models.DateField(_("file closed"), null=True, blank=True, editable=False)
    closing = models.CharField(_("reason for closing"), max_length=12, choices=Closing, blank=True, editable=False)

    objects = querysets.ChildQuerySet.as_manager()

    class Meta:
        verbose_name = _("child")
        verbose_name_plural = _("children")
        permissions = [
            ("unmask_child", "Can see masked values"),
            ("import_child", "Can import children"),
            ("enrol_child", "Can place children in classes"),
            ("merge_child", "Can merge two files of one child"),
            ("print_child", "Can print papers about children"),
            ("close_child", "Can close and reopen files"),
        ]
        indexes = [
            models.Index(fields=["village", "pinyin"], name="child_by_village"),
            models.Index(fields=["village", "closed_on"], name="child_open_by_village"),
            models.Index(fields=["village", "birth_date", "closed_on"], name="child_born_in_village"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_number_index"],
                name="child_id_number_once",
                violation_error_message=_("A child with this ID number is already registered."),
            ),
            models.CheckConstraint(
                condition=Q(id_number_index__isnull=False) | ~Q(id_reason=""),
                name="child_id_number_or_reason",
                violation_error_message=_("Enter the ID number, or the reason why there is none."),
            ),
            models.CheckConstraint(
                condition=Q(birth_date__gte="1990-01-01"),
                name="child_birth_date_plausible",
                violation_error_message=_("With this date of birth the person is not a child. Please check it."),
            ),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="child_sex_known"),
            models.CheckConstraint(
                condition=Q(disability="", disability_grade=None) | Q(condition="disabled"),
                name="child_disability_of_the_disabled",
                violation_error_message=_("A disability category is for a child whose condition is “disabled”."),
            ),
            models.CheckConstraint(
                condition=Q(illness="") | Q(condition__in=["ill", "disabled"]),
                name="child_illness_of_the_ill",
                violation_error_message=_("A type of illness is for a child who is seriously ill."),
            ),
            models.CheckConstraint(
                condition=Q(school_class=None) | Q(school__isnull=False),
                name="child_class_in_a_school",
                violation_error_message=_("A class belongs to a school."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closing="") | (Q(closed_on__isnull=False) & ~Q(closing="")),
                name="child_closed_with_reason",
            ),
        ]

    def get_absolute_url(self):
        return reverse("child-detail", args=[self.code])

    def save(self, *args, **kwargs):
        self.derive()
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Set what follows from other fields: the search keys of the name, and the school of the class."""
        self.pinyin, self.initials = name_keys(self.name)
        if self.school_class_id:
            self.school = self.school_class.school

    def clean(self):
        super().clean()
        today = timezone.localdate()
        if self.birth_date and self.birth_date > today:
            raise ValidationError({"birth_date": _("The date of birth is in the future.")})
        if self.school_class_id and not self.school_id:
            self.school = self.school_class.school  # the constraints are checked before save() derives it
        elif self.school_class_id and self.school_class.school_id != self.school_id:
            raise ValidationError({"school_class": _("This class belongs to another school.")})

    @property
    def audit_subject(self) -> str:
        return self.code

    def permits(self, user, permission: str) -> bool:
        """Return whether the reach of `user` to this child lets them use a permission of their role."""
        return scope_of(user).permits(permission, self)

    @property
    def choice_label(self) -> str:
        return f"{self.name} · {self.village} · {self.code}"

    @property
    def age(self) -> int:
        return age(self.birth_date, timezone.localdate())  # in full years

    @property
    def place_in_school(self) -> str:
        return " ".join(str(part) for part in (self.school, self.school_class) if part)
