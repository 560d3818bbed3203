"""The form of an activity at the desk, with the list of the children present."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from carebase.admin.forms import AdminForm, ScopedMultipleChoiceField
from registry.models import Child

MAX_CHOICES = 300  # children on one page; beyond it nobody finds a name


def selectable_children(user, activity: Activity | None):
    """Return the visible children to tick: the open files and who is on the list already; None when too many."""
    rows = Child.objects.visible_to(user)
    condition = Q(closed_on=None)
    if activity is not None:
        condition |= Q(pk__in=activity.attendances.values("child"))
    rows = rows.filter(condition)
    if rows.order_by()[: MAX_CHOICES + 1].count() > MAX_CHOICES:
        return None
    return rows.select_related("village").order_by("village", "pinyin", "pk")


class ActivityAdminForm(AdminForm):
    # The list as it was shown is posted beside the ticks, so that only this person's own changes are made to it.
    present = ScopedMultipleChoiceField(
        label=_("Children present"),
        queryset=Child.objects.none(),
        required=False,
        show_hidden_initial=True,
        widget=forms.CheckboxSelectMultiple,
    )
    give_each = forms.BooleanField(label=_("Give one of each item to every child present"), required=False)
    choosable = None

    class Meta:
        model = Activity
        fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.choosable is None:
            del self.fields["present"], self.fields["give_each"]
            return
        self.fields["present"].queryset = self.choosable
        self.fields["present"].label_from_instance = lambda child: f"{child.name} · {child.village}"
        if not self.instance._state.adding:
            listed = self.instance.attendances.filter(child__in=self.choosable.order_by().values("pk"))
            self.initial["present"] = list(listed.values_list("child", flat=True))

    def children_now(self):
        """Return the children on the list now, with those ticked added and those unticked taken off."""
        ticked = {child.pk for child in self.cleaned_data["present"]}
        shown = {int(key) for key in self.initially_present() if str(key).isdecimal() and len(str(key)) < 19}
        on_list = set(self.instance.attendances.values_list("child", flat=True))
        return self.choosable.filter(pk__in=(on_list - (shown - ticked)) | (ticked - shown))

    def initially_present(self) -> list:
        bound = self["present"]
        return bound.field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name) or []
