"""Where a child belongs changes across offices only by a transfer, which the other office accepts.

A village, a school or a class may be filled in where it was not known. Once known, the village and the school change by
a transfer alone, and the class by whoever places pupils in the classes of that school: any other change would take the
file away from an office that nobody asked.
"""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.access import users_in_charge_of
from registry.models import Child

PLACES = ("village", "school", "school_class")
ENROL = "registry.enrol_child"
REASONS = {
    "village": gettext_lazy("The file moves to another village only by a transfer, which that village accepts."),
    "school": gettext_lazy("The file moves to another school only by a transfer, which that school accepts."),
    "school_class": gettext_lazy(
        "Only those who place the pupils of the school in classes move a child to another class."
    ),
}


def moved_places(child: Child, after: Mapping, by) -> list[str]:
    """Return the places that `by` may not change so; `after` maps attribute names such as "village_id" to new keys."""
    now = {name: getattr(child, f"{name}_id") for name in PLACES}
    moved = [name for name, key in now.items() if key and after.get(f"{name}_id", key) != key]
    if moved and "school" not in moved and by.has_perm(ENROL, child):
        return [name for name in moved if name != "school_class"]
    return moved


def may_offer(child: Child, name: str, by) -> bool:
    """Return whether `by` decides for the village or school that would lose the child; one not known loses nothing."""
    origin, permission = getattr(child, name), "registry.add_transfer"
    if not by.has_perm(permission, child):
        return False
    return origin is None or users_in_charge_of(origin, permission=permission).filter(pk=by.pk).exists()


def refusal(name: str, child: Child, by) -> str:
    """Return why a place is not changed in a form, and the way to change it."""
    reason = str(REASONS[name])
    if name == "school_class":
        return reason
    if not may_offer(child, name, by):
        return " ".join([reason, _("Ask the school head or the village committee to offer one.")])
    url = reverse("transfer-create", args=[child.code])
    return format_html('{} <a href="{}">{}</a>', reason, url, _("Offer the file to the other side"))


def check_places(child: Child, after: Mapping, by) -> None:
    """Raise ValidationError if these new keys would move the child to another office."""
    if moved := moved_places(child, after, by):
        raise ValidationError([f"{child.name}{_(': ')}{REASONS[name]}" for name in moved])


class PlacementCheckMixin:
    """A form of a child that moves nobody to another office."""

    def clean_places(self, cleaned: dict) -> None:
        if self.instance.pk is None:
            return
        after = {f"{name}_id": getattr(cleaned[name], "pk", None) for name in PLACES if name in cleaned}
        for name in moved_places(self.instance, after, self.user):
            self.add_error(name, refusal(name, self.instance, self.user))
