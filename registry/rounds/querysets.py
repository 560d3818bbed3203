"""Querysets of surveys and of the tasks (needs) that follow from them."""

from django.db.models import F, Q

from registry.access import user_sees_child
from registry.querysets import BelongsToChild

CHANGE_NEED = "registry.change_need"


class SurveyQuerySet(BelongsToChild):
    def for_reading(self):
        return self.select_related("term", "visited_by").order_by("-term__starts_on")


class NeedQuerySet(BelongsToChild):
    def open(self):
        """Return the tasks still to be done, without those of closed files."""
        return self.filter(done_on=None, child__closed_on=None)

    def done(self):
        return self.exclude(done_on=None)

    def with_owner_in_charge(self):
        """Annotate `in_charge`: whether the owner still sees the child, who may have moved since."""
        return self.annotate(in_charge=user_sees_child("owner", permission=CHANGE_NEED))

    def waiting_for(self, user):
        """Return the tasks of `user`, and those whose owner no longer sees the child."""
        return self.filter(Q(owner=user) | ~user_sees_child("owner", permission=CHANGE_NEED))

    def for_list(self):
        tasks = self.select_related("child__village", "owner")
        return tasks.order_by(F("done_on").desc(nulls_first=True), "due_on", "pk")
