"""The pages of donations."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.forms import DonationFilter, DonationForm
from activities.models import Donation
from carebase.views import Create, Detail, List, Update, display, items


def donor(donation) -> str:
    return donation.donor or gettext("anonymous")


def amount(donation) -> str:
    """Return the amount; "about" before an estimate, as the donors' own words have it."""
    text = display(donation.amount)
    return gettext("about %s") % text if donation.about else text


class DonationList(List):
    model = Donation
    filter_class = DonationFilter
    title = _("Donations")
    empty_text = _("No donation is registered yet.")
    columns = (
        (_("Donor"), donor),
        (_("Kind"), "kind"),
        (_("Amount or value, yuan"), amount),
        (_("Received on"), "received_on"),
        (_("Purpose"), "purpose"),
        (_("School or division"), "office"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list()

    def get_actions(self):
        actions = [{"label": gettext("Activities"), "url": reverse("activity-list"), "icon": "calendar"}]
        if self.may("add"):
            url = reverse("donation-create")
            actions.insert(0, {"label": gettext("Register a donation"), "url": url, "primary": True, "icon": "plus"})
        return actions


class DonationCreate(Create):
    model = Donation
    form_class = DonationForm
    title = _("Register a donation")


class DonationDetail(Detail):
    model = Donation

    def get_queryset(self):
        return super().get_queryset().select_related("school", "division", "activity")

    def get_heading(self):
        return f"{donor(self.object)} · {self.object.received_on}"

    def get_sections(self):
        about = items(
            self.object,
            (_("Donor"), donor),
            (_("Kind"), "kind"),
            (_("Amount or value, yuan"), amount),
            (_("Received on"), "received_on"),
            (_("Purpose"), "purpose"),
            (_("Activity"), "activity.title"),
            (_("School or division"), "office"),
        )
        return [{"title": gettext("The donation"), "items": about}]


class DonationUpdate(Update):
    model = Donation
    form_class = DonationForm
    title = _("Edit a donation")
