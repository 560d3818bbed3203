"""Which activities and donations a user sees: those of their places and schools, and those their children attend."""

from django.db.models import Q

from carebase.audit.models import TrackedQuerySet
from registry.access import scope_of


class OfficeRecordQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records())

    def in_term(self, term):
        return self.filter(held_on__gte=term.starts_on, held_on__lte=term.ends_on)

    def for_list(self):
        return self.select_related("division", "school").order_by("-held_on", "-pk")


class ActivityQuerySet(OfficeRecordQuerySet):
    def about(self, words: str, kind: str = ""):
        """Return the activities whose title or place holds `words`, of a kind if one is named."""
        found = self.filter(kind=kind) if kind else self
        return found.filter(Q(title__contains=words) | Q(place__contains=words)) if words else found

    def search(self, words: str):
        """Return the activities of which each word stands in the title or the place."""
        for word in words.split():
            self = self.about(word)
        return self


class DonationQuerySet(OfficeRecordQuerySet):
    def about(self, words: str, kind: str = ""):
        """Return the donations whose donor or purpose holds `words`, of a kind if one is named."""
        found = self.filter(kind=kind) if kind else self
        return found.filter(Q(donor__contains=words) | Q(purpose__contains=words)) if words else found

    def in_term(self, term):
        return self.filter(received_on__gte=term.starts_on, received_on__lte=term.ends_on)

    def for_list(self):
        return self.select_related("division", "school").order_by("-received_on", "-pk")


class ActivityPartQuerySet(TrackedQuerySet):
    """Whatever belongs to an activity follows it; a child in it must be visible too."""

    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records("activity__"))
