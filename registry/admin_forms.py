"""The forms of the registry in the admin site, with the checks of the forms in the browser."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from carebase.admin.forms import AdminForm
from registry import places
from registry.children.forms import IdentityCheckMixin
from registry.codes.grades import term_slug
from registry.codes.text import narrow
from registry.duplicates.mixins import DuplicateCheckMixin
from registry.models import Child, Division, Guardianship, Term
from registry.transfers.placement import PlacementCheckMixin


class ChildAdminForm(IdentityCheckMixin, DuplicateCheckMixin, PlacementCheckMixin, AdminForm):
    class Meta:
        model = Child
        fields = ()

    def clean(self):
        cleaned = super().clean()
        self.clean_places(cleaned)
        self.clean_identity(cleaned)
        self.check_duplicates(cleaned)
        return cleaned


class DivisionAdminForm(AdminForm):
    """A place, whose code says where it lies; nine digits of a township are told what is missing."""

    class Meta:
        model = Division
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if code := self.fields.get("code"):
            code.label = gettext("Division code (12 digits)")
            code.help_text = gettext("A township's code ends in 000, as in 420583101000; a county's in 000000.")

    def clean_code(self):
        code = "".join(narrow(self.cleaned_data["code"]).split())
        if code.isdecimal() and len(code) in places.LEVELS[:-1]:
            text = gettext("Enter all 12 digits of the division code: %(code)s.")
            raise ValidationError(text % {"code": code.ljust(places.LEVELS[-1], "0")})
        return code


class TermAdminForm(AdminForm):
    """A term, which its first day names."""

    class Meta:
        model = Term
        fields = ()

    def clean(self):
        cleaned = super().clean()
        first_day = cleaned.get("starts_on")
        if first_day and self.instance._state.adding:
            self.instance.slug = term_slug(first_day)
            if Term.objects.filter(slug=self.instance.slug).exists():
                self.add_error("starts_on", gettext("%(term)s is there already.") % {"term": self.instance})
        return cleaned


class GuardianshipInlineForm(AdminForm):
    class Meta:
        model = Guardianship
        fields = ()

    def clean(self):
        cleaned = super().clean()
        if self.instance.alone and self.has_changed():
            raise ValidationError(gettext("The child lives alone. Start a new guardianship on the child's page."))
        if (
            {"name", "entrusted"} & set(self.changed_data)
            and self.instance.pk
            and hasattr(self.instance, "entrustment")
        ):
            raise ValidationError(
                gettext("There is an agreement with this guardian. Start a new guardianship on the child's page.")
            )
        return cleaned
