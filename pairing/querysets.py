"""Which carers and pairings a user sees, and how many children each carer accompanies."""

from django.db.models import Count, Exists, F, OuterRef, Q

from carebase.accounts.roles import Role
from carebase.audit.models import TrackedQuerySet
from registry.querysets import BelongsToChild, scope_of, within


class CarerQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the carers of one's school or places; a carer sees themselves."""
        scope, own = scope_of(user), Q(user=user)
        if user.role == Role.HEAD:
            return self.filter(own | Q(school__in=scope.schools))
        if user.role in {Role.VILLAGE, Role.COORDINATOR}:
            return self.filter(own | within(scope.spans, "division") | within(scope.spans, "school__division"))
        return self.filter(own)

    def with_load(self):
        """Annotate `load`: the children that each carer accompanies now."""
        return self.annotate(load=Count("pairings", filter=Q(pairings__ended_on=None)))

    def with_room(self):
        return self.with_load().filter(active=True, load__lt=F("capacity"))


class PairingQuerySet(BelongsToChild):
    def open(self):
        return self.filter(ended_on=None)

    def on(self, day):
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), started_on__lte=day)

    def for_list(self):
        return self.select_related("child__village", "carer").order_by("carer__name", "started_on", "pk")


def unpaired(children):
    """Return the open files among `children` whom no carer accompanies now."""
    from pairing.models import Pairing

    accompanied = Pairing._base_manager.filter(child=OuterRef("pk"), ended_on=None)
    return children.open().filter(~Exists(accompanied))
