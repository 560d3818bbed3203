"""What the pages of a child and of a merge show about merged files."""

from collections import Counter

from django.apps import apps
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.models import Merge


def model_name(label: str) -> str:
    """Return the verbose name of a model, or its label where the model no longer exists."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


def with_successor(children, user):
    """Annotate the codes of the file that stayed and of the merge; None where `user` does not see that file."""
    mine = Merge.objects.visible_to(user).in_force().filter(gone=OuterRef("pk"))
    return children.annotate(
        successor=Subquery(mine.values("kept__code")[:1]), merge_code=Subquery(mine.values("code")[:1])
    )


def merge_links(child, user) -> list[dict]:
    """Return the links from a merged file to the one that stayed, and to the merge for those who may undo it."""
    links = []
    if child.successor:
        label = _("Continued in file %(code)s") % {"code": child.successor}
        links.append({"label": label, "url": reverse("child-detail", args=[child.successor])})
        if user.has_perm("registry.merge_child", child):
            links.append({"label": _("Merge details"), "url": reverse("merge-detail", args=[child.merge_code])})
    return links


def count_by_model(rows: list[list[str]]) -> str:
    """Return how many rows of each model there are, such as "visit 3、pairing 1"."""
    if not rows:
        return _("nothing")
    numbers = Counter(label for label, _text in rows)
    return "、".join(f"{model_name(label)} {number}" for label, number in sorted(numbers.items()))


def stayed_table(rows: list[list[str]]) -> dict:
    """Return the table of what stayed with the closed file, for generic/object_detail.html."""
    return {
        "title": _("Left in the closed file"),
        "columns": [_("Record"), _("Details")],
        "rows": [{"url": "", "cells": [capfirst(model_name(label)), text]} for label, text in rows],
        "empty_text": _("All records moved to the kept file."),
    }
