"""The forms of a child's file in the admin site, with the checks of the forms in the browser."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from carebase.admin.forms import AdminForm
from registry.children.forms import IdentityCheckMixin
from registry.duplicates.mixins import DuplicateCheckMixin
from registry.models import Child, Guardianship
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
