"""The forms of a child's file at the desk: values read as the paper form's, the ID number checked by the one rule."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from carebase.admin.forms import AdminForm
from registry import identity
from registry.children.forms import read_child_name
from registry.duplicates.mixins import DuplicateCheckMixin
from registry.models import Child, Guardianship


class ChildAdminForm(DuplicateCheckMixin, AdminForm):
    class Meta:
        model = Child
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.warnings: list[str] = []

    def clean_name(self):
        return read_child_name(self.cleaned_data["name"])

    def clean(self):
        cleaned = super().clean()
        if "id_number" not in self.errors:
            self.clean_identity(cleaned)
        self.check_duplicates(cleaned)
        return cleaned

    def clean_identity(self, cleaned: dict) -> None:
        number = cleaned.get("id_number") or ""
        reason = cleaned.get("id_reason") or ""
        for problem in identity.identity_problems(number, cleaned.get("sex") or "", cleaned.get("birth_date"), reason):
            if problem.severity == identity.WARNING:
                self.warnings.append(problem.message)
            elif problem.field not in self.errors:
                self.add_error(problem.field, problem.message)


class GuardianshipInlineForm(AdminForm):
    class Meta:
        model = Guardianship
        fields = ()

    def clean(self):
        cleaned = super().clean()
        if self.instance.alone and self.has_changed():
            raise ValidationError(gettext("The child lives alone. Begin a new guardianship on the page of the child."))
        if (
            {"name", "entrusted"} & set(self.changed_data)
            and self.instance.pk
            and hasattr(self.instance, "entrustment")
        ):
            raise ValidationError(
                gettext("An agreement was made with this guardian. Begin a new guardianship on the page of the child.")
            )
        return cleaned
