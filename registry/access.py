"""Which rows: what the reach of a role (carebase/accounts/roles.py) and the postings of a user mean, asked both ways.

A class teacher sees the children of their classes; a school head those of the school; a village those living in it;
a coordinator those of the division, which is a range of place codes. A carer sees the children they are paired with,
a counsellor those referred to them, and whoever is a carer beside another role sees those children too. Auditors and
system administrators see no child. A posting that is not in force shows nothing.

`Scope.children` tells which children a user sees, `users_who_see` which users see a child; `RULES` holds both side by
side. No other module asks for a role: querysets take their conditions on rows, offices and choices from here.
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
from carebase.accounts.roles import Reach, RoleDefinition, roles_reaching, roles_with
from registry.places import LEVELS, span, township_span

Spans = list[tuple[str, str]]


class PostedPlace(NamedTuple):
    """What one posting reaches, by the keys of its division, school or class, and where that school stands."""

    division: str | None
    school: int | None
    school_class: int | None
    class_school: int | None
    school_place: str | None
    class_place: str | None


def within(spans: Spans, field: str) -> Q:
    """Return the condition that the place code in `field` lies in one of `spans`; nothing when there is none."""
    condition = Q(pk__in=[])
    for first, last in spans:
        condition |= Q(**{f"{field}__gte": first, f"{field}__lte": last})
    return condition


def posting_in_force(prefix: str = "") -> Q:
    """Return the condition that a posting gives rights today: approved by a second person, begun and not ended."""
    today = timezone.localdate()
    running = Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gte": today})
    return running & Q(**{f"{prefix}starts_on__lte": today, f"{prefix}approved_by__isnull": False})


@dataclass(frozen=True)
class Offices:
    """Whose records: those of the divisions and schools within `spans`, and of `schools`."""

    spans: Spans
    schools: list[int]

    def of_division(self, field: str = "division") -> Q:
        return within(self.spans, field)

    def of_school(self, field: str = "school") -> Q:
        return within(self.spans, f"{field}__division") | Q(**{f"{field}__in": self.schools})

    def records(self, prefix: str = "") -> Q:
        """Return the condition on a record that a division or a school keeps."""
        return self.of_division(f"{prefix}division") | self.of_school(f"{prefix}school")

    def hold(self, *, division: str | None, school: int | None, school_place: str | None) -> bool:
        """Return whether the condition is true of a record of this division, or of this school and its place."""
        places = [place for place in (division, school_place) if place]
        return school in self.schools or any(first <= place <= last for first, last in self.spans for place in places)


@dataclass
class Scope:
    """The rows of one user, by the postings in force and what the role reaches through them."""

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
        """Return the ranges that one may choose places from: a school's township, a village's township."""
        spans = [township_span(first) if first[9:] != "000" else (first, last) for first, last in self.spans]
        stands = [place.school_place or place.class_place for place in self.user.reach]
        return list(dict.fromkeys([*spans, *(township_span(code) for code in stands if code)]))

    def children(self, prefix: str = "") -> Q:
        """Return the condition on a child (or on what belongs to one, with `prefix` such as "child__") to be seen."""
        rules = (rule for kind, rule in RULES.items() if kind in self.role.reach)
        return reduce(or_, (rule.children(self, prefix) for rule in rules), Q(pk__in=[]))

    @cached_property
    def offices(self) -> Offices:
        """Return the offices that the user answers for."""
        spans = self.spans if self.role.reaches_places else []
        return Offices(spans, self.schools if self.role.reaches_school else [])

    @cached_property
    def workplaces(self) -> Offices:
        """Return these and, for who reaches classes, the schools of those classes."""
        taught = self.class_schools if Reach.CLASSES in self.role.reach else []
        return Offices(self.offices.spans, [*self.offices.schools, *taught])

    def unless_all(self, condition: Q) -> Q:
        """Return the condition, or none for who keeps the whole system."""
        return Q() if self.role.keeps_system else condition

    def governed(self, field: str) -> Q:
        """Return the condition that a division is reached by the user's own postings, as for a report."""
        return self.unless_all(within(self.spans, field))

    def divisions(self) -> Q:
        """Return which divisions may be chosen."""
        return self.unless_all(within(self.nearby, "code"))

    def school_choices(self) -> Q:
        """Return which schools may be chosen: in one's places the neighbours' too, that a child may attend."""
        if self.role.reaches_places:
            return within(self.nearby, "division")
        return self.unless_all(Q(pk__in=[*self.schools, *self.class_schools]))

    def class_choices(self) -> Q:
        if self.role.reaches_places:
            return within(self.nearby, "school__division")
        return self.unless_all(Q(pk__in=self.classes) | Q(school__in=self.schools))

    def postings(self) -> Q:
        """Return which postings are below one's office, and one's own."""
        office = self.offices
        below = office.records() | office.of_school("school_class__school")
        return self.unless_all(Q(user=self.user) | below)


