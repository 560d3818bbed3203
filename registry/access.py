"""Row-level access: the rows that the reach of a role (carebase/accounts/roles.py) and the postings of a user open.

A class teacher sees the children of their classes; a school head those of the school; a village those living in it;
a coordinator those of the division, which is a range of place codes. A carer sees the children they are paired with,
a counsellor those referred to them; whoever is a carer beside another role sees those children too, but may do with
them only what a carer may. Auditors and system administrators see no child. Nobody sees anything without a posting in
force; a pairing or a referral shows the child from its first day until the day before it ends.

`Scope.children` is the condition on the children on whom a user may use a permission, `Scope.permits` says it of one
child, `users_who_see` returns the users of a child; `RULES` has all these directions. No other module asks for a role:
querysets take conditions on rows, offices and choices from here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from carebase.accounts.models import User
from carebase.accounts.roles import ROLES, Reach, RoleDefinition, roles_reaching, roles_that_counsel
from registry.places import LEVELS, ancestors, county_span, span, township_span

Spans = list[tuple[str, str]]
NOTHING = Q(pk__in=[])
VIEW_CHILD = "registry.view_child"


class PostedPlace(NamedTuple):
    """The keys of a posting's division, school or class, and the place of that school."""

    division: str | None
    school: int | None
    school_class: int | None
    class_school: int | None
    school_place: str | None
    class_place: str | None


def within(spans: Spans, field: str) -> Q:
    """Return the condition that the place code in `field` is in one of `spans`."""
    condition = NOTHING
    for first, last in spans:
        condition |= Q(**{f"{field}__gte": first, f"{field}__lte": last})
    return condition


def posting_in_force(prefix: str = "") -> Q:
    """Return the condition that a posting gives rights today: approved, begun and not ended."""
    today = timezone.localdate()
    not_ended = Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": today})
    return not_ended & Q(**{f"{prefix}starts_on__lte": today, f"{prefix}approved_by__isnull": False})


def active_on(first: str, end: str, day=None) -> Q:
    """Return the condition that a period has begun by `day` (by default today) and not ended by then.

    `first` and `end` are its fields; on the day of its end another may begin, so the period itself is over.
    """
    day = day or timezone.localdate()
    return (Q(**{end: None}) | Q(**{f"{end}__gt": day})) & Q(**{f"{first}__lte": day})


@dataclass(frozen=True)
class Offices:
    """Divisions and schools within `spans`, and further `schools`."""

    spans: Spans
    schools: list[int]

    def of_division(self, field: str = "division") -> Q:
        return within(self.spans, field)

    def of_school(self, field: str = "school") -> Q:
        return within(self.spans, f"{field}__division") | Q(**{f"{field}__in": self.schools})

    def records(self, prefix: str = "") -> Q:
        """Return the condition on a record that belongs to a division or a school."""
        return self.of_division(f"{prefix}division") | self.of_school(f"{prefix}school")

    def covers(self, *, division: str | None, school: int | None, school_place: str | None) -> bool:
        """Return whether `records()` is true of a record with this division, or this school in its place."""
        places = [place for place in (division, school_place) if place]
        return school in self.schools or any(first <= place <= last for first, last in self.spans for place in places)


