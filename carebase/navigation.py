"""The way around, by role: one line a page, shown to those whose role may open it."""

import re
from functools import cache, lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# (label, URL name, permission or None, icon)
PAGES = (
    (_("Home"), "home", None, "house"),
    (_("Children"), "child-list", "registry.view_child", "people"),
    (_("Census work"), "census-work", "registry.add_child", "list"),
    (_("Visits"), "visit-list", "visits.view_visit", "journal"),
    (_("Pairing"), "pairing-list", "pairing.view_pairing", "link"),
    (_("Activities"), "activity-list", "activities.view_activity", "calendar"),
    (_("Reports"), "report-list", "reports.view_term", "report"),
    (_("Audit trail"), "event-list", "audit.view_event", "shield"),
)


# Beside the pages above, the way to Django admin for those who work there.
DESK = (_("Office desk"), "admin:index", None, "gear")


# The lists of the census work stand beside it under /children/, as the children do.
CENSUS_WORK = re.compile(
    "/children/(work|alone|closing|duplicates|enrol|entrustments|imports?|merges|papers|rounds|surveys|tasks|transfers"
    "|verification)/"
)
LINES = {line[1]: line for line in (*PAGES, DESK)}


def navigation(request) -> dict:
    """Context processor: `navigation` (None before sign-in), the role of the signed-in user."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return {"navigation": None}
    names = [name for _label, name, permission, _icon in PAGES if permission is None or user.has_perm(permission)]
    here = place_of(request.path, names)
    if user.is_staff:
        names.append(DESK[1])
    menu = printed(tuple(names), here, get_language())
    return {"navigation": menu, "role_label": user.get_role_display()}


def place_of(path: str, names: list[str]) -> str:
    """Return the page of the menu, among `names`, that `path` belongs to, or ""."""
    if "census-work" in names and CENSUS_WORK.match(path):
        return "census-work"
    return max((name for name in names if is_at(address(name), path)), key=lambda name: len(address(name)), default="")


def is_at(page: str, path: str) -> bool:
    return path == page or (page != "/" and path.startswith(page))


@cache
def address(name: str) -> str:
    return reverse(name)


@lru_cache(maxsize=500)
def printed(names: tuple[str, ...], here: str, language: str) -> str:
    """Return the menu of these pages, made once for all who may open them: it stands twice on every page."""
    lines = [LINES[name] for name in names]
    items = [
        {"label": label, "url": address(name), "icon": icon, "active": name == here}
        for label, name, _permission, icon in lines
    ]
    return render_to_string("includes/navigation.html", {"items": items})
