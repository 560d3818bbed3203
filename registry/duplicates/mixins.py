"""The duplicate check in the forms of a child."""

from django import forms
from django.utils.translation import gettext

from registry.duplicates import finder
from registry.models import Child


class DuplicateCheckMixin:
    """A form of a child that lists possible duplicates, and saves once a checkbox says that it is another child."""

    possible_duplicates: list[dict] = []  # as registry/_possible_duplicates.html shows them
    tick = "another_child"  # the checkbox

    def check_duplicates(self, cleaned: dict) -> None:
        """Refuse an ID number that another file has, and a new child with possible duplicates until confirmed."""
        number = "" if "id_number" in self.errors else cleaned.get("id_number") or ""
        described = {"name": cleaned.get("name") or ""}
        described |= {name: cleaned.get(name) for name in ("birth_date", "village")}
        if self.instance.pk:  # existing files are compared in the list of duplicates
            described |= {"birth_date": None, "village": None}
            if not number or number == self.instance.id_number:
                return
        found = finder.find_possible_duplicates(**described, id_number=number, exclude=self.instance, user=self.user)
        self.possible_duplicates = [describe_duplicate(child, number) for child in found]
        if any(entry["same_number"] for entry in self.possible_duplicates):
            self.add_error("id_number", same_number_message(self.possible_duplicates[0]))
        elif found:
            self.require_confirmation()

    def require_confirmation(self) -> None:
        label = gettext("I have compared them: this is another child")
        self.fields[self.tick] = forms.BooleanField(label=label, required=False)
        self.fields[self.tick].widget.attrs["class"] = "form-check-input"
        if not self.data.get(self.add_prefix(self.tick)):
            self.add_error(self.tick, gettext("This child may already be registered. Compare before you continue."))


def describe_duplicate(child: Child, number: str) -> dict:
    """Return what may be shown of a possible duplicate: outside the user's scope, only whom to ask."""
    same_number = bool(number) and child.id_number_index == finder.id_number_hash(number)
    numbers = {"same_number": same_number, "twins": bool(number and child.id_number_index) and not same_number}
    if not child.reached:
        return numbers | {"url": "", "office": finder.responsible_office(child)}
    return numbers | {
        "url": child.get_absolute_url(),
        "name": child.name,
        "birth_date": child.birth_date.isoformat(),
        "village": str(child.village),
        "place": child.place_in_school,
        "closed": child.get_closing_display(),
    }


def same_number_message(entry: dict) -> str:
    if entry["url"]:
        return gettext("A child with this ID number is already registered. Open that file instead; it is shown here.")
    sentence = gettext("A child with this ID number is already registered elsewhere. Please ask %(office)s.")
    return sentence % {"office": entry["office"]}