@dataclass
class Scope:
    """The rows that a user reaches by role and postings in force."""

    user: User

    @property
    def role(self) -> RoleDefinition:
        return self.user.role_definition

    @cached_property
    def spans(self) -> Spans:
        return [span(place.division) for place in self.user.reach if place.division]

    @cached_property
    def schools(self) -> list[int]:
        return [place.school for place in self.user.reach if place.school]

    @cached_property
    def classes(self) -> list[int]:
        return [place.school_class for place in self.user.reach if place.school_class]

    @cached_property
    def class_schools(self) -> list[int]:
        return [place.class_school for place in self.user.reach if place.class_school]

    @cached_property
    def nearby(self) -> Spans:
        """Return the ranges of places to choose from: the township of a school or village."""
        spans = [township_span(first) if first[9:] != "000" else (first, last) for first, last in self.spans]
        school_places = [place.school_place or place.class_place for place in self.user.reach]
        return list(dict.fromkeys([*spans, *(township_span(code) for code in school_places if code)]))

    @cached_property
    def conditions(self) -> dict[tuple, Q]:
        """Return the conditions on children that were asked for, as a page asks for the same several times."""
        return {}

    def children(self, prefix: str = "", permission: str = VIEW_CHILD) -> Q:
        """Return the condition on a child with whom the user may use a permission: by default on a visible one.

        With a `prefix` such as "child__", it is a condition on the child's rows.
        """
        key = (prefix, permission, self.role, timezone.localdate())
        if key not in self.conditions:
            rules = self.rules_for(permission)
            self.conditions[key] = reduce(or_, (rule.children(self, prefix) for rule in rules), NOTHING)
        return self.conditions[key]

    def rules_for(self, permission: str) -> list["Rule"]:
        reach = self.role.reach_for(permission)
        return [rule for kind, rule in RULES.items() if kind in reach]

    def is_narrower(self, permission: str) -> bool:
        """Return whether there may be visible children on whom the user may not use the permission."""
        return self.role.reach_for(permission) != self.role.reach_for(VIEW_CHILD)

    def permits(self, permission: str, child) -> bool:
        """Return whether `children()` is true of this child; only pairing and referral take a query."""
        return any(rule.holds(self, child) for rule in self.rules_for(permission))

    def counselled(self, prefix: str = "") -> Q:
        """Return the condition on a child, as `children` does, that it is referred to the user as a counsellor."""
        return RULES[Reach.REFERRED].children(self, prefix) if self.role.counsels else Q(pk__in=[])

    @cached_property
    def offices(self) -> Offices:
        """Return the offices that the user is responsible for."""
        spans = self.spans if self.role.reaches_places else []
        return Offices(spans, self.schools if self.role.reaches_school else [])

    @cached_property
    def workplaces(self) -> Offices:
        """Return the offices and, for a role that reaches classes, the schools of these."""
        taught = self.class_schools if Reach.CLASSES in self.role.reach else []
        return Offices(self.offices.spans, [*self.offices.schools, *taught])

    def unless_system_keeper(self, condition: Q) -> Q:
        """Return the condition, or an empty one for roles that keep the whole system."""
        return Q() if self.role.keeps_system else condition

    def governed(self, field: str) -> Q:
        """Return the condition that a division is within the user's own postings, as for a report."""
        return self.unless_system_keeper(within(self.spans, field))

    def divisions(self) -> Q:
        return self.unless_system_keeper(within(self.nearby, "code"))

    def school_choices(self) -> Q:
        """Return the condition on schools to choose: for places also neighbouring ones, which a child may attend."""
        if self.role.reaches_places:
            return within(self.nearby, "division")
        return self.unless_system_keeper(Q(pk__in=[*self.schools, *self.class_schools]))

    def class_choices(self) -> Q:
        if self.role.reaches_places:
            return within(self.nearby, "school__division")
        return self.unless_system_keeper(Q(pk__in=self.classes) | Q(school__in=self.schools))

    def postings(self) -> Q:
        """Return the condition on postings below the user's office, and their own."""
        office = self.offices
        below = office.records() | office.of_school("school_class__school")
        return self.unless_system_keeper(Q(user=self.user) | below)


def scope_of(user) -> Scope:
    """Return the scope of a user, built once a request."""
    if not hasattr(user, "scope"):  # also the lazy user of a request
        user.scope = Scope(user)
    return user.scope


class ChildKeys(NamedTuple):
    """The keys of a child in a condition on accounts, as values or as references to the outer query."""

    pk: Value | OuterRef
    village: Value | OuterRef
    school: Value | OuterRef
    school_class: Value | OuterRef

    @classmethod
    def of(cls, child) -> "ChildKeys":
        keys = (Value(key, IntegerField()) for key in (child.school_id, child.school_class_id))  # None matches nothing
        return cls(Value(child.pk), Value(child.village_id), *keys)

    @classmethod
    def outer(cls, path: str) -> "ChildKeys":
        return cls(OuterRef(path), *(OuterRef(f"{path}__{name}") for name in cls._fields[1:]))


class Rule(NamedTuple):
    """One kind of reach: the condition on a user's children, that on a child's users, and whether it holds for two."""

    children: Callable[[Scope, str], Q]
    users: Callable[[ChildKeys], Q]
    holds: Callable[[Scope, object], bool]


def posted_to(field: str, *keys) -> Q:
    """Return the condition on an account that it has a posting in force to one of `keys`."""
    return posting_in_force("postings__") & reduce(or_, (Q(**{f"postings__{field}": key}) for key in keys))


def divisions_around(village) -> list[Concat]:
    """Return the codes of a village and all divisions around it."""
    return [Concat(Substr(village, 1, length), Value("0" * (LEVELS[-1] - length))) for length in LEVELS]


