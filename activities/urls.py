from django.urls import path

from activities import views

urlpatterns = [
    path("", views.ActivityListView.as_view(), name="activity-list"),
    path("new/", views.ActivityCreateView.as_view(), name="activity-create"),
    path("donations/", views.DonationListView.as_view(), name="donation-list"),
    path("donations/new/", views.DonationCreateView.as_view(), name="donation-create"),
    path("donations/<slug:code>/", views.DonationDetailView.as_view(), name="donation-detail"),
    path("donations/<slug:code>/edit/", views.DonationUpdateView.as_view(), name="donation-update"),
    path("<slug:code>/", views.ActivityDetailView.as_view(), name="activity-detail"),
    path("<slug:code>/edit/", views.ActivityUpdateView.as_view(), name="activity-update"),
    path("<slug:code>/attendance/", views.AttendanceUpdateView.as_view(), name="activity-attendance"),
    path("<slug:code>/goods/", views.GoodsUpdateView.as_view(), name="activity-goods"),
]
