"""Imports: the uploaded file, its rows as they were read, and what became of each."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import TrackedQuerySet
from carebase.fields import EncryptedBytesField, EncryptedJSONField
from carebase.models import Record
from registry.access import scope_of
from registry.models.children import Child
from registry.models.places import Division, Term


class ImportBatchQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the user's own imports, and for a coordinator the finished ones of the offices below.

        A preview shows whole rows, so that only the sender may see it.
        """
        own = self.sent_by(user)
        if user.role_definition.supervises:
            below = scope_of(user).offices.of_division("office")
            own |= self.filter(below).exclude(status__in=[ImportBatch.Status.READING, ImportBatch.Status.PREVIEW])
        return own

    def previews_of(self, user):
        """Return the previews that await the user's confirmation."""
        return self.sent_by(user).filter(status=ImportBatch.Status.PREVIEW)

    def sent_by(self, user):
        """Return the user's own imports, none once no posting is in force: they hold what files said."""
        return self.filter(by=user) if user.reach else self.none()


class ImportBatch(Record):
    """An uploaded file, previewed and then saved or cancelled."""

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        PREVIEW = "preview", _("awaiting confirmation")
        SAVED = "saved", _("saved")
        CANCELLED = "cancelled", _("cancelled")
        UNDONE = "undone", _("undone")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    at = models.DateTimeField(_("time"), auto_now_add=True)
    office = models.ForeignKey(  # where the sender was posted: a division, or where their school stands
        Division, models.PROTECT, null=True, related_name="+", verbose_name=_("office")
    )
    term = models.ForeignKey(Term, models.PROTECT, related_name="+", verbose_name=_("term"))
    place = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)  # SHA-256
    reported_on = models.DateField(_("date of the report"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READING)
    counts = models.JSONField(default=dict)  # {ImportRow.Status: rows}, and what registry/imports/staging.py lists

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def get_absolute_url(self):
        return reverse("import-preview", args=[self.code])

    @property
    def short_hash(self) -> str:
        return self.file_hash[:8]


class ImportFile(models.Model):
    """The uploaded file, kept until the import is cancelled, or saved with no row refused."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="file")
    data = EncryptedBytesField()


class ImportRow(models.Model):
    """A row of the sheet as it was read, and what saving it would do or did to which file."""

    class Status(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        DUPLICATE = "duplicate", _("possible duplicate")
        PROBLEM = "problem", _("problem")

    class Decision(models.TextChoices):
        OUT = "out", _("skip it")
        OTHER = "other", _("another child: register it")
        SAME = "same", _("the same child: update the file")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=100, blank=True)  # its title in the workbook
    number = models.PositiveIntegerField()  # as the spreadsheet counts, from 1
    status = models.CharField(max_length=9, choices=Status)
    remarks = models.BooleanField(default=False)  # whether any note is more than the cause of a problem
    values = EncryptedJSONField()  # {field name: value}, as registry.census reads them
    notes = EncryptedJSONField(default=list)  # [[column heading, text, "doubt" | "error"]]
    # The registered file that it is, or may be; after the save the one that it became. Its version then.
    child = models.ForeignKey(Child, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True)
    changes = EncryptedJSONField(default=list)  # [[field name, old value, new value]]
    decision = models.CharField(max_length=5, choices=Decision, default=Decision.OUT)  # on a possible duplicate
    updated = models.BooleanField(default=False)  # whether saving changed a file that there was
    before = EncryptedJSONField(default=dict)  # what that file held, for taking it back

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "sheet", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "status", "id"], name="import_row_by_status")]

    def does(self) -> str:
        """Return what saving does to the row: "new", "changed", or "" for nothing."""
        if self.status == self.Status.DUPLICATE:
            statuses = {self.Decision.OTHER: self.Status.NEW, self.Decision.SAME: self.Status.CHANGED}
            return str(statuses.get(self.decision, ""))
        return self.status if self.status in (self.Status.NEW, self.Status.CHANGED) else ""
