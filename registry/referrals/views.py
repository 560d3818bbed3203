"""Referrals of children to counsellors: the list of either side, those of one child, and the forms."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.views import RecordDetailView, RecordListView, RecordUpdateView, detail_items, record_table
from registry.child_records.views import ChildRecordCreateView
from registry.models import Child, Referral
from registry.referrals.forms import ReferralEndForm, ReferralFilter, ReferralForm

PERIOD = ((_("Counsellor"), "counsellor.name"), (_("From"), "referred_on"), (_("Ended on"), "ended_on"))


class ReferralListView(RecordListView):
    """Those whom one's office referred, or for a counsellor those who were referred to them."""

    model = Referral
    filter_class = ReferralFilter
    title = _("Referrals to counsellors")
    empty_text = _("No referral matches. A child is referred from its file.")
    columns = ((_("Child"), "child.name"), (_("Village"), "child.village"), *PERIOD)

    def get_queryset(self):
        rows = super().get_queryset().readable_by(self.user).select_related("child__village", "counsellor")
        return rows.defer("reason", "ending").order_by("-referred_on", "-pk")


class ChildReferralsView(RecordDetailView):
    """The referrals of one child, for those who may refer it."""

    model = Child
    permission = "registry.add_referral"

    def get_queryset(self):
        return super().get_queryset().select_related("village")

    def get_context(self):
        return super().get_context() | {"title": gettext("Referrals to counsellors")}

    def get_heading(self):
        return f"{self.object.name} · {self.object.village}"

    def get_actions(self):
        if self.object.closed_on:
            return []
        url = f"{reverse('referral-create')}?child={self.object.code}"
        return [{"label": gettext("Refer to a counsellor"), "url": url, "primary": True, "icon": "plus"}]

    def get_related(self):
        referrals = self.object.referrals.select_related("counsellor").defer("reason", "ending")
        empty_text = gettext("The child has not been referred to a counsellor.")
        return [record_table(gettext("Referrals to counsellors"), PERIOD, referrals, empty_text=empty_text)]


class ReferralCreateView(ChildRecordCreateView):
    model = Referral
    form_class = ReferralForm
    title = _("Refer to a counsellor")

    def get_form(self, data=None, files=None, **kwargs):
        return super().get_form(data, files, child=self.child, **kwargs)

    def save(self, form):
        form.instance.by = self.user
        return super().save(form)

    def get_success_url(self, obj):
        return reverse("child-referrals", args=[obj.child.code])

    def get_cancel_url(self):
        return reverse("child-referrals", args=[self.child.code])


class ReferralDetailView(RecordDetailView):
    model = Referral

    def get_queryset(self):
        rows = super().get_queryset().readable_by(self.user)
        return rows.select_related("child__village", "counsellor", "by")

    def get_heading(self):
        return f"{self.object.child.name} · {self.object.counsellor.name}"

    def get_sections(self):
        about = detail_items(
            self.object,
            (_("Child"), "child.name"),
            (_("Village"), "child.village"),
            (_("Counsellor"), "counsellor.name"),
            (_("From"), "referred_on"),
            (_("Referred by"), "by.name"),
            (_("Reason"), "reason"),
        )
        ended = detail_items(self.object, (_("Ended on"), "ended_on"), (_("Reason for ending"), "ending"))
        return [{"title": gettext("The referral"), "items": about + (ended if self.object.ended_on else [])}]

    def get_actions(self):
        actions = []
        if self.may("change") and not self.object.ended_on:
            url = reverse("referral-update", args=[self.object.code])
            actions.append({"label": gettext("End the referral"), "url": url, "icon": "check"})
        url = self.object.child.get_absolute_url()
        return [*actions, {"label": gettext("The child's file"), "url": url, "icon": "person"}]


class ReferralUpdateView(RecordUpdateView):
    model = Referral
    form_class = ReferralEndForm
    title = _("End the referral")

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "counsellor")

    def get_context(self, form):
        referral = self.object
        intro = f"{referral.child.name} · {referral.child.village} · {referral.counsellor.name}"
        return super().get_context(form) | {"intro": intro}
