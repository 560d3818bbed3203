"""The words that readings of surveys and of the tasks that follow from them are made of."""

from django.db.models import F, Q

from registry.access import user_sees_child
from registry.querysets import BelongsToChild

CHANGE_NEED = "registry.change_need"


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

    def with_owner_in_charge(self):
        """Annotate `in_charge`: whether the owner still sees the child, which may have gone where nobody follows."""
        return self.annotate(in_charge=user_sees_child("owner", permission=CHANGE_NEED))

    def waiting_for(self, user):
        """Return the tasks that wait for `user`: their own, and those that nobody sees to any more."""
        return self.filter(Q(owner=user) | ~user_sees_child("owner", permission=CHANGE_NEED))

    def for_list(self):
        """Return the tasks with what lists show: the open ones first, the longest overdue on top."""
        together = self.select_related("child__village", "owner")
        return together.order_by(F("done_on").desc(nulls_first=True), "due_on", "pk")
