"""Views of activities, their attendance and goods, and of donations."""

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activities import services
from activities.forms import (
    ActivityFilter,
    ActivityForm,
    AttendanceForm,
    ChildSearchForm,
    DonationFilter,
    DonationForm,
    GoodsForm,
)
from activities.models import Activity, Donation
from carebase.display import display
from carebase.views import (
    PageLink,
    RecordCreateView,
    RecordDetailView,
    RecordListView,
    RecordUpdateView,
    detail_items,
    record_table,
)
from registry.models import Child

MAX_CHILDREN = 500  # children on the page of an activity


class ActivityListView(RecordListView):
    model = Activity
    filter_class = ActivityFilter
    title = _("Activities")
    empty_text = _("No activity is registered yet.")
    columns = (
        (_("Title"), "title"),
        (_("Kind"), "kind"),
        (_("First day"), "held_on"),
        (_("School or division"), "office"),
        (_("Children reached"), "children_count"),
    )
    links = (
        PageLink(_("Register an activity"), "activity-create", "plus", "activities.add_activity", primary=True),
        PageLink(_("Donations"), "donation-list", "heart", "activities.view_donation"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list()


class ActivityCreateView(RecordCreateView):
    model = Activity
    form_class = ActivityForm
    title = _("Register an activity")


class ActivityUpdateView(RecordUpdateView):
    model = Activity
    form_class = ActivityForm
    title = _("Edit an activity")


class ActivityDetailView(RecordDetailView):
    model = Activity

    def get_queryset(self):
        return super().get_queryset().select_related("school", "division")

    def get_heading(self):
        return self.object.title

    def get_sections(self):
        about = detail_items(
            self.object,
            (_("Kind"), "kind"),
            (_("First day"), "held_on"),
            (_("Last day"), "ended_on"),
            (_("Place"), "place"),
            (_("School or division"), "office"),
            (_("Organiser"), "organiser"),
            (_("Leader"), "leader"),
            (_("Children reached"), "children_reached"),
            (_("Children on the list"), lambda activity: activity.attendances.count()),
            (_("Value of all goods, yuan"), "goods_value"),
            (_("Summary"), "summary"),
        )
        return [{"title": gettext("The activity"), "items": about}]

    def get_actions(self):
        if not self.may("change"):
            return []
        code = self.object.code
        attendance, goods = reverse("activity-attendance", args=[code]), reverse("activity-goods", args=[code])
        return [
            {"label": gettext("Who took part"), "url": attendance, "primary": True, "icon": "people"},
            {"label": gettext("Goods"), "url": goods, "icon": "heart"},
            {"label": gettext("Edit"), "url": self.object.get_absolute_url() + "edit/", "icon": "pencil"},
        ]

    def get_related(self):
        related = [self.children(), self.goods()]
        return [*related, self.donations()] if self.may("view", Donation) else related

    def children(self) -> dict:
        given = Count("handouts", filter=Q(handouts__goods__activity=self.object))
        present = Child.objects.permitted_to(self.user, self.get_permission()).filter(attendances__activity=self.object)
        present = present.select_related("village").annotate(given=given).order_by("village", "pinyin", "pk")
        columns = [(_("Child"), "name"), (_("Village"), "village"), (_("Items received"), "given")]
        return record_table(
            gettext("Who took part"), columns, present[:MAX_CHILDREN], empty_text=gettext("Nobody is on the list yet.")
        )

    def goods(self) -> dict:
        lines = self.object.goods.annotate(given=Sum("handouts__quantity", default=0)).order_by("pk")
        rows = [[line.item, line.quantity, line.value, line.given, line.quantity - line.given] for line in lines]
        return {
            "title": gettext("Goods"),
            "columns": [
                gettext("Item"),
                gettext("Quantity"),
                gettext("Total value, yuan"),
                gettext("Handed out"),
                gettext("Left"),
            ],
            "rows": [{"url": "", "cells": [display(cell) for cell in row]} for row in rows],
            "empty_text": gettext("No goods were given."),
        }

    def donations(self) -> dict:
        donations = Donation.objects.visible_to(self.user).filter(activity=self.object).order_by("-received_on", "-pk")
        columns = [
            (_("Donor"), "giver"),
            (_("Kind"), "kind"),
            (_("Received on"), "received_on"),
            (_("Amount or value, yuan"), "amount"),
        ]
        return record_table(
            gettext("Donations"), columns, donations, empty_text=gettext("No donation is linked to this activity.")
        )


class AttendanceUpdateView(RecordUpdateView):
    """The attendance among the children that the user sees; the other children on the list stay."""

    model = Activity
    form_class = AttendanceForm
    template_name = "activities/attendance_form.html"
    title = _("Who took part")

    def get_form(self, data=None, files=None, **kwargs):
        self.finder = ChildSearchForm(self.request.GET, user=self.user)
        search = self.finder.cleaned_data["q"] if self.finder.is_valid() else ""
        return super().get_form(data, files, search=search, **kwargs)

    def save(self, form):
        activity = super().save(form)
        services.record_attendance(activity=activity, children=form.cleaned_data["present"], by=self.user)
        if form.cleaned_data["give"]:
            count = services.hand_out(activity=activity, by=self.user)
            text = ngettext("%d piece was handed out.", "%d pieces were handed out.", count) % count
            messages.success(self.request, text)
        return activity

    def get_context(self, form):
        return super().get_context(form) | {
            "intro": f"{self.object.title} · {self.object.held_on}",
            "filter_form": self.finder,
            "query_prefix": self.finder.data.get("q", ""),
            "full": form.full,
        }


class GoodsUpdateView(RecordUpdateView):
    model = Activity
    form_class = GoodsForm
    title = _("Goods")

    def save(self, form):
        activity = super().save(form)
        services.save_goods(activity=activity, saved=form.saved, removed=form.removed, by=self.user)
        return activity

    def get_context(self, form):
        note = gettext("Empty lines are removed. After each save you can add three more.")
        return super().get_context(form) | {"intro": f"{self.object.title} · {self.object.held_on} · {note}"}


def amount_text(donation) -> str:
    """Return the amount, with "about" before an estimate."""
    text = display(donation.amount)
    return gettext("about %s") % text if donation.about else text


class DonationListView(RecordListView):
    model = Donation
    filter_class = DonationFilter
    title = _("Donations")
    empty_text = _("No donation is registered yet.")
    columns = (
        (_("Donor"), "giver"),
        (_("Kind"), "kind"),
        (_("Amount or value, yuan"), amount_text),
        (_("Received on"), "received_on"),
        (_("Purpose"), "purpose"),
        (_("School or division"), "office"),
    )
    links = (
        PageLink(_("Register a donation"), "donation-create", "plus", "activities.add_donation", primary=True),
        PageLink(_("Activities"), "activity-list", "calendar"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list()


class DonationCreateView(RecordCreateView):
    model = Donation
    form_class = DonationForm
    title = _("Register a donation")


class DonationDetailView(RecordDetailView):
    model = Donation

    def get_queryset(self):
        return super().get_queryset().select_related("school", "division", "activity")

    def get_heading(self):
        return self.object.choice_label

    def get_sections(self):
        about = detail_items(
            self.object,
            (_("Donor"), "giver"),
            (_("Kind"), "kind"),
            (_("Amount or value, yuan"), amount_text),
            (_("Received on"), "received_on"),
            (_("Purpose"), "purpose"),
            (_("Activity"), "activity.title"),
            (_("School or division"), "office"),
        )
        return [{"title": gettext("The donation"), "items": about}]


class DonationUpdateView(RecordUpdateView):
    model = Donation
    form_class = DonationForm
    title = _("Edit a donation")
