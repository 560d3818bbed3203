"""Decisions on possible duplicates: marked as two children, or merged."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked, TrackedQuerySet
from carebase.fields import EncryptedJSONField, ShortNoteField
from carebase.models import Record
from registry.access import VIEW_CHILD, scope_of
from registry.models.children import Child


class DuplicateSettlement(Tracked):
    """The decision that two files belong to two children; the pair is stored in the order of its keys."""

    first = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name=_("child"))
    second = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name=_("the other child"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    reason = ShortNoteField(_("reason"), max_length=200)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmed non-duplicate")
        verbose_name_plural = _("confirmed non-duplicates")
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="likeness_settled_once",
                violation_error_message=_("Someone already decided on this pair."),
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="likeness_in_order"),
        ]

    def __str__(self):
        return str(self._meta.verbose_name)

    @property
    def audit_subject(self) -> str:
        return self.first.code


class MergeQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.permitted_to(user, VIEW_CHILD)

    def permitted_to(self, user, permission):
        """Return the merges of two files on which the user may use the permission."""
        return self.filter(*(scope_of(user).children(prefix, permission) for prefix in ("kept__", "gone__")))

    def in_force(self):
        return self.filter(undone_at=None)

    def for_list(self):
        return self.select_related("kept__village", "gone__village", "by").order_by("-pk")


class Merge(Record):
    """A merge of one file into another, with everything needed to undo it.

    `changes` lists the written rows in order: [{"model": label, "pk": key, "before": {field: value}, "after": …}];
    `moved` and `stayed` describe the rows that moved to the kept file, and those of the closed one.
    """

    kept = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name=_("kept file"))
    gone = models.ForeignKey(Child, models.PROTECT, related_name="+", verbose_name=_("file that was closed"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("merged by"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    changes = EncryptedJSONField(default=list)
    moved = EncryptedJSONField(default=list)  # [[model label, words]]
    stayed = EncryptedJSONField(default=list)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of two files")
        verbose_name_plural = _("merges of files")
        constraints = [
            models.UniqueConstraint(
                fields=["gone"],
                condition=Q(undone_at=None),
                name="merge_in_force_once",
                violation_error_message=_("This file is already merged."),
            ),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two_files"),
        ]

    def get_absolute_url(self):
        return reverse("merge-detail", args=[self.code])

    @property
    def audit_subject(self) -> str:
        return self.kept.code
