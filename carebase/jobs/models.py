"""The queue of background jobs. The progress of a running job is kept by carebase.jobs.progress."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import TrackedQuerySet
from carebase.models import CODE_LENGTH, Record

OPEN_STATES = ("waiting", "running")


class JobQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(by=user)


class Job(Record):
    """Long work on one subject. Its row changes only with its state, as the work itself may lock the database."""

    # The worker's own notes. The work writes its own audit events, and enqueueing a job writes one.
    untracked = Record.untracked | {"state", "message", "attempts", "started_at", "ended_at"}

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=40)
    subject = models.CharField(_("subject"), max_length=CODE_LENGTH, blank=True)  # a code
    options = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("started by"))
    # Taken from the request, for the worker.
    address = models.GenericIPAddressField(null=True)
    language = models.CharField(max_length=10)
    url = models.CharField(max_length=200)  # where a job that is done leads
    back = models.CharField(max_length=200)  # and one that is not
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    message = models.TextField(_("message"), blank=True)  # why it failed, in the language of who started it
    attempts = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(_("time"), auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state__in=OPEN_STATES) & ~Q(subject=""),
                name="job_one_at_a_time",
                violation_error_message=_("This is already in progress."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, ended_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(ended_at__isnull=False)),
                name="job_ended_when_over",
                violation_error_message=_("A job has an end time only when it is finished."),
            ),
        ]
        indexes = [models.Index(fields=["state"], condition=Q(state__in=OPEN_STATES), name="job_open")]

    def get_absolute_url(self):
        return reverse("job-detail", args=[self.code])

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES
