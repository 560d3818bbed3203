"""A form on a record that belongs to a school or a division: offers the user's own, and presets it."""

from carebase.forms import ScopedModelForm
from registry.models import Division, School


class OfficeForm(ScopedModelForm):
    """A form with the fields `school` and `division`, of which one is filled."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.fields["division"].queryset.exists():
            self.offer_only("school")
        elif not self.fields["school"].queryset.exists():
            self.offer_only("division")
        if self.instance.pk is None:
            self.set_initial_office()

    def scoped_choices(self, name, queryset):
        match name:
            case "school":
                return School.objects.own_of(self.user)
            case "division":
                return Division.objects.governed_by(self.user)
        return super().scoped_choices(name, queryset)

    def offer_only(self, name: str) -> None:
        del self.fields["division" if name == "school" else "school"]
        self.fields[name].required = True

    def set_initial_office(self) -> None:
        for place in self.user.reach[:1]:
            school = place.school or place.class_school
            name, value = ("school", school) if school else ("division", place.division)
            self.initial[name] = value
