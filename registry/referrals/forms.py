"""The forms that refer a child to a counsellor and end a referral, and the filter of the list."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.forms import ScopedForm, ScopedModelForm
from registry.access import counsellors_for
from registry.child_records.forms import ChildRecordForm
from registry.models import Child, Referral

MAX_LENGTH = 500  # characters of a reason, which the database holds encrypted
TEXT_AREA = forms.Textarea({"rows": 3, "maxlength": MAX_LENGTH})


def reason_field(name: str, **options) -> forms.Field:
    return Referral._meta.get_field(name).formfield(max_length=MAX_LENGTH, widget=TEXT_AREA, **options)


class ReferralForm(ChildRecordForm):
    reason = reason_field(
        "reason", help_text=_("Read by the counsellor, and by those who may refer this child; kept encrypted.")
    )

    class Meta:
        model = Referral
        fields = ("child", "counsellor", "referred_on", "reason")
        labels = {"counsellor": _("Counsellor"), "referred_on": _("From")}
        help_texts = {
            "counsellor": _("Those who work in this county now. Ask the county office if nobody is listed."),
            "referred_on": _("From this day on, the counsellor sees the child's file."),
        }

    def __init__(self, *args, child: Child, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["counsellor"].queryset = counsellors_for(child)

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"ended_on"}  # needed to find a referral that is still open

    def clean(self):
        cleaned = super().clean()
        child = cleaned.get("child")
        if child and child.closed_on:
            self.add_error(None, gettext("The child's file is closed. Reopen it first."))
        return cleaned


class ReferralEndForm(ScopedModelForm):
    ending = reason_field("ending", required=True)

    class Meta:
        model = Referral
        fields = ("ended_on", "ending")
        labels = {"ended_on": _("Ended on")}
        help_texts = {"ended_on": _("From this day on, the counsellor does not see the child's file any more.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].required = True
        self.initial["ended_on"] = self.instance.ended_on or max(timezone.localdate(), self.instance.referred_on)

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"referred_on"}  # needed to compare the days


class ReferralFilter(ScopedForm, forms.Form):
    SHOW = (("", _("open")), ("ended", _("ended")), ("all", _("all")))

    q = forms.CharField(label=_("Child"), required=False, max_length=60)
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOW)

    def narrow(self, referrals):
        match self.cleaned_data["show"]:
            case "":
                referrals = referrals.open()
            case "ended":
                referrals = referrals.exclude(ended_on=None)
        if search := self.cleaned_data["q"]:
            referrals = referrals.filter(child__in=Child.objects.visible_to(self.user).search(search))
        return referrals
