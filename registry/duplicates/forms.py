"""The forms beside two files that may be one child's: merge them, or say that they are two children's."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, add_bootstrap_classes
from registry.duplicates import merging
from registry.duplicates.file_comparison import FileComparison
from registry.models import Child

SIDES = ("left", "right")
OTHER_SIDE = {"left": "right", "right": "left"}


class DuplicateFilter(ScopedForm, forms.Form):
    """Which pairs the list shows."""

    SHOW = (("", _("to be decided")), ("settled", _("settled as two children")), ("merged", _("merged files")))
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def narrow(self, found):
        return found  # the list has asked by itself, for its columns differ


class MergeForm(forms.Form):
    """For each blank that the files fill differently the side whose value stays, and which file stays."""

    stays = forms.ChoiceField(label=_("The file that stays"), choices=[(side, side) for side in SIDES])

    def __init__(self, *args, comparison: FileComparison, **kwargs):
        super().__init__(*args, **kwargs)
        self.show_as_now(comparison)
        for side in SIDES:
            self.fields[f"{side}_version"] = forms.IntegerField(min_value=1, max_value=10**9)
        for row in self.differing:
            self.fields[f"take-{row.name}"] = forms.ChoiceField(
                label=row.label,
                choices=[(side, side) for side in SIDES],
                error_messages={"required": gettext("Choose one of the two.")},
            )

    def show_as_now(self, comparison: FileComparison) -> None:
        """Compare the files as they are now; what was chosen stays chosen."""
        self.comparison, self.compared = comparison, comparison.compared()

    @property
    def differing(self):
        return [row for row in self.compared if row.choice]

    def clean(self):
        """Say first that a file was saved meanwhile, for then other blanks may differ than were asked about."""
        cleaned = super().clean()
        now = [getattr(self.comparison, side)["child"].version for side in SIDES]
        if now != [cleaned.get(f"{side}_version") for side in SIDES]:
            self.add_error(None, merging.stale_files_error())
        return cleaned

    def both(self) -> tuple[Child, Child]:
        """Return the file that stays and the one that goes, as they were read."""
        for side in SIDES:
            getattr(self.comparison, side)["child"].version = self.cleaned_data[f"{side}_version"]
        stays = self.cleaned_data["stays"]
        return tuple(getattr(self.comparison, side)["child"] for side in (stays, OTHER_SIDE[stays]))

    def choices(self) -> dict[str, str]:
        """Return what is taken from which file, as registry.duplicates.merging.merge wants it."""
        stays = self.cleaned_data["stays"]
        taken = {row.name: self.cleaned_data[f"take-{row.name}"] for row in self.differing}
        return {name: "kept" if side == stays else "gone" for name, side in taken.items()}


class NotDuplicatesForm(forms.Form):
    """The reason why these are two children."""

    reason = forms.CharField(
        label=_("How do you know that these are two children?"),
        max_length=200,
        help_text=_("Such as: twins; namesakes, both were visited on 3 May"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_bootstrap_classes(self)
