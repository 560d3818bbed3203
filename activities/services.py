"""Attendance and handed-out goods, among the children that the user sees."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.models import Activity, Attendance, Goods, Handout
from carebase.audit.context import acting_as
from registry.models import Child

CHANGE_ACTIVITY = "activities.change_activity"


def record_attendance(*, activity: Activity, children: Iterable[Child], by) -> tuple[int, int]:
    """Set the attendance among the children visible to `by`; others stay on the list. Return (added, removed).

    Raise ValidationError for a child out of scope, and for removing one who received something.
    """
    with acting_as(by), transaction.atomic():
        Activity.objects.lock_visible_to(by, activity.pk)
        wanted = {child.pk: child for child in children}
        if Child.objects.permitted_to(by, CHANGE_ACTIVITY).filter(pk__in=wanted).count() != len(wanted):
            raise ValidationError(_("One of these children is outside your area."))
        present = {row.child_id: row for row in visible_attendances(activity, by)}
        removed = [row for child, row in present.items() if child not in wanted]
        check_received_nothing(activity, removed)
        for row in removed:
            row.delete()
        added = [Attendance(activity=activity, child=child) for pk, child in wanted.items() if pk not in present]
        Attendance.objects.bulk_create(added)
    return len(added), len(removed)


def hand_out(*, activity: Activity, by) -> int:
    """Give each visible child present one of each item that it has not received; return the number of pieces.

    Raise ValidationError when there are fewer pieces than children who have received none.
    """
    with acting_as(by), transaction.atomic():
        Activity.objects.lock_visible_to(by, activity.pk)
        children = [row.child for row in visible_attendances(activity, by)]
        handouts = []
        for line in Goods.objects.filter(activity=activity).select_for_update().order_by("pk"):
            received = dict(line.handouts.values_list("child", "quantity"))
            without = [child for child in children if child.pk not in received]
            check_stock(line, sum(received.values()), len(without))
            handouts += [Handout(goods=line, child=child) for child in without]
        Handout.objects.bulk_create(handouts)
    return len(handouts)


def save_goods(*, activity: Activity, saved: Iterable[Goods], removed: Iterable[Goods], by) -> None:
    """Save and delete goods of an activity; raise ValidationError where more was already handed out."""
    with acting_as(by), transaction.atomic():
        Activity.objects.lock_visible_to(by, activity.pk)
        for line in saved:
            check_handed_out(line)
            line.save()
        for line in removed:
            check_handed_out(line, quantity=0)
            line.delete()


def check_handed_out(line: Goods, quantity: int | None = None) -> None:
    """Refuse a quantity (by default the line's own) below what was handed out; locks the row until the save."""
    if line.pk is None:
        return
    quantity = line.quantity if quantity is None else quantity
    with transaction.atomic():
        Goods.objects.select_for_update().filter(pk=line.pk).first()
    given = line.handouts.aggregate(given=Sum("quantity"))["given"] or 0
    if quantity < given:
        text = ngettext(
            "%(given)d of %(item)s was already handed out; the quantity cannot be lower.",
            "%(given)d of %(item)s were already handed out; the quantity cannot be lower.",
            given,
        )
        raise ValidationError(text % {"given": given, "item": line.item})


def visible_attendances(activity: Activity, by):
    return Attendance.objects.visible_to(by).filter(activity=activity).select_related("child").order_by("pk")


def check_received_nothing(activity: Activity, rows: list[Attendance]) -> None:
    children = {row.child_id: row.child for row in rows}
    received = Handout.objects.filter(goods__activity=activity, child__in=children)
    names = [children[pk].name for pk in received.values_list("child", flat=True).order_by("child").distinct()]
    if names:
        raise ValidationError(
            _("%(names)s received something here and stays on the list.") % {"names": "、".join(names)}
        )


def check_stock(line: Goods, given: int, wanted: int) -> None:
    left = line.quantity - given
    if wanted > left:
        raise ValidationError(
            ngettext(
                "Of %(item)s %(left)d is left, for %(wanted)d children who have received none.",
                "Of %(item)s %(left)d are left, for %(wanted)d children who have received none.",
                left,
            )
            % {"item": line.item, "left": left, "wanted": wanted}
        )
