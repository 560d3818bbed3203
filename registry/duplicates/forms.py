"""The forms that decide about possible duplicates: merge two files, or keep them as two children."""

from itertools import chain

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, add_bootstrap_classes
from registry.duplicates import services
from registry.duplicates.file_comparison import FileComparison
from registry.hooks import recorded_twice
from registry.models import Child

SIDES = ("left", "right")
OTHER_SIDE = {"left": "right", "right": "left"}


def find_recorded_twice(comparison: FileComparison, user) -> dict[str, tuple]:
    """Return what both files may record, as the hook `recorded_twice` finds it, by a key for forms."""
    left, right = (getattr(comparison, side)["child"] for side in SIDES)
    found = chain.from_iterable(recorded_twice.results_for(user, left, right, user))
    return {f"{one._meta.label_lower}-{one.pk}-{other.pk}": (text, one, other) for text, one, other in found}


class DuplicateFilter(ScopedForm, forms.Form):
    SHOW = (("", _("to be decided")), ("settled", _("confirmed as two children")), ("merged", _("merged files")))
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def narrow(self, found):
        return found  # DuplicateListView chooses the queryset itself, because the columns differ


class MergeForm(forms.Form):
    """The file that stays, and for each differing group of fields the side whose value stays."""

    stays = forms.ChoiceField(label=_("File to keep"), choices=[(side, side) for side in SIDES])

    def __init__(self, *args, comparison: FileComparison, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.set_comparison(comparison)
        self.twice = find_recorded_twice(comparison, user)
        if self.twice:
            self.fields["once"] = forms.MultipleChoiceField(
                label=_("Recorded in both files"),
                choices=[(key, text) for key, (text, *_rows) in self.twice.items()],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_(
                    "Tick what is the same contact: it then counts once, and the other record stays in the closed "
                    "file. What you do not tick counts twice."
                ),
            )
        for side in SIDES:
            self.fields[f"{side}_version"] = forms.IntegerField(min_value=1, max_value=10**9)
        for row in self.differing:
            self.fields[f"take-{row.name}"] = forms.ChoiceField(
                label=row.label,
                choices=[(side, side) for side in SIDES],
                error_messages={"required": gettext("Choose one of the two.")},
            )

    def set_comparison(self, comparison: FileComparison) -> None:
        self.comparison, self.compared = comparison, comparison.compare()

    @property
    def differing(self):
        return [row for row in self.compared if row.choice]

    def clean(self):
        """Refuse versions that are no longer current: other fields may differ now than the user saw."""
        cleaned = super().clean()
        now = [getattr(self.comparison, side)["child"].version for side in SIDES]
        if now != [cleaned.get(f"{side}_version") for side in SIDES]:
            self.add_error(None, services.stale_files_error())
        return cleaned

    def both_files(self) -> tuple[Child, Child]:
        """Return the file that stays and the one that goes, with the versions that the user saw."""
        for side in SIDES:
            getattr(self.comparison, side)["child"].version = self.cleaned_data[f"{side}_version"]
        stays = self.cleaned_data["stays"]
        return tuple(getattr(self.comparison, side)["child"] for side in (stays, OTHER_SIDE[stays]))

    def rows_left(self) -> set[tuple[str, int]]:
        """Return the rows that stay in the file that goes, because the other file records the same."""
        gone = SIDES.index(OTHER_SIDE[self.cleaned_data["stays"]])
        return {services.row_key(self.twice[key][1:][gone]) for key in self.cleaned_data.get("once", ())}

    def choices(self) -> dict[str, str]:
        """Return the `choices` of registry.duplicates.services.merge_files."""
        stays = self.cleaned_data["stays"]
        taken = {row.name: self.cleaned_data[f"take-{row.name}"] for row in self.differing}
        return {name: "kept" if side == stays else "gone" for name, side in taken.items()}


class NotDuplicatesForm(forms.Form):
    reason = forms.CharField(
        label=_("How do you know that these are two children?"),
        max_length=200,
        help_text=_("For example: twins; same name, both visited on 3 May"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_bootstrap_classes(self)
