"""What activities add to the page of a child: those that it took part in."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import Activity, Attendance
from carebase.views import items, table
from registry.panels import panel

LATEST = 5


@panel(30)
def latest_activities(child, user) -> dict | None:
    """Return the latest activities of the child, one query; another office's bear no link."""
    if not user.has_perm("activities.view_activity"):
        return None
    own = Exists(Activity.objects.visible_to(user).filter(pk=OuterRef("activity")))
    rows = Attendance.objects.visible_to(user).filter(child=child).select_related("activity").annotate(own=own)
    rows = rows.only(*(f"activity__{name}" for name in ("code", "title", "kind", "held_on")))
    shown = table(
        gettext("Activities"),
        [(_("Title"), "title"), (_("Kind"), "kind"), (_("First day"), "held_on")],
        [],
        empty_text=gettext("The child has taken part in no activity yet."),
    )
    accessors = [("", "activity.title"), ("", "activity.kind"), ("", "activity.held_on")]
    for row in rows.order_by("-activity__held_on", "-pk")[:LATEST]:
        cells = [item["value"] for item in items(row, *accessors)]
        shown["rows"].append({"url": row.activity.get_absolute_url() if row.own else "", "cells": cells})
    return shown
