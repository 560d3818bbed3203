"""Querysets of activities and donations; a user sees those of their own offices."""

from django.db.models import Q

from carebase.audit.models import TrackedQuerySet
from registry.access import scope_of


class OfficeRecordQuerySet(TrackedQuerySet):
    """Records of an office, searched in `search_fields` and listed by `date_field`, the latest first."""

    date_field = "held_on"
    search_fields = ("title", "place")

    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records())

    def for_list(self):
        return self.select_related("division", "school").order_by(f"-{self.date_field}", "-pk")

    def about(self, text: str, kind: str = ""):
        rows = self.filter(kind=kind) if kind else self
        contains = Q(*((f"{name}__contains", text) for name in self.search_fields), _connector=Q.OR)
        return rows.filter(contains) if text else rows


class ActivityQuerySet(OfficeRecordQuerySet):
    def search(self, text: str):
        """Return the activities with each word of `text` in the title or the place."""
        for word in text.split():
            self = self.about(word)
        return self


class DonationQuerySet(OfficeRecordQuerySet):
    date_field = "received_on"
    search_fields = ("donor", "purpose")


class ActivityPartQuerySet(TrackedQuerySet):
    """Rows of an activity, visible like the activity itself."""

    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records("activity__"))
