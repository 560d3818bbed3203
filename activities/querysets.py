"""Which activities and donations a user sees: those of their places and schools, and those their children attend."""

from dataclasses import dataclass

from django.db.models import Q

from carebase.accounts.roles import Role
from carebase.audit.models import TrackedQuerySet
from registry.querysets import scope_of, within


@dataclass(frozen=True)
class Offices:
    """Whose records a user sees: those of places in `spans` and of `schools`."""

    spans: list[tuple[str, str]]
    schools: list[int]

    @property
    def condition(self) -> Q:
        own = within(self.spans, "division") | within(self.spans, "school__division")
        return own | Q(school__in=self.schools)

    def hold(self, *, division: str | None, school: int | None, school_place: str | None) -> bool:
        """Return whether the condition is true of a record of this division, or of this school and its place."""
        places = [place for place in (division, school_place) if place]
        return school in self.schools or any(first <= place <= last for first, last in self.spans for place in places)


def offices_of(user) -> Offices:
    scope = scope_of(user)
    match user.role:
        case Role.VILLAGE | Role.COORDINATOR:
            return Offices(scope.spans, [])
        case Role.HEAD:
            return Offices([], scope.schools)
        case Role.TEACHER:
            return Offices([], [reach.class_school for reach in scope.reach if reach.class_school])
    return Offices([], [])


class HeldSomewhere(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(offices_of(user).condition)

    def in_term(self, term):
        return self.filter(held_on__gte=term.starts_on, held_on__lte=term.ends_on)

    def for_list(self):
        return self.select_related("division", "school").order_by("-held_on", "-pk")


class ActivityQuerySet(HeldSomewhere):
    def about(self, words: str, kind: str = ""):
        """Return the activities whose title or place holds `words`, of a kind if one is named."""
        found = self.filter(kind=kind) if kind else self
        return found.filter(Q(title__contains=words) | Q(place__contains=words)) if words else found


class DonationQuerySet(HeldSomewhere):
    def about(self, words: str, kind: str = ""):
        """Return the donations whose donor or purpose holds `words`, of a kind if one is named."""
        found = self.filter(kind=kind) if kind else self
        return found.filter(Q(donor__contains=words) | Q(purpose__contains=words)) if words else found

    def in_term(self, term):
        return self.filter(received_on__gte=term.starts_on, received_on__lte=term.ends_on)

    def for_list(self):
        return self.select_related("division", "school").order_by("-received_on", "-pk")


class OfActivity(TrackedQuerySet):
    """Whatever belongs to an activity follows it; a child in it must be visible too."""

    def visible_to(self, user):
        from activities.models import Activity

        return self.filter(activity__in=Activity.objects.visible_to(user))
