"""Views of pairings and carers: lists, details and forms."""

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
from pairing import services
from pairing.forms import CarerFilter, CarerForm, PairingEndForm, PairingFilter, PairingForm
from pairing.models import DEFAULT_CAPACITY, Carer, Pairing
from registry.child_records.views import ChildRecordCreateView


class PairingListView(RecordListView):
    model = Pairing
    filter_class = PairingFilter
    title = _("Pairings")
    empty_text = _("No child has a carer yet.")
    columns = (
        (_("Child"), "child.name"),
        (_("Village"), "child.village"),
        (_("Carer"), "carer.name"),
        (_("From"), "started_on"),
        (_("Until"), "ended_on"),
        (_("Reason for ending"), "ending"),
    )
    links = (
        PageLink(_("Pair a child"), "pairing-create", "link", "pairing.add_pairing", primary=True),
        PageLink(_("Carers"), "carer-list", "people", "pairing.view_carer"),
    )

    def get_queryset(self):
        return super().get_queryset().for_list()


class PairingCreateView(ChildRecordCreateView):
    model = Pairing
    form_class = PairingForm
    title = _("Pair a child with a carer")

    def save(self, form):
        data = form.cleaned_data
        return services.pair(child=data["child"], carer=data["carer"], started_on=data["started_on"], by=self.user)


class PairingDetailView(RecordDetailView):
    model = Pairing

    def get_queryset(self):
        return super().get_queryset().select_related("child__village", "carer__school", "carer__division")

    def get_heading(self):
        return f"{self.object.carer.name} · {self.object.child.name}"

    def get_sections(self):
        about = detail_items(
            self.object,
            (_("Child"), "child.name"),
            (_("Village"), "child.village"),
            (_("Carer"), "carer.name"),
            (_("School or division of the carer"), "carer.office"),
            (_("From"), "started_on"),
            (_("Until"), "ended_on"),
            (_("Reason for ending"), "ending"),
        )
        return [{"title": gettext("The pairing"), "items": about}]

    def get_actions(self):
        actions = []
        if self.may("change"):
            label = gettext("Correct the ending") if self.object.ended_on else gettext("End the pairing")
            actions.append({"label": label, "url": reverse("pairing-end", args=[self.object.code]), "icon": "pencil"})
        url = self.object.child.get_absolute_url()
        return [*actions, {"label": gettext("The child's file"), "url": url, "icon": "person"}]


class PairingEndView(RecordUpdateView):
    model = Pairing
    form_class = PairingEndForm
    title = _("End the pairing")

    def get_queryset(self):
        return super().get_queryset().select_related("child", "carer")

    def get_form(self, data=None, files=None, **kwargs):
        if not kwargs["instance"].ended_on:
            kwargs["initial"] = {"ended_on": max(timezone.localdate(), kwargs["instance"].started_on)}
        return super().get_form(data, files, **kwargs)

    def save(self, form):
        data = form.cleaned_data
        return services.end(pairing=form.instance, ended_on=data["ended_on"], ending=data["ending"], by=self.user)

    def get_context(self, form):
        return super().get_context(form) | {"intro": f"{self.object.carer.name} · {self.object.child.name}"}


class CarerListView(RecordListView):
    model = Carer
    filter_class = CarerFilter
    title = _("Carers")
    empty_text = _("No carer is registered yet.")
    columns = (
        (_("Full name"), "name"),
        (_("School or division"), "office"),
        (_("Children now"), "children_now"),
        (_("Places taken"), "load"),
        (_("Children at most"), "capacity"),
        (_("Takes children"), "active"),
    )
    links = (
        PageLink(_("Register a carer"), "carer-create", "plus", "pairing.add_carer", primary=True),
        PageLink(_("Pairings"), "pairing-list", "link"),
    )

    def get_queryset(self):
        return super().get_queryset().with_load().select_related("school", "division").order_by("name", "pk")


class CarerCreateView(RecordCreateView):
    model = Carer
    form_class = CarerForm
    title = _("Register a carer")


def account_text(carer: Carer) -> str:
    """Return the name of the carer's account, and that it sees nothing where it has no posting in force."""
    if carer.user is None:
        return ""
    text = "%(name)s" if carer.user.reach else gettext("%(name)s (no posting in force, sees no child)")
    return text % {"name": carer.user.name}


def capacity_text(carer: Carer) -> str:
    """Return why a carer may have more than three children, and who approved it when."""
    by = carer.capacity_set_by
    parts = [carer.capacity_reason, by and by.name, by and display(carer.capacity_set_on)]
    return " · ".join(filter(None, parts))


class CarerDetailView(RecordDetailView):
    model = Carer

    def get_queryset(self):
        carers = super().get_queryset().with_load()
        return carers.select_related("school", "division", "user", "capacity_set_by")

    def get_heading(self):
        return self.object.name

    def get_sections(self):
        more = self.object.capacity > DEFAULT_CAPACITY
        reason = [(_("Reason for more than three"), capacity_text)] if more else []
        about = detail_items(
            self.object,
            (_("School or division"), "office"),
            (_("Account"), account_text),
            (_("Children now"), "children_now"),
            (_("Places taken"), "load"),
            (_("Children at most"), "capacity"),
            *reason,
            (_("Takes children"), "active"),
        )
        return [{"title": gettext("The carer"), "items": about}]

    def get_related(self):
        pairings = Pairing.objects.visible_to(self.user).filter(carer=self.object).select_related("child__village")
        columns = [
            (_("Child"), "child.name"),
            (_("Village"), "child.village"),
            (_("From"), "started_on"),
            (_("Until"), "ended_on"),
        ]
        latest = pairings.order_by(F("ended_on").desc(nulls_first=True), "started_on", "pk")[:50]
        empty = gettext("No child is paired with this carer yet.")
        return [record_table(gettext("Children"), columns, latest, empty_text=empty, actions=self.next_steps())]

    def next_steps(self) -> list[dict]:
        """Return the link to the children without a carer: a pairing begins at the child's file."""
        if not self.may("add", Pairing):
            return []
        url = f"{reverse('child-list')}?show=unpaired"
        return [{"label": gettext("Children without a carer"), "url": url, "icon": "link"}]


class CarerUpdateView(RecordUpdateView):
    model = Carer
    form_class = CarerForm
    title = _("Edit a carer")

    def save(self, form):
        services.check_load(form.instance)
        return super().save(form)
