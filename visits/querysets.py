"""Querysets of visits, and of children without contact."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from carebase.accounts.grants import end_of_wait
from carebase.audit.models import TrackedQuerySet
from registry.access import scope_of
from registry.models import Child
from registry.querysets import BelongsToChild

LIST_FIELDS = ("code", "kind", "counselling", "made_on", "child__name", "child__village__name", "by__name")


class VisitQuerySet(BelongsToChild):
    def in_term(self, term):
        return self.filter(made_on__gte=term.starts_on, made_on__lte=term.ends_on)

    def of_kind(self, *kinds):
        return self.filter(kind__in=kinds)

    def follow_up_overdue(self):
        """Return the visits whose next date has passed without a later visit to the child."""
        later = self.model._base_manager.filter(child=OuterRef("child"), made_on__gt=OuterRef("made_on"))
        return self.filter(~Exists(later), next_on__lt=timezone.localdate())

    def latest_of(self, user):
        """Return the visits that `user` sees, the latest first, by the query that is fast for the number of children.

        With many children, the database reads visits back by date until a page is full; with few, it starts from the
        children. A join would leave the choice to the database, which takes the slow plan in both cases.
        """
        children = Child.objects.visible_to(user)
        if user.role_definition.sees_many:
            return self.filter(Exists(children.filter(pk=OuterRef("child")))).for_list()
        return self.filter(child__in=children.values("pk")).for_list()

    def for_list(self):
        return self.select_related("child__village", "by").only(*LIST_FIELDS).order_by("-made_on", "-pk")


class CounsellingNoteQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the notes about children who are referred to `user` now; nobody else reads them.

        Nor does `user` as long as whoever set their password or role could be acting as them.
        """
        if end_of_wait(user):
            return self.none()
        scope, path = scope_of(user), "visit__child__"
        return self.filter(scope.children(path), scope.counselled(path))


def without_contact(children, term):
    """Return the open files among `children` without any visit or talk in `term`."""
    visits = children.model.visits.rel.related_model._base_manager
    in_term = visits.filter(child=OuterRef("pk"), made_on__gte=term.starts_on, made_on__lte=term.ends_on)
    return children.open().filter(~Exists(in_term))
