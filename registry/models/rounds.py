"""Census rounds, surveys of five domains per child and term, and the tasks (needs) that follow from them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import TrackedQuerySet
from carebase.fields import EncryptedField, NoteField, ShortNoteField
from carebase.models import Record
from registry import places
from registry.access import scope_of
from registry.models.children import Child, ChildRecord
from registry.models.places import Division, Term
from registry.rounds import querysets


class Domain(models.TextChoices):
    """The five domains of a survey; the values are names of its fields."""

    STUDY = "study", _("study")
    LIFE = "life", _("life")
    PSYCHOLOGY = "psychology", _("psychology")
    SAFETY = "safety", _("safety")
    HEALTH = "health", _("health")


class Rating(models.TextChoices):
    GOOD = "good", _("good")
    ATTENTION = "attention", _("needs attention")
    URGENT = "urgent", _("urgent")


class RoundQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the rounds of the user's children; an office sees its own and those above and below it."""
        scope = scope_of(user)
        if user.role_definition.reaches_places:
            above = Q(pk__in=[])
            for first, last in scope.spans:
                above |= Q(division__lte=first, reaches_to__gte=last)
            return self.filter(scope.offices.of_division() | above)
        in_range = {"village__gte": OuterRef("division"), "village__lte": OuterRef("reaches_to")}
        children = scope.children(permission="registry.view_round")
        return self.filter(Exists(Child._base_manager.filter(children, **in_range)))

    def governed_by(self, user):
        """Return the rounds of the divisions of the user's postings, which they may also change."""
        return self.filter(scope_of(user).offices.of_division())

    def covering(self, village):
        """Return the rounds of a village (a code or an expression), the first due first."""
        return self.filter(division__lte=village, reaches_to__gte=village).order_by("due_on", "-division")

    def running(self):
        """Return the current rounds; a round runs until the end of its term, even after its due day."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, term__starts_on__lte=today, term__ends_on__gte=today)

    def for_list(self):
        return self.select_related("term", "division", "by").order_by("-term__starts_on", "division")


class Round(Record):
    """A round of surveys of all children of a division in a term, with a due day."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="rounds", verbose_name=_("term"))
    division = models.ForeignKey(Division, models.PROTECT, related_name="rounds", verbose_name=_("division"))
    # The last code of the division's range, so that the database can ask which rounds cover a village.
    reaches_to = models.CharField(max_length=12, editable=False)
    starts_on = models.DateField(_("begins on"), default=timezone.localdate)
    due_on = models.DateField(_("due on"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("opened by")
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("census round")
        verbose_name_plural = _("census rounds")
        indexes = [models.Index(fields=["division", "reaches_to"], name="round_by_range")]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "division"],
                name="round_once_a_term",
                violation_error_message=_("This division already has a round in this term."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")),
                name="round_due_after_it_begins",
                violation_error_message=_("The due date is before the first day."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("round-detail", args=[self.code])

    def save(self, *args, **kwargs):
        self.reaches_to = places.span(self.division_id)[1]
        super().save(*args, **kwargs)

    @property
    def counted_on(self):
        """Return the day of counting: today, or the due day once that has passed."""
        return min(self.due_on, timezone.localdate())


class Survey(ChildRecord, Record):
    """A survey of one child in one term: five domains, the home, and countermeasures."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="surveys", verbose_name=_("child"), editable=False)
    term = models.ForeignKey(Term, models.PROTECT, related_name="surveys", verbose_name=_("term"), editable=False)
    visited_on = models.DateField(_("visited on"), default=timezone.localdate)
    visited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="surveys", editable=False, verbose_name=_("visited by")
    )
    others = models.CharField(_("accompanied by"), max_length=100, blank=True)
    study_rating = models.CharField(_("study: rating"), max_length=10, choices=Rating)
    study = NoteField(_("study: details"), blank=True)
    life_rating = models.CharField(_("life: rating"), max_length=10, choices=Rating)
    life = NoteField(_("life: details"), blank=True)
    psychology_rating = models.CharField(_("psychology: rating"), max_length=10, choices=Rating)
    psychology = EncryptedField(_("psychology: details"), blank=True, default="")
    safety_rating = models.CharField(_("safety: rating"), max_length=10, choices=Rating)
    safety = NoteField(_("safety: details"), blank=True)
    health_rating = models.CharField(_("health: rating"), max_length=10, choices=Rating)
    health = NoteField(_("health: details"), blank=True)
    living_conditions = NoteField(_("living conditions"), blank=True)
    family_education = NoteField(_("family education"), blank=True)
    countermeasures = NoteField(_("countermeasures"), blank=True)

    objects = querysets.SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.UniqueConstraint(
                fields=["child", "term"],
                name="survey_once_a_term",
                violation_error_message=_("This child was already surveyed this term."),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{domain}_rating": "good"}) | ~Q(**{domain: ""}),
                    name=f"survey_says_why_{domain}",
                    violation_error_message=_("Describe what needs attention or is urgent."),
                )
                for domain in ("study", "life", "psychology", "safety", "health")
            ),
        ]

    def get_absolute_url(self):
        return reverse("child-survey", args=[self.child.code])

    def may_be_changed_by(self, user) -> bool:
        """Return whether `user` made this survey; nobody else can say what was seen there."""
        return self.visited_by_id == user.pk

    def clean(self):
        super().clean()
        if not self.visited_on:
            return
        if self.visited_on > timezone.localdate():
            raise ValidationError({"visited_on": _("The date is in the future.")})
        if self.term_id and self.visited_on < self.term.starts_on:
            text = gettext("The term began on %(day)s; a visit before it belongs to another term.")
            raise ValidationError({"visited_on": text % {"day": self.term.starts_on}})


class Need(ChildRecord, Record):
    """A need of a child: a task with an owner and a due day, closed with its outcome."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="needs", editable=False, verbose_name=_("survey"))
    child = models.ForeignKey(Child, models.PROTECT, related_name="needs", editable=False, verbose_name=_("child"))
    what = ShortNoteField(_("need"), max_length=200)
    domain = models.CharField(_("domain"), max_length=10, choices=Domain)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="needs", verbose_name=_("person responsible")
    )
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    outcome = NoteField(_("outcome"), blank=True)

    objects = querysets.NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["owner", "due_on"], name="need_open_by_owner", condition=Q(done_on=None)),
            models.Index(fields=["child", "due_on"], name="need_by_child"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None, outcome="") | (Q(done_on__isnull=False) & ~Q(outcome="")),
                name="need_done_with_outcome",
                violation_error_message=_("A completed task needs a date and an outcome."),
            )
        ]

    def get_absolute_url(self):
        return reverse("need-update", args=[self.code])

    @property
    def overdue(self) -> bool:
        return self.done_on is None and self.due_on < timezone.localdate()

    def clean(self):
        super().clean()
        if self.done_on and self.done_on > timezone.localdate():
            raise ValidationError({"done_on": _("The date is in the future.")})
