from django.utils.translation import gettext_lazy as _

from carebase.navigation import MenuEntry, page
from visits import views

urlpatterns = [
    page(
        "",
        views.VisitListView,
        "visit-list",
        parent=None,
        menu=MenuEntry(40, _("Visits"), "journal", "visits.view_visit"),
    ),
    page("new/", views.VisitCreateView, "visit-create", parent="visit-list"),
    page("overdue/", views.OverdueListView, "visit-overdue", parent="visit-list"),
    page("<slug:code>/", views.VisitDetailView, "visit-detail", parent="visit-list"),
    page("<slug:code>/edit/", views.VisitUpdateView, "visit-update", parent="visit-list"),
]
