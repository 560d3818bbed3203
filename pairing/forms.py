"""Forms of pairings and carers, and the filters of their lists."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm
from pairing.models import Carer, Pairing
from registry.child_records.forms import ChildRecordForm
from registry.models import Child
from registry.offices import OfficeForm


class PairingForm(ChildRecordForm):
    # Carers without room stay in the list, so that nobody looks for them elsewhere.
    carer = forms.ModelChoiceField(
        queryset=Carer.objects.filter(active=True).with_load().order_by("load", "name", "pk"),
        to_field_name="code",
        label=_("Carer"),
        help_text=_("In brackets: the children paired with the carer now, and the most agreed"),
    )

    class Meta:
        model = Pairing
        fields = ("child", "carer", "started_on")


class PairingEndForm(ScopedModelForm):
    class Meta:
        model = Pairing
        fields = ("ended_on", "ending")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self._meta.fields:
            self.fields[name].required = True


class PairingFilter(ScopedForm, forms.Form):
    SHOW = (("", _("open")), ("ended", _("ended")), ("all", _("all")))

    q = forms.CharField(label=_("Child or carer"), required=False, max_length=60)
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def narrow(self, queryset):
        match self.cleaned_data["show"]:
            case "":
                queryset = queryset.open()
            case "ended":
                queryset = queryset.exclude(ended_on=None)
        if search := self.cleaned_data["q"]:
            children = Child.objects.visible_to(self.user).search(search)
            queryset = queryset.filter(Q(child__in=children) | Q(carer__name__contains=search))
        return queryset


class CarerForm(OfficeForm):
    sections = (
        (_("The carer"), ("name", "school", "division", "user")),
        (_("Children"), ("capacity", "active")),
    )
    retained_fields = ("user",)  # a head may not see the account that a coordinator chose

    class Meta:
        model = Carer
        fields = ("name", "school", "division", "user", "capacity", "active")
        help_texts = {
            "user": _("Lets the carer see their children and log visits"),
            "capacity": _("The school's rule: two or three"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        account = self.fields["user"]
        account.queryset = account.queryset.filter(Q(carer=None) | Q(carer=self.instance.pk)).order_by("name")


class CarerFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    room = forms.BooleanField(label=_("with room for a child"), required=False)

    def narrow(self, queryset):
        if self.cleaned_data["room"]:
            queryset = queryset.with_room()
        return queryset.filter(name__contains=self.cleaned_data["q"])
