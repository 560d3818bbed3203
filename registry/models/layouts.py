"""The columns of sheets as users assigned them: one layout per heading and office."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.models.places import Division, School


class ColumnLayoutQuerySet(models.QuerySet):
    def of_offices(self, user):
        """Return the layouts of the offices that the user is posted to; other offices may use other columns."""
        divisions = [reach.division for reach in user.reach if reach.division]
        schools = [school for reach in user.reach if (school := reach.school or reach.class_school)]
        return self.filter(Q(division__in=divisions) | Q(school__in=schools))


class ColumnLayout(models.Model):
    """The field of each column under one heading, in the sheets of one school or division."""

    key = models.CharField(max_length=64)  # registry.imports.layout: SHA-256 of the normalised heading
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    names = models.JSONField(default=list)  # the field of each column, "" for one that is left out
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    objects = ColumnLayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("columns of a sheet")
        verbose_name_plural = _("columns of sheets")
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None) ^ Q(school=None),
                name="column_layout_of_one_office",
                violation_error_message=_("The columns belong to one school or one division."),
            ),
            models.UniqueConstraint(fields=["key", "division"], name="column_layout_once_a_division"),
            models.UniqueConstraint(fields=["key", "school"], name="column_layout_once_a_school"),
        ]
