"""Forms of pairings and carers, and the filters of their lists."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm
from pairing.models import DEFAULT_CAPACITY, Carer, Pairing
from registry.child_records.forms import ChildRecordForm
from registry.models import Child
from registry.offices import OfficeForm

EXCEED = "pairing.exceed_carer"


class PairingForm(ChildRecordForm):
    # Carers without room stay in the list, so that nobody looks for them elsewhere.
    carer = forms.ModelChoiceField(
        queryset=Carer.objects.filter(active=True).with_load().order_by("load", "name", "pk"),
        to_field_name="code",
        label=_("Carer"),
        help_text=_("In brackets: the children paired with the carer, now or from a later day, and the most agreed"),
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


class CarerCheckMixin(forms.BaseForm):
    """More than three children need a coordinator and a reason; who takes no more keeps the present ones knowingly."""

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("capacity") or 0) > DEFAULT_CAPACITY:
            self.check_capacity(cleaned)
        stops = self.instance.pk and self.instance.active and not cleaned.get("active")
        if stops and not cleaned.get("keep_children"):
            self.check_children()
        return cleaned

    def check_capacity(self, cleaned: dict) -> None:
        """Refuse a raise by others than coordinators; record who approved the number."""
        if not {"capacity", "capacity_reason"} & set(self.changed_data):
            return
        if self.user.has_perm(EXCEED):
            if not cleaned.get("capacity_reason"):
                self.add_error("capacity_reason", gettext("Give the reason for more than three children."))
            self.instance.capacity_set_by, self.instance.capacity_set_on = self.user, timezone.localdate()
        elif self.instance.pk is None or cleaned["capacity"] > self.instance.capacity:
            self.add_error("capacity", gettext("At most three. A coordinator may allow more, with a reason; ask one."))

    def check_children(self) -> None:
        """Refuse to end a carer's work without a word while children are paired with them."""
        count = self.instance.pairings.open().count()
        message = ngettext(
            "%(number)d child is still paired with this carer. End the pairing first, or tick that it continues.",
            "%(number)d children are still paired with this carer. End the pairings first, or tick that they continue.",
            count,
        )
        link = format_html('<a href="{}">{}</a>', self.instance.get_absolute_url(), gettext("Show the children"))
        if count:
            self.add_error("active", format_html("{} {}", message % {"number": count}, link))


def keep_children_field() -> forms.BooleanField:
    return forms.BooleanField(label=_("The children stay with the carer although no more are taken"), required=False)


class CarerForm(CarerCheckMixin, OfficeForm):
    sections = (
        (_("The carer"), ("name", "school", "division", "user")),
        (_("Children"), ("capacity", "capacity_reason", "active", "keep_children")),
    )
    keep_children = keep_children_field()
    read_only = OfficeForm.read_only | {"keep_children"}
    retained_fields = ("user",)  # a head may not see the account that a coordinator chose

    class Meta:
        model = Carer
        fields = ("name", "school", "division", "user", "capacity", "capacity_reason", "active")
        help_texts = {
            "user": _("Lets the carer see their children and log visits, while the account is posted to a place"),
            "capacity": _("The school's rule: two or three; more needs a coordinator and a reason"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        account = self.fields["user"]
        account.queryset = account.queryset.filter(Q(carer=None) | Q(carer=self.instance.pk)).order_by("name")
        if not self.user.has_perm(EXCEED):
            del self.fields["capacity_reason"]
        if not (self.instance.pk and self.instance.pairings.open().exists()):
            del self.fields["keep_children"]


class CarerFilter(ScopedForm, forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    room = forms.BooleanField(label=_("with room for a child"), required=False)
    leaving = forms.BooleanField(label=_("take no more, and still have children"), required=False)

    def narrow(self, queryset):
        if self.cleaned_data["room"]:
            queryset = queryset.with_room()
        if self.cleaned_data["leaving"]:
            queryset = queryset.leaving()
        return queryset.filter(name__contains=self.cleaned_data["q"])
