"""The form of an activity in the admin site, with its attendance."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.forms import everyone_field
from activities.models import Activity
from activities.services import CHANGE_ACTIVITY
from carebase.admin.forms import AdminForm, ScopedMultipleChoiceField
from registry.models import Child

MAX_CHOICES = 300  # in a longer list nobody finds a name


def selectable_children(user, activity: Activity | None):
    """Return the visible children with open files or on the list already; None when there are too many."""
    rows = Child.objects.permitted_to(user, CHANGE_ACTIVITY)
    condition = Q(closed_on=None)
    if activity is not None:
        condition |= Q(pk__in=activity.attendances.values("child"))
    rows = rows.filter(condition)
    if rows.order_by()[: MAX_CHOICES + 1].count() > MAX_CHOICES:
        return None
    return rows.select_related("village").order_by("village", "pinyin", "pk")


class ActivityAdminForm(AdminForm):
    everyone = everyone_field()
    # The initial list is posted too, so that only the changes of this user are applied to it.
    present = ScopedMultipleChoiceField(
        label=_("Children present"),
        queryset=Child.objects.none(),
        required=False,
        show_hidden_initial=True,
        widget=forms.CheckboxSelectMultiple,
    )
    give_each = forms.BooleanField(label=_("Give one of each item to every child present"), required=False)
    selectable = None

    class Meta:
        model = Activity
        fields = ()

    class Media:
        js = ("js/ticks.js",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.selectable is None:
            del self.fields["everyone"], self.fields["present"], self.fields["give_each"]
            return
        self.fields["present"].queryset = self.selectable
        self.fields["present"].label_from_instance = lambda child: f"{child.name} · {child.village}"
        if not self.instance._state.adding:
            listed = self.instance.attendances.filter(child__in=self.selectable.order_by().values("pk"))
            self.initial["present"] = list(listed.values_list("child", flat=True))

    def children_after_save(self):
        """Return the current list, with the children that the user added and without those that they removed."""
        chosen = self.selectable if self.cleaned_data["everyone"] else self.cleaned_data["present"]
        selected = {child.pk for child in chosen}
        initial = {int(key) for key in self.initially_present() if str(key).isdecimal() and len(str(key)) < 19}
        on_list = set(self.instance.attendances.values_list("child", flat=True))
        return self.selectable.filter(pk__in=(on_list - (initial - selected)) | (selected - initial))

    def initially_present(self) -> list:
        bound = self["present"]
        return bound.field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name) or []
