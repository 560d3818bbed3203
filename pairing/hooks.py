"""The carers of a child, the children without one, and the events that end a pairing."""

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import record_table
from pairing import services
from pairing.models import Carer, Pairing
from pairing.querysets import unpaired
from registry.hooks import (
    before_merge,
    child_filter,
    child_panel,
    home_figure,
    home_task,
    on_close,
    on_transfer,
)
from registry.places import ancestors

MAX_PAIRINGS = 5
child_filter("unpaired", _("without a carer"), order=50)(unpaired)


@child_panel(order=10, permission="pairing.view_pairing")
def latest_carers(child, user) -> dict:
    """Return the latest carers of a visible child in one query; whoever sees the child sees them."""
    pairings = Pairing.objects.filter(child=child).select_related("carer")
    pairings = pairings.only("code", "started_on", "ended_on", "carer__name")
    latest = list(pairings.order_by(F("ended_on").desc(nulls_first=True), "-started_on")[:MAX_PAIRINGS])
    accompanied = any(pairing.ended_on is None for pairing in latest)
    actions = []
    if user.has_perm("pairing.add_pairing", child) and not accompanied and not child.closed_on:
        url = f"{reverse('pairing-create')}?child={child.code}"
        actions.append({"label": gettext("Choose a carer"), "url": url, "icon": "link"})
    return record_table(
        gettext("Carer"),
        [(_("Carer"), "carer.name"), (_("From"), "started_on"), (_("Until"), "ended_on")],
        latest,
        actions=actions,
        empty_text=gettext("This child has no carer yet."),
    )


@home_task(order=30, permission="pairing.add_pairing")
def see_unpaired(office) -> dict | None:
    return office.task_of(
        "unpaired",
        gettext("Children without a carer"),
        gettext("Every child should have a carer."),
    )


@home_task(order=35, permission="pairing.change_carer")
def see_leaving_carers(office) -> dict | None:
    """Return the task of the carers who take no more children and still have some; None without any."""
    return office.task_of_rows(
        Carer.objects.visible_to(office.user).leaving(),
        gettext("Carers who take no more children, and still have some"),
        gettext("Agree with each whether the children stay, or end the pairings and choose another carer."),
        f"{reverse('carer-list')}?leaving=on",
        gettext("Show these carers"),
    )


@home_figure(order=30, permission="reports.view_term", unless="registry.view_child")
def count_unpaired(office) -> dict:
    return office.figure_of("unpaired")


@on_close()
def release_carer(*, child, on, by) -> None:
    """End the open pairing of a closed file, on the day of closing but not before its own first day."""
    for pairing in child.pairings.open().select_related("child"):
        day = max(on, pairing.started_on)
        services.end(pairing=pairing, ended_on=day, ending=Pairing.Ending.FILE_CLOSED, by=by)


@on_transfer()
def end_pairing(*, transfer, by) -> None:
    """End the pairing with a carer of the office that the child leaves, who must not see the file any more."""
    if transfer.to_village_id:
        left, entered = ([place.code, *ancestors(place.code)] for place in (transfer.from_village, transfer.to_village))
        of_old_office = Q(carer__division__in=left) & ~Q(carer__division__in=entered)
    else:
        of_old_office = Q(carer__school=transfer.from_school_id, carer__school__isnull=False)
    for pairing in (
        Pairing.objects.open().filter(of_old_office, child=transfer.child_id).select_for_update(of=("self",))
    ):
        end_now(pairing, Pairing.Ending.CHILD_LEFT)
        pairing.save()


@before_merge("pairing.pairing")
def end_second_pairing(pairing: Pairing) -> None:
    """End an open pairing today: it moves along as history, and its seat is free."""
    if pairing.ended_on is None:
        end_now(pairing, Pairing.Ending.FILE_CLOSED)


def end_now(pairing: Pairing, ending: str) -> None:
    """End a pairing today, but not before its first day, without saving it."""
    pairing.ended_on, pairing.ending = max(timezone.localdate(), pairing.started_on), ending
