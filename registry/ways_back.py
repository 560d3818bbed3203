"""The way back of each page of the census: a page of one child leads to its file, every other to the list it is of."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.work import WORK

WORK_PAGE = "census-work"
# What lies below one of the lists of the work page: the page, and that list.
BELOW = {
    "round-create": "round-list",
    "round-detail": "round-list",
    "need-update": "need-list",
    "transfer-detail": "transfer-list",
    "duplicate-merge": "duplicate-list",
    "merge-detail": "duplicate-list",
    "comparison-create": "comparison-list",
    "comparison-detail": "comparison-list",
    "comparison-row": "comparison-list",
    "import-columns": "import-list",
    "import-preview": "import-list",
}
TITLES = {work.page: work.title for work in WORK} | {WORK_PAGE: _("Census work")}
OF_A_CHILD = {
    *("child-left-behind", "child-guardianship", "child-photo", "child-survey", "child-history"),
    *("transfer-create", "child-close", "child-keep", "child-reopen", "child-update"),
}
OF_A_CHILDS_PAGE = {
    "child-departure": "child-left-behind",
    "child-return": "child-left-behind",
    "absence-update": "child-left-behind",
    "child-guardianship-new": "child-guardianship",
    "child-guardianship-edit": "child-guardianship",
    "child-agreement": "child-guardianship",
}
OF_A_ROUND = {"round-open", "round-update"}


def way_back(request) -> dict:
    """Context processor: `way_back` ({label, url}), None where the menu is the way."""
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated:
        return {"way_back": None}
    return {"way_back": above(match.url_name, match.kwargs.get("code"), user)}


def above(page: str | None, code: str | None, user) -> dict | None:
    """Return the page above the one of this name, as {label, url}."""
    if page in OF_A_CHILDS_PAGE:
        return {"label": gettext("Back"), "url": reverse(OF_A_CHILDS_PAGE[page], args=[code])}
    if page in OF_A_CHILD:
        return {"label": gettext("Back to the file"), "url": reverse("child-detail", args=[code])}
    if page in OF_A_ROUND:
        return {"label": gettext("Back to the round"), "url": reverse("round-detail", args=[code])}
    if page == "import-undo":
        return {"label": gettext("Back to the import"), "url": reverse("import-preview", args=[code])}
    upper = BELOW.get(page) or (WORK_PAGE if page in TITLES and page != WORK_PAGE else "")
    if not upper or (upper == WORK_PAGE and not user.has_perm("registry.add_child")):
        return None
    return {"label": TITLES[upper], "url": reverse(upper)}
