"""Which rows: the one rule of who sees which children, and the words that readings are made of.

A class teacher sees the children of their classes; a school head those of the school; a village those living in it;
a coordinator those of the division, which is a range of place codes. A carer sees the children they are paired with,
a counsellor those referred to them, and whoever is a carer beside another role sees those children too. Auditors and
system administrators see no child. A posting that is not in force shows nothing.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from carebase.accounts.roles import Role
from carebase.audit.models import Action, TrackedQuerySet, build
from carebase.bulk import insert
from registry.places import ancestors, span, township_span

LISTED = ("code", "name", "sex", "birth_date", "schooling", "village__name", "school__name") + (
    "school_class__entry_year",
    "school_class__number",
    "school_class__school__first_grade",
    "school_class__school__last_grade",
)


class Reach(NamedTuple):
    """What one posting reaches, by the keys of its division, school or class, and where that school stands."""

    division: str | None
    school: int | None
    school_class: int | None
    class_school: int | None
    school_place: str | None
    class_place: str | None


@dataclass
class Scope:
    """What the postings in force of a user reach: ranges of place codes, schools and classes."""

    reach: list[Reach]

    @cached_property
    def spans(self) -> list[tuple[str, str]]:
        return [span(reach.division) for reach in self.reach if reach.division]

    @cached_property
    def schools(self) -> list[int]:
        return [reach.school for reach in self.reach if reach.school]

    @cached_property
    def classes(self) -> list[int]:
        return [reach.school_class for reach in self.reach if reach.school_class]

    @cached_property
    def nearby(self) -> list[tuple[str, str]]:
        """Return the ranges that one may choose places from: a school's township, a village's township."""
        spans = [township_span(first) if first[9:] != "000" else (first, last) for first, last in self.spans]
        spans += [township_span(place) for reach in self.reach if (place := reach.school_place or reach.class_place)]
        return list(dict.fromkeys(spans))


def scope_of(user) -> Scope:
    return Scope(user.reach)


def within(spans: list[tuple[str, str]], field: str) -> Q:
    """Return the condition that the place code in `field` lies in one of `spans`; nothing when there is none."""
    condition = Q(pk__in=[])
    for first, last in spans:
        condition |= Q(**{f"{field}__gte": first, f"{field}__lte": last})
    return condition


def reaches(user, prefix: str = "") -> Q:
    """Return the condition on a child (or on what belongs to one, with `prefix` such as "child__") to be visible."""
    from registry.models import Child  # the manager below is part of that model

    scope = scope_of(user)
    children = Child._base_manager

    def paired() -> Q:
        mine = children.filter(pairings__carer__user=user, pairings__ended_on=None).values("pk")
        return Q(**{f"{prefix}pk__in": mine})

    match user.role:
        case Role.TEACHER:
            return Q(**{f"{prefix}school_class__in": scope.classes}) | paired()
        case Role.HEAD:
            return Q(**{f"{prefix}school__in": scope.schools}) | paired()
        case Role.VILLAGE | Role.COORDINATOR:
            return within(scope.spans, f"{prefix}village")
        case Role.CARER:
            return paired()
        case Role.COUNSELLOR:
            referred = children.filter(referrals__counsellor=user, referrals__ended_on=None).values("pk")
            return Q(**{f"{prefix}pk__in": referred})
    return Q(pk__in=[])


class ChildQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the children that `user` may know of."""
        return self.filter(reaches(user))

    def open(self):
        """Leave out closed files."""
        return self.filter(closed_on=None)

    def unplaced(self):
        """Return pupils of whom no class is known."""
        return self.filter(school_class=None, schooling__in=["primary", "junior"])

    def left_behind(self, definition, on):
        """Return the children who surely count as left-behind by `definition` on the day `on`."""
        return self.filter(self._judged(definition, on).yes)

    def not_left_behind(self, definition, on):
        """Return the children who surely do not count; `undecided` has those of whom a fact is not recorded."""
        return self.filter(self._judged(definition, on).no)

    def undecided(self, definition, on):
        """Return the children who may count or not: a fact that `definition` asks for is not recorded."""
        judged = self._judged(definition, on)
        return self.exclude(judged.yes | judged.no)

    @staticmethod
    def _judged(definition, on):
        from registry.leftbehind import conditions  # which reads the models that stand upon this module

        return conditions(definition, on)

    def living_in(self, division):
        first, last = division.span
        return self.filter(village__gte=first, village__lte=last)

    def with_id_number(self, number: str):
        return self.filter(id_number_index=self.model._meta.get_field("id_number_index").hash(number))

    def called(self, words: str):
        """Return the children found by name, by pinyin or its initials, by code, or by village."""
        for word in words.lower().split():
            match = Q(code=word.upper()) | Q(name__contains=word) | Q(village__name__startswith=word)
            if word.isascii():
                for keys in ("pinyin", "initials"):
                    match |= Q(**{f"{keys}__startswith": word}) | Q(**{f"{keys}__contains": f" {word}"})
            self = self.filter(match)
        return self

    def for_list(self):
        """Return the children in order with what lists show; what is encrypted is not even deciphered for them."""
        together = self.select_related("village", "school", "school_class__school")
        return together.only(*LISTED).order_by("village_id", "pinyin", "pk")

    def insert(self, children) -> None:
        """Insert many new files and one audit line each, as `bulk_create` does but in half of its time."""
        insert(children)
        keys = dict(
            self.model._base_manager.filter(code__in=[child.code for child in children]).values_list("code", "pk")
        )
        for child in children:
            child.pk = keys[child.code]
        insert([build(Action.CREATE, child) for child in children])


