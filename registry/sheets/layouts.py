"""What the columns of a sheet are, as a person has told it: kept by the wording of the heading."""

import hashlib
from dataclasses import dataclass

from django.db import transaction

from carebase.sheets.reader import Heading
from registry.models import ColumnLayout

# How the column of reasons is headed in the workbook of refused rows, in each language of the product.
REASON_HEADINGS = {"Whyitwasnotsaved", "未保存的原因"}


@dataclass(frozen=True)
class SheetLayout:
    """The key of a heading, and the field of each column, "" for one that is not read."""

    key: str
    names: list[str]


def layout_of_heading(heading: Heading, names: list[str] | None = None) -> SheetLayout:
    """Return the layout of a heading; its key is the SHA-256 of the normalised headings and their groups.

    The reasons that we gave back behind the last column are not part of it.
    """
    own = [index for index, text in enumerate(heading.columns) if text and text not in REASON_HEADINGS]
    width = max(own, default=-1) + 1
    words = [f"{group}\x1f{text}" for group, text in zip(heading.groups, heading.columns, strict=True)][:width]
    return SheetLayout(hashlib.sha256("\x1e".join(words).encode()).hexdigest(), names or [])


def layouts_of_user(user) -> dict[str, SheetLayout]:
    """Return what the offices of the user have told of their sheets, by the key of the heading."""
    told = ColumnLayout.objects.of_offices(user).order_by("at")
    return {row.key: SheetLayout(row.key, row.names) for row in told}


def save_layout(layout: SheetLayout, *, by) -> None:
    """Keep what the user has told of a heading for every sheet of their office that is headed so."""
    if office := layout_office(by):
        with transaction.atomic():
            ColumnLayout.objects.update_or_create(key=layout.key, **office, defaults={"names": layout.names, "by": by})


def delete_layout(layout: SheetLayout, *, by) -> None:
    """Ask again what the columns of such sheets are."""
    if office := layout_office(by):
        ColumnLayout.objects.filter(key=layout.key, **office).delete()


def layout_office(user) -> dict:
    """Return the office of the user's first posting as the layout names it; {} for none."""
    if not user.reach:
        return {}
    reach = user.reach[0]
    school = reach.school or reach.class_school
    return {"school_id": school} if school else {"division_id": reach.division}
