"""The words that readings of the registry are made of; which rows a user sees is said in registry/access.py."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from carebase.accounts.roles import Reach
from carebase.audit.models import Action, TrackedQuerySet, build_event
from carebase.bulk import bulk_insert
from carebase.pinyin import named
from registry.access import RULES, PostedPlace, active_on, posting_in_force, scope_of, within
from registry.guardianship.living_alone import living_alone_condition
from registry.places import LEVELS, ancestors, prefix
from registry.search import class_named, lineage, names_in

LIST_FIELDS = ("code", "name", "sex", "birth_date", "schooling", "village__name", "school__name") + (
    "school_class__entry_year",
    "school_class__number",
    "school_class__school__first_grade",
    "school_class__school__last_grade",
)


class WithinReach(TrackedQuerySet):
    """Rows of a child, to which `child_path` leads: who may use a permission on the child may use it on them."""

    child_path = ""

    def visible_to(self, user):
        return self.filter(scope_of(user).children(self.child_path))

    def permitted_to(self, user, permission):
        """Return the visible rows whose child is reached in a way that gives the permission."""
        rows, scope = self.visible_to(user), scope_of(user)
        return rows.filter(scope.children(self.child_path, permission)) if scope.is_narrower(permission) else rows


class BelongsToChild(WithinReach):
    child_path = "child__"


class ChildQuerySet(WithinReach):
    def reached_by(self, user, kind: Reach):
        """Return the visible children whom `user` reaches in one way, as by being their carer."""
        return self.filter(RULES[kind].children(scope_of(user), ""))

    def open(self):
        return self.filter(closed_on=None)

    def unmerged(self):
        """Return the files without those merged into another, which stands for the child on any day."""
        return self.exclude(closing="duplicate")

    def open_on(self, day):
        """Return the files that were open at the end of `day`."""
        return self.unmerged().filter(Q(closed_on=None) | Q(closed_on__gt=day), opened_on__lte=day)

    def open_within(self, first, last):
        """Return the files that were open on some day from `first` to `last`."""
        return self.unmerged().filter(Q(closed_on=None) | Q(closed_on__gte=first), opened_on__lte=last)

    def unplaced(self):
        return self.filter(school_class=None, schooling__in=["primary", "junior"])

    def living_in(self, division):
        return self.filter(within([division.span], "village"))

    def with_id_number(self, number: str):
        return self.filter(id_number_index=self.model._meta.get_field("id_number_index").hash(number))

    def search(self, words: str):
        """Return the children found by name, by pinyin or its initials, by code, or by village."""
        for word in words.lower().split():
            match = Q(code=word.upper()) | Q(name__contains=word) | Q(village__name__startswith=word)
            if word.isascii():
                for keys in ("pinyin", "initials"):
                    match |= Q(**{f"{keys}__startswith": word}) | Q(**{f"{keys}__contains": f" {word}"})
            self = self.filter(match)
        return self

    def for_choice(self):
        return self.select_related("village").order_by("pinyin", "pk")

    def for_list(self):
        """Return the children in order with the columns of lists only, so that nothing is decrypted for them."""
        children = self.select_related("village", "school", "school_class__school")
        return children.only(*LIST_FIELDS).order_by("village_id", "pinyin", "pk")

    def insert(self, children) -> None:
        """Insert many children with an audit event each, like `bulk_create` but in half of its time."""
        bulk_insert(children)
        keys = dict(
            self.model._base_manager.filter(code__in=[child.code for child in children]).values_list("code", "pk")
        )
        for child in children:
            child.pk = keys[child.code]
        bulk_insert([build_event(Action.CREATE, child) for child in children])


class AbsenceQuerySet(BelongsToChild):
    def on(self, day):
        """Return the absences on `day`; one without a start counts from when it was first recorded."""
        return self.annotate(since=Coalesce("left_on", "known_on")).filter(active_on("since", "returned_on", day))


class GuardianshipQuerySet(BelongsToChild):
    def on(self, day):
        return self.filter(active_on("starts_on", "ends_on", day))

    def living_alone(self):
        """Return the current rows of children under 16 who live alone."""
        return self.filter(living_alone_condition())

    def entrusted_now(self):
        """Return current guardianships entrusted by the parents, of open files."""
        return self.filter(entrusted=True, ends_on=None, child__closed_on=None)

    def without_agreement(self):
        return self.entrusted_now().filter(entrustment=None)

    def agreement_active(self):
        return self.entrusted_now().filter(entrustment__isnull=False, entrustment__ended_on=None)

    def unsigned(self):
        return self.agreement_active().filter(entrustment__signed_on=None)

    def expired(self):
        return self.agreement_active().filter(entrustment__term_to__lt=timezone.localdate())

    def agreement_ended(self):
        """Return those whose agreement has ended although there is no new guardian."""
        return self.entrusted_now().filter(entrustment__ended_on__isnull=False)

    def not_notified(self):
        """Return those of which the school or village was not notified in writing (article 23)."""
        return self.agreement_active().filter(
            Q(entrustment__school_told_on=None) | Q(entrustment__village_told_on=None)
        )

    def due_for_review(self):
        return self.agreement_active().filter(entrustment__review_on__lte=timezone.localdate())

    def needing_action(self):
        today = timezone.localdate()
        missing = ("signed_on", "school_told_on", "village_told_on")  # also None without an agreement
        due = Q(entrustment__term_to__lt=today) | Q(entrustment__review_on__lte=today)
        for name in missing:
            due |= Q(**{f"entrustment__{name}": None})
        return self.entrusted_now().filter(due | Q(entrustment__ended_on__isnull=False))


class EntrustmentQuerySet(WithinReach):
    child_path = "guardianship__child__"


class ComparisonQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the comparisons of the schools and divisions that the user's own postings reach."""
        return self.filter(scope_of(user).offices.records())

    def unsettled(self):
        """Return the comparisons with a row that nobody has settled."""
        rows = self.model._meta.get_field("rows").related_model.objects.filter(comparison=OuterRef("pk"))
        return self.filter(Exists(rows.unsettled()))


class ComparisonRowQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the rows of own comparisons, except those of children of another office."""
        scope = scope_of(user)
        own_child = scope.children("child__", "registry.view_comparison")
        return self.filter(scope.offices.records("comparison__"), Q(child=None) | own_child)

    def unsettled(self):
        return self.filter(outcome="").exclude(status="both")


class TransferQuerySet(TrackedQuerySet):
    """Both sides see an offer, but only the sender sees the child's file."""

    def sent_by(self, user):
        """Return the transfers of children in scope, and those that the user's office sent."""
        scope = scope_of(user)
        sent = scope.offices.of_division("from_village") | scope.offices.of_school("from_school")
        return self.filter(scope.children("child__", "registry.change_transfer") | sent)

    def offered_to(self, user):
        """Return the transfers that the user's office decides; a village does not for the schools in it."""
        offices = scope_of(user).offices
        received = offices.of_division("to_village")
        if not user.role_definition.keeps_one_place:
            received |= offices.of_school("to_school")
        return self.filter(received)

    def answerable_by(self, user):
        """Return the open transfers that the user may answer: never an offer of their own."""
        return self.offered_to(user).open().exclude(offered_by=user)

    def visible_to(self, user):
        """Return the transfers of both sides; the receiver does not see withdrawn ones."""
        return self.sent_by(user) | self.offered_to(user).exclude(state="withdrawn")

    def open(self):
        return self.filter(state="open")


class ReferralQuerySet(BelongsToChild):
    def readable_by(self, user):
        """Leave a counsellor their own referrals: the reason for another's is not theirs to read."""
        return self.filter(counsellor=user) if user.role_definition.counsels else self

    def open(self):
        return self.filter(ended_on=None)


class DecisionQuerySet(BelongsToChild):
    def keeping_open(self, day):
        return self.filter(kind="kept", until__gt=day)


class DefinitionQuerySet(TrackedQuerySet):
    def in_force(self, on):
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)

    def applying_to(self, village: str):
        """Return the definitions that count in the village with this code: the general ones and those of its range."""
        return self.filter(Q(division=None) | Q(division__in=[*ancestors(village), village]))

    def visible_to(self, user):
        """Return the definitions that `user` keeps: a coordinator those of their own range, never the national."""
        return self.filter(scope_of(user).governed("division"))

    def readable_by(self, user):
        """Return the definitions that `user` keeps, and the general ones, which papers offer everyone."""
        return self.filter(Q(pk__in=self.visible_to(user).values("pk")) | Q(division=None))


class DivisionQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(scope_of(user).divisions())

    def governed_by(self, user):
        """Return the divisions that the user's own postings reach, as for a report; none for school staff."""
        return self.filter(scope_of(user).governed("code"))

    def villages(self):
        return self.exclude(code__endswith="000")

    def missing_above(self, code: str) -> str:
        """Return the code of the division directly above `code` from a county down, if it is not there, or ""."""
        above = [place for place in ancestors(code) if len(prefix(place)) >= LEVELS[2]]
        return "" if not above or self.filter(code=above[-1]).exists() else above[-1]

    def counties_near(self, code: str) -> set[str]:
        """Return the six digits of each county of the prefecture in which `code` lies."""
        prefecture = code[: LEVELS[1]]
        inside = self.filter(
            code__range=(prefecture.ljust(12, "0"), prefecture.ljust(12, "9")), code__endswith="000000"
        )
        counties = {found[: LEVELS[2]] for found in inside.values_list("code", flat=True)}
        return counties - {prefecture.ljust(LEVELS[2], "0")}

    def search(self, words: str):
        """Return the divisions found by code, or by parts of their name, or of the names above, or by their pinyin."""
        for word in names_in(words):
            inside = self.model._base_manager.filter(named(word) | Q(aliases__contains=word), code__in=lineage())
            self = self.filter(Exists(inside) | Q(code__startswith=word))
        return self

    def for_choice(self):
        """Return the divisions with the name of the one `above` each, for a county has namesakes."""
        higher = self.model._base_manager.filter(code__in=lineage(), code__lt=OuterRef("code")).order_by("-code")
        return self.annotate(above=Subquery(higher.values("name")[:1]))


class SchoolQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(scope_of(user).school_choices())

    def own_of(self, user):
        """Return the schools that the user's own postings reach; not the neighbours' that a child may attend."""
        workplaces = scope_of(user).workplaces
        return self.filter(workplaces.of_division() | Q(pk__in=workplaces.schools))

    def search(self, words: str):
        """Return the schools found by code, or by parts of their name or of their place's, or by its pinyin."""
        for word in words.split():
            self = self.filter(named(word) | Q(division__name__contains=word) | Q(code__startswith=word))
        return self


class SchoolClassQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self.filter(scope_of(user).class_choices())

    def search(self, words: str):
        """Return the classes found by grade and number (五(2)班, 2021级2班) and by words of their school."""
        schools = SchoolQuerySet(self.model._meta.get_field("school").related_model)
        for word in words.split():
            self = self.filter(class_named(word) | Q(school__in=schools.search(word)))
        return self

    def for_choice(self):
        return self.select_related("school")


class TermQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        return self

    def on(self, day):
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def current(self):
        """Return the term of today, or else the last that began; None while there is none."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today).order_by("-starts_on").first()


SEARCHED_BY = ("user", "school_class", "school", "division")  # of a posting


class PostingQuerySet(TrackedQuerySet):
    def in_force(self):
        """Return the postings that give rights today: approved by a second person, begun and not ended."""
        return self.filter(posting_in_force())

    def awaiting_approval(self):
        """Return the postings that a second person has still to approve; one that ended needs nobody any more."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()), approved_by=None)

    def with_places(self):
        return self.select_related("division", "school", "school_class__school")

    def search(self, words: str):
        """Return the postings found by person, or by place: a class by its grade or its school."""
        related = {name: self.model._meta.get_field(name).related_model.objects for name in SEARCHED_BY}
        for word in words.split():
            found = [(f"{name}__in", rows.search(word)) for name, rows in related.items()]
            self = self.filter(Q(*found, _connector=Q.OR))
        return self

    def reach(self) -> list[PostedPlace]:
        """Return what each posting reaches, without making a record of it: this is asked on every page."""
        class_school = "school_class__school"
        keys = ("division", "school", "school_class", class_school, "school__division", f"{class_school}__division")
        return [PostedPlace(*row) for row in self.order_by().values_list(*keys)]

    def visible_to(self, user):
        """Return the postings below one's office; a posting itself is never enough to see another's."""
        return self.filter(scope_of(user).postings())
