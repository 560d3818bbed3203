from django.urls import path

from activities import donations, views

urlpatterns = [
    path("", views.ActivityList.as_view(), name="activity-list"),
    path("new/", views.ActivityCreate.as_view(), name="activity-create"),
    path("donations/", donations.DonationList.as_view(), name="donation-list"),
    path("donations/new/", donations.DonationCreate.as_view(), name="donation-create"),
    path("donations/<slug:code>/", donations.DonationDetail.as_view(), name="donation-detail"),
    path("donations/<slug:code>/edit/", donations.DonationUpdate.as_view(), name="donation-update"),
    path("<slug:code>/", views.ActivityDetail.as_view(), name="activity-detail"),
    path("<slug:code>/edit/", views.ActivityUpdate.as_view(), name="activity-update"),
    path("<slug:code>/attendance/", views.AttendanceUpdate.as_view(), name="activity-attendance"),
    path("<slug:code>/goods/", views.GoodsUpdate.as_view(), name="activity-goods"),
]
