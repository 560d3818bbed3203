"""Divisions, schools, classes and terms."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked
from carebase.fields import EncryptedField
from carebase.pinyin import SearchKeysField
from registry import places, querysets
from registry.codes.grades import grade_name, school_year

TERM_SLUG = r"^\d{4}-(spring|autumn)$"


class Division(Tracked):
    """An administrative division, from a province down to a village, keyed by its 12-digit statistical code."""

    LEVEL_NAMES = {2: _("province"), 4: _("prefecture"), 6: _("county"), 9: _("township"), 12: _("village")}

    code = models.CharField(
        _("code"), max_length=12, primary_key=True, validators=[RegexValidator(r"^\d{12}$", _("Enter 12 digits."))]
    )
    name = models.CharField(_("name"), max_length=60)
    aliases = models.CharField(
        _("other names"), max_length=200, blank=True, help_text=_("Former names and spellings, separated by 、")
    )
    contact = models.CharField(_("contact person"), max_length=60, blank=True)
    contact_phone = EncryptedField(_("contact phone"), blank=True, default="")
    search_keys = SearchKeysField()
    rural_minors = models.PositiveIntegerField(
        _("minors with rural registration"), null=True, blank=True, help_text=_("Under 16, in the whole division")
    )

    untracked = Tracked.untracked | {"search_keys"}
    objects = querysets.DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        ordering = ["code"]

    def __str__(self):
        return self.name

    @property
    def choice_label(self) -> str:
        """Return the name after that of the division above it, as addresses have it: 百里洲镇合心村."""
        return f"{getattr(self, 'above', None) or ''}{self.name}"

    @property
    def span(self) -> tuple[str, str]:
        return places.span(self.code)

    @property
    def level(self) -> str:
        return str(self.LEVEL_NAMES[len(places.prefix(self.code))])

    @property
    def names(self) -> list[str]:
        return [self.name, *(alias.strip() for alias in self.aliases.split("、") if alias.strip())]


class School(Tracked):
    """A school, where it stands, and which grades it teaches."""

    code = models.CharField(_("school code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=60)
    search_keys = SearchKeysField()
    division = models.ForeignKey(Division, models.PROTECT, related_name="schools", verbose_name=_("division"))
    first_grade = models.PositiveSmallIntegerField(_("first grade"), default=1)
    last_grade = models.PositiveSmallIntegerField(_("last grade"), default=9)

    untracked = Tracked.untracked | {"search_keys"}
    objects = querysets.SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_grade__gte=1) & Q(first_grade__lte=F("last_grade")) & Q(last_grade__lte=12),
                name="school_grades_in_order",
                violation_error_message=_("The first grade must come before the last, between 1 and 12."),
            )
        ]

    def __str__(self):
        return self.name


class SchoolClass(Tracked):
    """A class, keyed by the year it entered the school, so that its grade follows from the date."""

    school = models.ForeignKey(School, models.PROTECT, related_name="classes", verbose_name=_("school"))
    entry_year = models.PositiveSmallIntegerField(_("year of entry"))
    number = models.PositiveSmallIntegerField(_("class number"))

    objects = querysets.SchoolClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ["school", "-entry_year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "entry_year", "number"],
                name="class_once",
                violation_error_message=_("The school already has this class."),
            ),
            models.CheckConstraint(
                condition=Q(entry_year__gte=1990, entry_year__lte=2100, number__gte=1, number__lte=99),
                name="class_plausible",
                violation_error_message=_("A year such as 2024 and a class number from 1 to 99."),
            ),
        ]

    def __str__(self):
        return self.label(timezone.localdate())

    @property
    def choice_label(self) -> str:
        return f"{self.school} {self}"

    @property
    def key(self) -> str:
        """Return the identifier in addresses: "2142000001-2022-1" is class 1 of those that entered in 2022."""
        return f"{self.school.code}-{self.entry_year}-{self.number}"

    def grade(self, on) -> int:
        """Return the grade on a day; above the school's last grade, the class has left."""
        return self.school.first_grade + school_year(on) - self.entry_year

    def label(self, on) -> str:
        grade = self.grade(on)
        if not self.school.first_grade <= grade <= self.school.last_grade:
            return gettext("entered %(year)s, class %(number)s") % {"year": self.entry_year, "number": self.number}
        return gettext("%(grade)s, class %(number)s") % {"grade": grade_name(grade), "number": self.number}


class Term(Tracked):
    """A school term with the following holiday, so that each day belongs to one term."""

    slug = models.CharField(
        _("term"),
        max_length=11,
        unique=True,
        validators=[RegexValidator(TERM_SLUG, _("A year and a season, such as 2026-autumn."))],
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), help_text=_("Including the holiday after the term"))

    objects = querysets.TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")),
                name="term_begins_before_it_ends",
                violation_error_message=_("A term must begin before it ends."),
            )
        ]

    def __str__(self):
        year, season = self.slug.split("-")
        first = int(year) if season == "autumn" else int(year) - 1
        label = (
            gettext("%(first)s–%(next)s, first term")
            if season == "autumn"
            else gettext("%(first)s–%(next)s, second term")
        )
        return label % {"first": first, "next": first + 1}

    def clean(self):
        super().clean()
        if not (self.starts_on and self.ends_on):
            return
        others = Term.objects.exclude(pk=self.pk).filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on)
        if other := others.first():
            raise ValidationError(_("It overlaps %(term)s; each day belongs to one term.") % {"term": other})