def linked_by(relation: str, first: str) -> Rule:
    """Return the rule for accounts that a row of `relation`, active since its `first`, links with a child."""

    def is_active() -> Q:
        return active_on(f"{relation}__{first}", f"{relation}__ended_on")

    def children(scope: Scope, prefix: str) -> Q:
        if not scope.user.reach:
            return NOTHING
        linked = User._base_manager.filter(is_active(), pk=scope.user.pk, **{f"{relation}__child__isnull": False})
        return Q(**{f"{prefix}pk__in": linked.values(f"{relation}__child")})

    def users(child: ChildKeys) -> Q:
        return posting_in_force("postings__") & is_active() & Q(**{f"{relation}__child": child.pk})

    def holds(scope: Scope, child) -> bool:
        return User._base_manager.filter(users(ChildKeys.of(child)), pk=scope.user.pk).exists()

    return Rule(children, users, holds)


RULES: dict[Reach, Rule] = {
    Reach.CLASSES: Rule(
        lambda scope, prefix: Q(**{f"{prefix}school_class__in": scope.classes}),
        lambda child: posted_to("school_class", child.school_class),
        lambda scope, child: child.school_class_id in scope.classes,
    ),
    Reach.SCHOOL: Rule(
        lambda scope, prefix: Q(**{f"{prefix}school__in": scope.schools}),
        lambda child: posted_to("school", child.school),
        lambda scope, child: child.school_id in scope.schools,
    ),
    Reach.PLACES: Rule(
        lambda scope, prefix: within(scope.spans, f"{prefix}village"),
        lambda child: posted_to("division", *divisions_around(child.village)),
        lambda scope, child: any(first <= child.village_id <= last for first, last in scope.spans),
    ),
    Reach.PAIRED: linked_by("carer__pairings", "started_on"),  # all that the registry knows of the app pairing
    Reach.REFERRED: linked_by("referrals", "referred_on"),
}
if set(RULES) != set(Reach):
    raise ImproperlyConfigured("Every kind of reach needs a rule; without one its users would see nothing.")


def accounts_that_see(child: ChildKeys, permission: str) -> Iterator[QuerySet]:
    """Yield the accounts that may use a permission on the child: the reverse of `Scope.children`.

    One queryset for each kind of reach, because each uses an index of its own.
    """
    for kind, rule in RULES.items():
        yield User.objects.order_by().filter(
            rule.users(child), role__in=roles_reaching(kind, permission), is_active=True
        )


def users_who_see(child, *, permission: str):
    """Return the accounts that see the child and may use a permission on it, by name."""
    conditions = (Q(pk__in=accounts.values("pk")) for accounts in accounts_that_see(ChildKeys.of(child), permission))
    return User.objects.filter(reduce(or_, conditions)).order_by("name", "pk")


def users_in_charge_of(place, *, permission: str):
    """Return the accounts with a permission that decide for a village or a school, or for the places around it."""
    posted, roles = NOTHING, roles_reaching(Reach.PLACES, permission)
    if hasattr(place, "division_id"):  # a school, for which a village does not decide
        posted = posted_to("school", place.pk) & Q(role__in=roles_reaching(Reach.SCHOOL, permission))
        roles = [role for role in roles if not ROLES[role].keeps_one_place]
    around = posted_to("division", *divisions_around(Value(getattr(place, "division_id", place.pk))))
    return User.objects.filter(posted | around & Q(role__in=roles), is_active=True).distinct().order_by("name", "pk")


def user_sees_child(user: str, child: str = "child", *, permission: str) -> Q:
    """Return the condition on a row that the account in its field `user` may use a permission on its `child`."""
    querysets = accounts_that_see(ChildKeys.outer(child), permission)
    return reduce(or_, (Q(Exists(accounts.filter(pk=OuterRef(user)))) for accounts in querysets))


def counsellors_for(child) -> QuerySet:
    """Return the counsellors with a posting in force in the child's county, or in a division around it."""
    county, around = [county_span(child.village_id)], Q(postings__division__in=ancestors(child.village_id))
    places = ("postings__division", "postings__school__division", "postings__school_class__school__division")
    here = reduce(or_, (within(county, place) for place in places), around)
    accounts = User.objects.filter(posting_in_force("postings__") & here, role__in=roles_that_counsel(), is_active=True)
    return User.objects.filter(pk__in=accounts.order_by().values("pk")).order_by("name", "pk")
