"""Which school or division keeps a record: one offers one's own, and presets it."""

from carebase.forms import ScopedModelForm
from registry.models import Division, School


class OfficeForm(ScopedModelForm):
    """A form on what a school or a division keeps, with the fields `school` and `division`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.fields["division"].queryset.exists():
            self.keep_only("school")
        elif not self.fields["school"].queryset.exists():
            self.keep_only("division")
        if self.instance.pk is None:
            self.preset()

    def scoped_choices(self, name, queryset):
        match name:
            case "school":
                return School.objects.own_of(self.user)
            case "division":
                return Division.objects.governed_by(self.user)
        return super().scoped_choices(name, queryset)

    def keep_only(self, name: str) -> None:
        del self.fields["division" if name == "school" else "school"]
        self.fields[name].required = True

    def preset(self) -> None:
        for reach in self.user.reach[:1]:
            school = reach.school or reach.class_school
            name, value = ("school", school) if school else ("division", reach.division)
            self.initial[name] = value
