"""The activities that a child took part in, on its page."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import Activity, Attendance
from carebase.display import display
from carebase.views import record_table
from registry.access import scope_of
from registry.hooks import child_panel

MAX_ACTIVITIES = 5


@child_panel(order=30, permission="activities.view_activity")
def latest_activities(child, user) -> dict:
    """Return the latest activities of a visible child in one query; those of other offices have no link."""
    panel = record_table(
        gettext("Activities"),
        [(_("Title"), "title"), (_("Kind"), "kind"), (_("First day"), "held_on")],
        [],
        empty_text=gettext("The child has not taken part in any activity yet."),
    )
    office = ("activity__division", "activity__school", "activity__school__division")
    rows = Attendance.objects.filter(child=child).held_until(timezone.localdate()).order_by("-activity__held_on", "-pk")
    rows = rows.values_list("activity__code", "activity__title", "activity__kind", "activity__held_on", *office)
    offices = scope_of(user).workplaces
    for code, title, kind, held_on, division, school, school_place in rows[:MAX_ACTIVITIES]:
        own = offices.covers(division=division, school=school, school_place=school_place)
        url = reverse("activity-detail", args=[code]) if own else ""
        panel["rows"].append({"url": url, "cells": [title, str(Activity.Kind(kind).label), display(held_on)]})
    return panel
