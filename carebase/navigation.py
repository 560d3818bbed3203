"""Menu and parent links. Each URL pattern declares its parent page and menu entry, so that both follow from it."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MenuEntry(NamedTuple):
    order: int
    label: str
    icon: str
    permission: str = ""


class SitePage(NamedTuple):
    """What a URL pattern declares for navigation."""

    pattern: URLPattern
    parent: str | None
    title: str
    menu: MenuEntry | None

    def is_open_to(self, user) -> bool:
        return not (self.menu and self.menu.permission) or user.has_perm(self.menu.permission)


PAGES: dict[str, SitePage] = {}  # by URL name
ADMIN_SITE, ADMIN_ENTRY = "admin:index", MenuEntry(90, _("Admin site"), "gear")


def page(
    route: str,
    view,
    name: str,
    *,
    parent: str | None,
    title: str = "",
    menu: MenuEntry | None = None,
    kwargs: dict | None = None,
    as_path: Callable = path,
) -> URLPattern:
    """Return a URL pattern like `path`, and register what navigation needs to know of the page.

    `parent` is the URL name of the parent page or None; without a `menu` entry of its own, a page marks that of its
    nearest ancestor. `title` is the label of links to this page; a page without a title gets none, as the menu leads
    there.
    """
    pattern = as_path(route, view.as_view() if isinstance(view, type) else view, kwargs, name=name)
    PAGES[name] = SitePage(pattern, parent, title, menu)
    return pattern


def navigation(request) -> dict:
    """Context processor: `navigation` (None before sign-in), `parent_link` ({label, url} or None), `role_label`."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return {"navigation": None}
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else None
    names = [name for name in menu_pages() if PAGES[name].is_open_to(user)]
    active = next((ancestor for ancestor in page_and_ancestors(name) if ancestor in names), "")
    if user.is_staff:
        names.append(ADMIN_SITE)
        active = ADMIN_SITE if (name or "").startswith("admin:") else active
    return {
        "navigation": render_menu(tuple(names), active, get_language()),
        "parent_link": parent_link(name, match.kwargs, user) if match else None,
        "role_label": user.get_role_display(),
    }


def menu_pages() -> list[str]:
    return sorted((name for name in PAGES if PAGES[name].menu), key=lambda name: PAGES[name].menu.order)


def page_and_ancestors(name: str | None) -> Iterator[str]:
    while name in PAGES:
        yield name
        name = PAGES[name].parent


def parent_link(name: str, kwargs: dict, user) -> dict | None:
    """Return the link to the parent of a page, as {label, url}; None where the menu leads there."""
    parent_name = PAGES[name].parent if name in PAGES else None
    parent = PAGES.get(parent_name)
    if parent is None or not parent.title or not parent.is_open_to(user):
        return None
    parent_kwargs = {key: kwargs[key] for key in parent.pattern.pattern.converters}
    return {"label": parent.title, "url": reverse(parent_name, kwargs=parent_kwargs)}


@lru_cache(maxsize=500)
def render_menu(names: tuple[str, ...], active: str, language: str) -> str:
    """Return the HTML of the menu. Cached for all users with the same pages: it stands twice on every page."""
    entries = [(name, ADMIN_ENTRY if name == ADMIN_SITE else PAGES[name].menu) for name in names]
    items = [
        {"label": entry.label, "url": reverse(name), "icon": entry.icon, "active": name == active}
        for name, entry in entries
    ]
    return render_to_string("includes/navigation.html", {"items": items})
