"""An import: the file that was sent in, its rows as they were read, and what became of each."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import TrackedQuerySet
from carebase.fields import EncryptedBytesField, EncryptedJSONField
from carebase.models import Record
from registry.models.places import Division, Term


class ImportBatchQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the imports that the user sent in; a preview shows whole rows and is nobody else's."""
        return self.filter(by=user)


class ImportBatch(Record):
    """One file, previewed and then saved or dropped."""

    class Status(models.TextChoices):
        READING = "reading", _("being read")
        PREVIEW = "preview", _("waiting for confirmation")
        SAVED = "saved", _("saved")
        CANCELLED = "cancelled", _("cancelled")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent in by"))
    at = models.DateTimeField(_("time"), auto_now_add=True)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+", verbose_name=_("term"))
    place = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)  # SHA-256
    reported_on = models.DateField(_("date of the report"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READING)
    counts = models.JSONField(default=dict)  # {ImportRow.Status: rows}

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def get_absolute_url(self):
        return reverse("import-preview", args=[self.code])


class ImportFile(models.Model):
    """The file as it was sent in, kept until the import is cancelled, or saved with no row refused."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="file")
    data = EncryptedBytesField()


class ImportRow(models.Model):
    """One row of the sheet as it was read: values, notes on what is doubtful or refused, and the child it became."""

    class Status(models.TextChoices):
        NEW = "new", _("new")
        DOUBT = "doubt", _("new, with doubts")
        KNOWN = "known", _("already registered")
        REFUSED = "refused", _("refused")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=100, blank=True)  # its title in the workbook
    number = models.PositiveIntegerField()  # as the spreadsheet counts, from 1
    status = models.CharField(max_length=8, choices=Status)
    values = EncryptedJSONField()  # {blank name: value}, as registry.census reads them
    notes = EncryptedJSONField(default=list)  # [[column heading, text, "doubt" | "error"]]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "sheet", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "status", "id"], name="import_row_by_status")]
