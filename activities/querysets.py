"""Querysets of activities and donations; a user sees those of their own offices."""

from django.db.models import BigIntegerField, Case, Count, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest, Least, Round

from carebase.audit.models import TrackedQuerySet
from registry.access import scope_of
from registry.querysets import BelongsToChild


class OfficeRecordQuerySet(TrackedQuerySet):
    """Records of an office, searched in `search_fields` and listed by `date_field`, the latest first."""

    date_field = "held_on"
    search_fields = ("title", "place")

    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records())

    def for_list(self):
        return self.select_related("division", "school").order_by(f"-{self.date_field}", "-pk")

    def about(self, text: str, kind: str = ""):
        rows = self.filter(kind=kind) if kind else self
        contains = Q(*((f"{name}__contains", text) for name in self.search_fields), _connector=Q.OR)
        return rows.filter(contains) if text else rows


class ActivityQuerySet(OfficeRecordQuerySet):
    def with_counts(self):
        """Annotate the number of children `on_list`."""
        return self.annotate(on_list=Count("attendances"))

    def for_list(self):
        return super().for_list().with_counts()

    def search(self, text: str):
        """Return the activities with each word of `text` in the title or the place."""
        for word in text.split():
            self = self.about(word)
        return self


class DonationQuerySet(OfficeRecordQuerySet):
    date_field = "received_on"
    search_fields = ("donor", "purpose")


class ActivityPartQuerySet(TrackedQuerySet):
    """Rows of an activity, visible like the activity itself."""

    def visible_to(self, user):
        return self.filter(scope_of(user).workplaces.records("activity__"))


class AttendanceQuerySet(BelongsToChild):
    def held_until(self, day):
        """Return those of activities that had begun by `day`; who is on the list of a later one has not been there."""
        return self.filter(activity__held_on__lte=day)


class HandoutQuerySet(BelongsToChild):
    def held_until(self, day):
        return self.filter(goods__activity__held_on__lte=day)

    def with_share(self):
        """Annotate `share`: the value of the pieces in fen, so that all pieces of an item add up to its value.

        The fen that do not divide go to the pieces handed out first, one each (the largest remainder: all are equal).
        """
        earlier = self.model._base_manager.filter(goods=OuterRef("goods"), pk__lt=OuterRef("pk")).order_by()
        before = Coalesce(Subquery(earlier.values("goods").values(sum=Sum("quantity"))), Value(0))
        whole = BigIntegerField()
        fen = Cast(Round(F("goods__value") * 100), whole)  # whole numbers, which both databases divide without a rest
        rows = self.alias(fen=fen, pieces=Cast("goods__quantity", whole), own=Cast("quantity", whole))
        rows = rows.alias(left=F("fen") % F("pieces"))
        rows = rows.alias(before=Case(When(left=0, then=Value(0)), default=before, output_field=whole))
        larger = Least(Greatest(F("left") - F("before"), Value(0), output_field=whole), F("own"), output_field=whole)
        return rows.annotate(share=F("fen") / F("pieces") * F("own") + larger)
