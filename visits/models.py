"""Visits and talks: each contact with a child, its family or its guardian; what a counsellor learnt stands apart."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Action, Event, Tracked
from carebase.fields import EncryptedField, NoteField, ShortNoteField
from carebase.models import Record
from registry.models import Child, ChildRecord
from visits.querysets import CounsellingNoteQuerySet, VisitQuerySet

SAYS_NOTHING = _("Fill in the observations or the conversation.")
CORRECTION_PERIOD = dt.timedelta(days=7)  # afterwards the record is final (security.md 3.1)


class Visit(ChildRecord, Record):
    """One contact: a home visit, a heart-to-heart talk, a call."""

    class Kind(models.TextChoices):
        HOME_VISIT = "home_visit", _("home visit")
        TALK = "talk", _("heart-to-heart talk")
        CALL = "call", _("telephone or video call")
        TUTORING = "tutoring", _("study tutoring")

    child = models.ForeignKey(Child, models.PROTECT, related_name="visits", verbose_name=_("child"))
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    made_on = models.DateField(_("date"), default=timezone.localdate)
    starts_at = models.TimeField(_("time"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    # By a counsellor: the row holds no word of it, see CounsellingNote.
    counselling = models.BooleanField(_("counselling"), default=False, editable=False)
    planned = models.BooleanField(_("planned"), default=True, help_text=_("A regular visit, not an occasional one"))
    met = ShortNoteField(_("person met"), max_length=100, blank=True)
    observed = NoteField(_("observations"), blank=True)
    said = NoteField(_("conversation"), blank=True)
    advice = NoteField(_("advice and follow-up"), blank=True)
    next_on = models.DateField(_("next contact on"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits", editable=False, verbose_name=_("logged by")
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits and talks")
        indexes = [
            models.Index(fields=["child", "-made_on"], name="visit_by_child"),
            models.Index(fields=["-made_on", "-id"], name="visit_by_day"),
            models.Index(fields=["by", "-made_on"], name="visit_by_maker"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(~Q(observed="") | ~Q(said=""), counselling=False)
                | Q(counselling=True, met="", observed="", said="", advice=""),
                name="visit_says_something",
                violation_error_message=SAYS_NOTHING,
            ),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gte=F("made_on")),
                name="visit_next_after_it",
                violation_error_message=_("The next contact is before the visit."),
            ),
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__gte=1, minutes__lte=1440),
                name="visit_lasts_at_most_a_day",
                violation_error_message=_("Enter a length from one minute to one day."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("visit-detail", args=[self.code])

    @property
    def choice_label(self) -> str:
        return f"{self.child.name} · {self.get_kind_display()} · {self.made_on}"

    def clean(self):
        super().clean()
        if not (self.counselling or self.observed or self.said):
            raise ValidationError(SAYS_NOTHING)  # no form has all fields that the constraint needs
        if not self.made_on:
            return
        if self.made_on > timezone.localdate():
            raise ValidationError({"made_on": _("The date is in the future.")})
        if self.made_on < timezone.localdate() - dt.timedelta(days=366 * 3):
            raise ValidationError({"made_on": _("The date is more than three years ago. Check the year.")})
        if self.child_id and self.made_on < self.child.birth_date:
            raise ValidationError({"made_on": _("The date is before the child was born.")})

    @property
    def kind_text(self) -> str:
        """Return the kind for display, and whether it was counselling."""
        kind = self.get_kind_display()
        return gettext("%(kind)s (counselling)") % {"kind": kind} if self.counselling else kind

    def words_for(self, user):
        """Return the row that holds what was said, or None where `user` must not read it."""
        return CounsellingNote.objects.visible_to(user).filter(visit=self).first() if self.counselling else self

    def may_be_changed_by(self, user) -> bool:
        """Return whether `user` logged this within the last week; a visit may be logged long after its date."""
        if self.by_id != user.pk or self.words_for(user) is None:
            return False
        created = Event.objects.filter(
            model=self._meta.label_lower, object_code=self.code, action=Action.CREATE
        ).values_list("at", flat=True)
        created_at = created.order_by("pk").first()
        day = timezone.localdate(created_at) if created_at else self.made_on
        return timezone.localdate() <= day + CORRECTION_PERIOD


class CounsellingNote(Tracked):
    """What a counsellor learnt at a contact, encrypted; only counsellors whom the child is referred to now read it."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="note", editable=False, verbose_name=_("visit"))
    met = EncryptedField(_("person met"), blank=True, default="")
    observed = EncryptedField(_("observations"), blank=True, default="")
    said = EncryptedField(_("conversation"), blank=True, default="")
    advice = EncryptedField(_("advice and follow-up"), blank=True, default="")

    objects = CounsellingNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("counselling note")
        verbose_name_plural = _("counselling notes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(observed="") | ~Q(said=""),
                name="counselling_note_says_something",
                violation_error_message=SAYS_NOTHING,
            )
        ]

    def __str__(self):
        return self.visit.code

    @property
    def audit_subject(self) -> str:
        return self.visit.audit_subject