def scope_of(user) -> Scope:
    return Scope(user)


class ChildKeys(NamedTuple):
    """A child in a condition on accounts: by its values, or by references to the query around the condition."""

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
    """One kind of reach: the condition on the children of a user, and the condition on the users of a child."""

    children: Callable[[Scope, str], Q]
    users: Callable[[ChildKeys], Q]


def posted_to(field: str, *keys) -> Q:
    """Return the condition on an account to have a posting in force to one of these."""
    return posting_in_force("postings__") & reduce(or_, (Q(**{f"postings__{field}": key}) for key in keys))


def divisions_around(village) -> list[Concat]:
    """Return the codes of a village and of all that it lies in."""
    return [Concat(Substr(village, 1, length), Value("0" * (LEVELS[-1] - length))) for length in LEVELS]


def linked_by(relation: str) -> Rule:
    """Return the rule of those whom an open row of a relation of the account links with a child."""
    row_open = {f"{relation}__ended_on": None}

    def children(scope: Scope, prefix: str) -> Q:
        mine = User._base_manager.filter(pk=scope.user.pk, **{f"{relation}__child__isnull": False}, **row_open)
        return Q(**{f"{prefix}pk__in": mine.values(f"{relation}__child")})

    return Rule(children, lambda child: Q(**{f"{relation}__child": child.pk}, **row_open))


RULES: dict[Reach, Rule] = {
    Reach.CLASSES: Rule(
        lambda scope, prefix: Q(**{f"{prefix}school_class__in": scope.classes}),
        lambda child: posted_to("school_class", child.school_class),
    ),
    Reach.SCHOOL: Rule(
        lambda scope, prefix: Q(**{f"{prefix}school__in": scope.schools}),
        lambda child: posted_to("school", child.school),
    ),
    Reach.PLACES: Rule(
        lambda scope, prefix: within(scope.spans, f"{prefix}village"),
        lambda child: posted_to("division", *divisions_around(child.village)),
    ),
    Reach.PAIRED: linked_by("carer__pairings"),  # all that the registry knows of the app of pairing
    Reach.REFERRED: linked_by("referrals"),
}
if set(RULES) != set(Reach):
    raise ImproperlyConfigured("Every kind of reach needs its rule: who has one without would see nothing.")


def account_sees(child: ChildKeys, permission: str) -> Iterator[QuerySet]:
    """Yield the accounts with a permission that see the child: `Scope.children` asked the other way round.

    One queryset for each kind of reach, because each is found by an index of its own.
    """
    able = set(roles_with(permission))
    for kind, rule in RULES.items():
        yield User.objects.order_by().filter(
            rule.users(child), role__in=able & set(roles_reaching(kind)), is_active=True
        )


def users_who_see(child, *, permission: str):
    """Return the accounts that see the child and have a permission, in order of their names."""
    ways = (Q(pk__in=accounts.values("pk")) for accounts in account_sees(ChildKeys.of(child), permission))
    return User.objects.filter(reduce(or_, ways)).order_by("name", "pk")


def user_sees_child(user: str, child: str = "child", *, permission: str) -> Q:
    """Return the condition on a row that the account in its field `user` sees its `child`, asked of many at once."""
    ways = account_sees(ChildKeys.outer(child), permission)
    return reduce(or_, (Q(Exists(accounts.filter(pk=OuterRef(user)))) for accounts in ways))
