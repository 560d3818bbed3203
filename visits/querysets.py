"""The words that readings of visits are made of."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from registry.models import Child
from registry.querysets import BelongsToChild

LIST_FIELDS = ("code", "kind", "made_on", "child__name", "child__village__name", "by__name")


class VisitQuerySet(BelongsToChild):
    def in_term(self, term):
        return self.filter(made_on__gte=term.starts_on, made_on__lte=term.ends_on)

    def of_kind(self, *kinds):
        return self.filter(kind__in=kinds)

    def follow_up_overdue(self):
        """Return the visits whose promised next date has passed without a later one to the child."""
        later = self.model._base_manager.filter(child=OuterRef("child"), made_on__gt=OuterRef("made_on"))
        return self.filter(~Exists(later), next_on__lt=timezone.localdate())

    def latest_of(self, user):
        """Return the visits that `user` may see, latest first, found the way that is short for as many as there are.

        Whoever sees many children walks the days back until a page is full; whoever sees few starts from them. A
        join leaves that to the database, which takes the long way in both cases.
        """
        children = Child.objects.visible_to(user)
        if user.role_definition.sees_many:
            return self.filter(Exists(children.filter(pk=OuterRef("child")))).for_list()
        return self.filter(child__in=children.values("pk")).for_list()

    def for_list(self):
        together = self.select_related("child__village", "by")
        return together.only(*LIST_FIELDS).order_by("-made_on", "-pk")


def without_contact(children, term):
    """Return the open files among `children` without any visit or talk in `term`."""
    visits = children.model.visits.rel.related_model._base_manager
    seen = visits.filter(child=OuterRef("pk"), made_on__gte=term.starts_on, made_on__lte=term.ends_on)
    return children.open().filter(~Exists(seen))