class BelongsToChild(TrackedQuerySet):
    """Whatever belongs to a child follows the child."""

    def visible_to(self, user):
        return self.filter(reaches(user, "child__"))


class AbsenceQuerySet(BelongsToChild):
    def on(self, day):
        """Return the absences that lasted on `day`; where nobody knows since when, since it was first recorded."""
        started = self.annotate(since=Coalesce("left_on", "known_on"))
        return started.filter(Q(returned_on=None) | Q(returned_on__gt=day), since__lte=day)


class GuardianshipQuerySet(BelongsToChild):
    def on(self, day):
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)

    def alarming(self):
        """Return the present rows of children under 16 who live alone; only a new guardianship takes one out."""
        today = timezone.localdate()
        sixteen = today.replace(year=today.year - 16)  # a leap year too, where today is 29 February
        return self.filter(alone=True, ends_on=None, child__closed_on=None, child__birth_date__gt=sixteen)

    def entrusted_now(self):
        """Return the present guardianships that parents entrusted to somebody, of open files."""
        return self.filter(entrusted=True, ends_on=None, child__closed_on=None)

    def unwritten(self):
        """Return the entrusted ones of which no agreement is written down."""
        return self.entrusted_now().filter(entrustment=None)

    def running(self):
        return self.entrusted_now().filter(entrustment__isnull=False, entrustment__ended_on=None)

    def unsigned(self):
        return self.running().filter(entrustment__signed_on=None)

    def expired(self):
        return self.running().filter(entrustment__term_to__lt=timezone.localdate())

    def over(self):
        """Return those whose agreement was ended while nobody new looks after the child."""
        return self.entrusted_now().filter(entrustment__ended_on__isnull=False)

    def untold(self):
        """Return those of which the school or the village was not told in writing (article 23)."""
        return self.running().filter(Q(entrustment__school_told_on=None) | Q(entrustment__village_told_on=None))

    def due_for_review(self):
        return self.running().filter(entrustment__review_on__lte=timezone.localdate())

    def needing_work(self):
        """Return all of the above: no agreement, or one that wants something."""
        today = timezone.localdate()
        missing = ("signed_on", "school_told_on", "village_told_on")  # so is each where there is no agreement
        due = Q(entrustment__term_to__lt=today) | Q(entrustment__review_on__lte=today)
        for name in missing:
            due |= Q(**{f"entrustment__{name}": None})
        return self.entrusted_now().filter(due | Q(entrustment__ended_on__isnull=False))


class EntrustmentQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(reaches(user, "guardianship__child__"))


class ComparisonQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the comparisons of the schools and divisions that the user's own postings reach."""
        return self.filter(compared_in(user))


class ComparisonRowQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the rows of one's comparisons, but for the children who are another office's, or are so by now."""
        return self.filter(compared_in(user, "comparison__"), Q(child=None) | reaches(user, "child__"))

    def unsettled(self):
        return self.filter(outcome="").exclude(status="both")


def compared_in(user, prefix: str = "") -> Q:
    scope = scope_of(user)
    if user.role == Role.HEAD:
        return Q(**{f"{prefix}school__in": scope.schools})
    return within(scope.spans, f"{prefix}division") | within(scope.spans, f"{prefix}school__division")


class TransferQuerySet(TrackedQuerySet):
    """An offer is known to both sides, the child's file only to the one that has it."""

    def given_by(self, user):
        """Return the transfers of whom the user has the child, or whose office gave it away."""
        spans, schools = scope_of(user).spans, scope_of(user).schools
        gave = within(spans, "from_village") | within(spans, "from_school__division") | Q(from_school__in=schools)
        return self.filter(reaches(user, "child__") | gave)

    def offered_to(self, user):
        """Return the transfers that the user's office answers."""
        spans, schools = scope_of(user).spans, scope_of(user).schools
        if user.role == Role.HEAD:
            return self.filter(to_school__in=schools)
        if user.role == Role.VILLAGE:
            return self.filter(within(spans, "to_village"))
        if user.role == Role.COORDINATOR:
            return self.filter(within(spans, "to_village") | within(spans, "to_school__division"))
        return self.none()

    def visible_to(self, user):
        """Return the transfers of both sides; what was withdrawn never was the other side's to know."""
        return self.given_by(user) | self.offered_to(user).exclude(state="withdrawn")

    def open(self):
        return self.filter(state="open")


class DecisionQuerySet(BelongsToChild):
    def keeping(self, day):
        """Return the decisions that keep a file open on `day`."""
        return self.filter(kind="kept", until__gt=day)


class DefinitionQuerySet(TrackedQuerySet):
    def in_force(self, on):
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)

    def applying_to(self, village: str):
        """Return the definitions that count in the village with this code: the general ones and those of its range."""
        return self.filter(Q(division=None) | Q(division__in=[*ancestors(village), village]))

    def visible_to(self, user):
        """Return the definitions that `user` keeps: a coordinator those of their own range, never the national."""
        return self if user.role == Role.ADMIN else self.filter(within(scope_of(user).spans, "division"))


class DivisionQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        if user.role == Role.ADMIN:
            return self
        return self.filter(within(scope_of(user).nearby, "code"))

    def governed_by(self, user):
        """Return the divisions that the user's own postings reach, as for a report; none for school staff."""
        return self if user.role == Role.ADMIN else self.filter(within(scope_of(user).spans, "code"))

    def villages(self):
        return self.exclude(code__endswith="000")

    def for_choice(self):
        """Return the divisions with their names alone; a county has hundreds."""
        return self.only("name")


class SchoolQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        if user.role == Role.ADMIN:
            return self
        if user.role in {Role.VILLAGE, Role.COORDINATOR}:
            return self.filter(within(scope_of(user).nearby, "division"))
        scope = scope_of(user)
        return self.filter(Q(pk__in=scope.schools) | Q(classes__in=scope.classes)).distinct()


class SchoolClassQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        if user.role == Role.ADMIN:
            return self
        scope = scope_of(user)
        if user.role in {Role.VILLAGE, Role.COORDINATOR}:
            return self.filter(within(scope.nearby, "school__division"))
        return self.filter(Q(pk__in=scope.classes) | Q(school__in=scope.schools))

    def for_choice(self):
        labelled = self.select_related("school").order_by("school_id", "-entry_year", "number")
        return labelled.only("entry_year", "number", "school__name", "school__first_grade", "school__last_grade")


class TermQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self

    def on(self, day):
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def current(self):
        """Return the term of today, or else the last that began; None while there is none."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today).order_by("-starts_on").first()


class PostingQuerySet(TrackedQuerySet):
    def in_force(self):
        """Return the postings that give rights today: approved by a second person, begun and not ended."""
        today = timezone.localdate()
        running = Q(ends_on=None) | Q(ends_on__gte=today)
        return self.filter(running, starts_on__lte=today, approved_by__isnull=False)

    def with_places(self):
        return self.select_related("division", "school", "school_class__school")

    def reach(self) -> list[Reach]:
        """Return what each posting reaches, without making a record of it: this is asked on every page."""
        class_school = "school_class__school"
        keys = ("division", "school", "school_class", class_school, "school__division", f"{class_school}__division")
        return [Reach(*row) for row in self.order_by().values_list(*keys)]

    def visible_to(self, user):
        """Return the postings below one's office; a posting itself is never enough to see another's."""
        if user.role == Role.ADMIN:
            return self
        scope, below = scope_of(user), Q(user=user)
        if user.role in {Role.COORDINATOR, Role.VILLAGE}:
            for place in ("division", "school__division", "school_class__school__division"):
                below |= within(scope.spans, place)
        elif user.role == Role.HEAD:
            below |= Q(school__in=scope.schools) | Q(school_class__school__in=scope.schools)
        return self.filter(below)
