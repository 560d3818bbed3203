from django.utils.translation import gettext_lazy as _

from activities import views
from carebase.navigation import MenuEntry, page

urlpatterns = [
    page(
        "",
        views.ActivityListView,
        "activity-list",
        parent=None,
        menu=MenuEntry(60, _("Activities"), "calendar", "activities.view_activity"),
    ),
    page("new/", views.ActivityCreateView, "activity-create", parent="activity-list"),
    page("donations/", views.DonationListView, "donation-list", parent="activity-list"),
    page("donations/new/", views.DonationCreateView, "donation-create", parent="activity-list"),
    page("donations/<slug:code>/", views.DonationDetailView, "donation-detail", parent="activity-list"),
    page("donations/<slug:code>/edit/", views.DonationUpdateView, "donation-update", parent="activity-list"),
    page("<slug:code>/", views.ActivityDetailView, "activity-detail", parent="activity-list"),
    page("<slug:code>/edit/", views.ActivityUpdateView, "activity-update", parent="activity-list"),
    page("<slug:code>/attendance/", views.AttendanceUpdateView, "activity-attendance", parent="activity-list"),
    page("<slug:code>/goods/", views.GoodsUpdateView, "activity-goods", parent="activity-list"),
]
