"""Which rounds one may know of, and which round is due for a village: the nearest due of those that cover it."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from carebase.accounts.roles import Role
from carebase.audit.models import TrackedQuerySet
from registry.querysets import BelongsToChild, reaches, scope_of, within


class RoundQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the rounds that one's children belong to; an office sees its own and those above and below it."""
        from registry.models import Child  # whose module leads to this one

        if user.role in {Role.VILLAGE, Role.COORDINATOR}:
            spans = scope_of(user).spans
            above = Q(pk__in=[])
            for first, last in spans:
                above |= Q(division__lte=first, reaches_to__gte=last)
            return self.filter(within(spans, "division") | above)
        here = {"village__gte": OuterRef("division"), "village__lte": OuterRef("reaches_to")}
        return self.filter(Exists(Child._base_manager.filter(reaches(user), **here)))

    def governed_by(self, user):
        """Return the rounds of the divisions that one's own postings reach, which one may also change."""
        return self.filter(within(scope_of(user).spans, "division"))

    def covering(self, village):
        """Return the rounds that the children of `village` (a code, or an expression) belong to, first due first."""
        return self.filter(division__lte=village, reaches_to__gte=village).order_by("due_on", "-division")

    def running(self):
        """Return the rounds of today's term that have begun; one that is due runs on until the term ends."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, term__starts_on__lte=today, term__ends_on__gte=today)

    def for_list(self):
        return self.select_related("term", "division", "by").order_by("-term__starts_on", "division")


class SurveyQuerySet(BelongsToChild):
    def for_reading(self):
        """Return the surveys, the newest first, with what a page shows of them."""
        return self.select_related("term", "visited_by").order_by("-term__starts_on")


class NeedQuerySet(BelongsToChild):
    def open(self):
        """Return the tasks that are to be done; those of a closed file wait until it is opened again."""
        return self.filter(done_on=None, child__closed_on=None)

    def done(self):
        return self.exclude(done_on=None)

    def for_list(self):
        """Return the tasks with what lists show: the open ones first, the longest overdue on top."""
        together = self.select_related("child__village", "owner")
        return together.order_by(F("done_on").desc(nulls_first=True), "due_on", "pk")
