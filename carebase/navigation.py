"""The way around, by role: one line a page, shown to those whose role may open it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# (label, URL name, permission or None, icon)
PAGES = (
    (_("Home"), "home", None, "house"),
    (_("Children"), "child-list", "registry.view_child", "people"),
    (_("Visits"), "visit-list", "visits.view_visit", "journal"),
    (_("Pairing"), "pairing-list", "pairing.view_pairing", "link"),
    (_("Activities"), "activity-list", "activities.view_activity", "calendar"),
    (_("Reports"), "report-list", "reports.view_term", "report"),
    (_("Audit trail"), "event-list", "audit.view_event", "shield"),
)


def navigation(request) -> dict:
    """Context processor: `navigation` (None before sign-in), the role and the office of the signed-in user."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return {"navigation": None}
    pages = [
        {"label": label, "url": reverse(name), "icon": icon}
        for label, name, permission, icon in PAGES
        if permission is None or user.has_perm(permission)
    ]
    for page in pages:
        page["active"] = request.path == page["url"] or (page["url"] != "/" and request.path.startswith(page["url"]))
    if user.is_staff:
        pages.append({"label": _("Office desk"), "url": reverse("admin:index"), "icon": "gear", "active": False})
    return {"navigation": pages, "role_label": user.get_role_display(), "office": user.office}
