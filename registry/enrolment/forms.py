"""The form that places pupils in a class."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.forms import RowsField, ScopedForm
from registry.models import Child, SchoolClass

PUPILS_PER_PAGE = 200  # the next ones follow when these are placed


class EnrolmentForm(ScopedForm, forms.Form):
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=gettext_lazy("Class"))
    children = RowsField(
        Child.objects.all(), label=gettext_lazy("Pupils without a class"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        children = self.fields["children"]
        unplaced = children.queryset.open().unplaced().select_related("village").order_by("-birth_date", "pk")
        children.queryset = unplaced
        if not self.is_bound:
            children.choices = [(child.pk, self.label(child)) for child in unplaced[:PUPILS_PER_PAGE]]
            if not children.choices:
                children.required, children.help_text = False, _("All your pupils are already in a class.")
        children.label_from_instance = self.label

    def scoped_choices(self, name, queryset):
        if name == "children":
            return queryset.permitted_to(self.user, "registry.enrol_child")
        return super().scoped_choices(name, queryset)

    @staticmethod
    def label(child: Child) -> str:
        years = _("%d years") % child.age
        return f"{child.name}　{years}　{child.village}　{child.get_schooling_display()}"
