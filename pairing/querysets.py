"""Querysets of carers and pairings, and of children without a carer."""

from django.db.models import Count, Exists, F, OuterRef, Q

from carebase.audit.models import TrackedQuerySet
from carebase.pinyin import named
from registry.access import active_on, scope_of
from registry.querysets import BelongsToChild

VIEW_CARER = "pairing.view_carer"


class CarerQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the carers of one's school or places; a carer sees themselves."""
        return self.filter(Q(user=user) | scope_of(user).offices.records())

    def permitted_to(self, user, permission: str):
        """Return the carers on whom `user` may use a permission: nobody keeps the row that shows them to themselves."""
        rows = self.visible_to(user)
        return rows if permission == VIEW_CARER else rows.filter(scope_of(user).offices.records())

    def search(self, words: str):
        """Return the carers found by code, name or pinyin."""
        for word in words.split():
            self = self.filter(named(word) | Q(code=word.upper()))
        return self

    def for_choice(self):
        return self.with_load()

    def with_load(self):
        """Annotate `load`, the number of places taken, now or from a later day, and `children_now`."""
        now = active_on("pairings__started_on", "pairings__ended_on")
        taken = Count("pairings", filter=Q(pairings__ended_on=None))
        return self.annotate(load=taken, children_now=Count("pairings", filter=now))

    def leaving(self):
        """Return the carers who take no more children and still have some."""
        return self.with_load().filter(active=False, load__gt=0)

    def with_room(self):
        return self.with_load().filter(active=True, load__lt=F("capacity"))


class PairingQuerySet(BelongsToChild):
    def open(self):
        return self.filter(ended_on=None)

    def on(self, day):
        return self.filter(active_on("started_on", "ended_on", day))

    def for_list(self):
        return self.select_related("child__village", "carer").order_by("carer__name", "started_on", "pk")


def unpaired(children):
    """Return the open files among `children` without a carer."""
    pairings = children.model.pairings.rel.related_model._base_manager
    current = pairings.filter(child=OuterRef("pk"), ended_on=None)
    return children.open().filter(~Exists(current))
