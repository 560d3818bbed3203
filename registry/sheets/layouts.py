"""Column layouts that users have set, stored by the wording of the heading."""

import hashlib

from django.db import transaction

from carebase.sheets.headings import Heading
from registry.models import ColumnLayout

# The heading of the column of reasons in the workbook of refused rows, in each language.
REASON_HEADINGS = {"Whyitwasnotsaved", "未保存的原因"}


def heading_key(heading: Heading) -> str:
    """Return the SHA-256 of the normalised headings and their groups, without the column of reasons that we added."""
    own = [index for index, text in enumerate(heading.columns) if text and text not in REASON_HEADINGS]
    width = max(own, default=-1) + 1
    words = [f"{group}\x1f{text}" for group, text in zip(heading.groups, heading.columns, strict=True)][:width]
    return hashlib.sha256("\x1e".join(words).encode()).hexdigest()


def layouts_of_user(user) -> dict[str, list[str]]:
    """Return the layouts set by the user's offices: each column's field ("" for none), by the key of the heading."""
    return {row.key: row.names for row in ColumnLayout.objects.of_offices(user).order_by("at")}


def save_layout(key: str, names: list[str], *, by) -> None:
    """Save the layout for all sheets of the user's office with this heading."""
    if office := layout_office(by):
        with transaction.atomic():
            ColumnLayout.objects.update_or_create(key=key, **office, defaults={"names": names, "by": by})


def delete_layout(key: str, *, by) -> None:
    if office := layout_office(by):
        ColumnLayout.objects.filter(key=key, **office).delete()


def layout_office(user) -> dict:
    """Return the office of the user's first posting as lookup of a layout; {} for none."""
    if not user.reach:
        return {}
    reach = user.reach[0]
    school = reach.school or reach.class_school
    return {"school_id": school} if school else {"division_id": reach.division}
