"""The way around: each page says beside its address what stands above it, and the menu and the way back follow."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class MenuEntry(NamedTuple):
    """A line of the menu: where it stands, what it says, and the permission of those who see it."""

    order: int
    label: str
    icon: str
    permission: str = ""


class SitePage(NamedTuple):
    """What is declared of a page beside its address."""

    pattern: URLPattern
    parent: str | None
    title: str
    menu: MenuEntry | None

    def is_open_to(self, user) -> bool:
        return not (self.menu and self.menu.permission) or user.has_perm(self.menu.permission)


PAGES: dict[str, SitePage] = {}  # by the name of the address
# Beside the pages of the menu, the way to Django admin for those who work there.
ADMIN_SITE, ADMIN_ENTRY = "admin:index", MenuEntry(90, _("Office desk"), "gear")


def page(
    route: str,
    view,
    name: str,
    *,
    parent: str | None,
    title: str = "",
    menu: MenuEntry | None = None,
    kwargs: dict | None = None,
    make: Callable = path,
) -> URLPattern:
    """Return the pattern of a page's address, as `path` does, and remember what is declared of the page.

    `parent` names the page above it, None where there is none: its way back leads there, and its entry of the menu is
    that of the nearest page above which has one. `title` is what a way back to this page says; to a page without a
    title there is none, since the menu leads there.
    """
    pattern = make(route, view.as_view() if isinstance(view, type) else view, kwargs, name=name)
    PAGES[name] = SitePage(pattern, parent, title, menu)
    return pattern


def navigation(request) -> dict:
    """Context processor: `navigation` (None before sign-in), `way_back` ({label, url} or None), the user's role."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.must_change_password:
        return {"navigation": None}
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else None
    names = [name for name in menu_pages() if PAGES[name].is_open_to(user)]
    here = next((above for above in page_and_ancestors(name) if above in names), "")
    if user.is_staff:
        names.append(ADMIN_SITE)
    return {
        "navigation": render_menu(tuple(names), here, get_language()),
        "way_back": parent_link(name, match.kwargs, user) if match else None,
        "role_label": user.get_role_display(),
    }


def menu_pages() -> list[str]:
    """Return the names of the pages that have an entry, in its order."""
    return sorted((name for name in PAGES if PAGES[name].menu), key=lambda name: PAGES[name].menu.order)


def page_and_ancestors(name: str | None) -> Iterator[str]:
    """Yield the page and those above it."""
    while name in PAGES:
        yield name
        name = PAGES[name].parent


def parent_link(name: str, kwargs: dict, user) -> dict | None:
    """Return the page above the one of this name, as {label, url}; None where the menu is the way."""
    parent = PAGES[name].parent if name in PAGES else None
    above = PAGES.get(parent)
    if above is None or not above.title or not above.is_open_to(user):
        return None
    given = {key: kwargs[key] for key in above.pattern.pattern.converters}
    return {"label": above.title, "url": reverse(parent, kwargs=given)}


@lru_cache(maxsize=500)
def render_menu(names: tuple[str, ...], here: str, language: str) -> str:
    """Return the menu of these pages, made once for all who may open them: it stands twice on every page."""
    entries = [(name, ADMIN_ENTRY if name == ADMIN_SITE else PAGES[name].menu) for name in names]
    items = [
        {"label": entry.label, "url": reverse(name), "icon": entry.icon, "active": name == here}
        for name, entry in entries
    ]
    return render_to_string("includes/navigation.html", {"items": items})
