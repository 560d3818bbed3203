from django.utils.translation import gettext_lazy as _

from carebase.navigation import MenuEntry, page
from pairing import views

urlpatterns = [
    page(
        "",
        views.PairingListView,
        "pairing-list",
        parent=None,
        menu=MenuEntry(50, _("Pairing"), "link", "pairing.view_pairing"),
    ),
    page("new/", views.PairingCreateView, "pairing-create", parent="pairing-list"),
    page("carers/", views.CarerListView, "carer-list", parent="pairing-list"),
    page("carers/new/", views.CarerCreateView, "carer-create", parent="pairing-list"),
    page("carers/<slug:code>/", views.CarerDetailView, "carer-detail", parent="pairing-list"),
    page("carers/<slug:code>/edit/", views.CarerUpdateView, "carer-update", parent="pairing-list"),
    page("<slug:code>/", views.PairingDetailView, "pairing-detail", parent="pairing-list"),
    page("<slug:code>/end/", views.PairingEndView, "pairing-end", parent="pairing-list"),
]
