from django.urls import path

from visits import views

urlpatterns = [
    path("", views.VisitList.as_view(), name="visit-list"),
    path("new/", views.VisitCreate.as_view(), name="visit-create"),
    path("overdue/", views.Overdue.as_view(), name="visit-overdue"),
    path("<slug:code>/", views.VisitDetail.as_view(), name="visit-detail"),
    path("<slug:code>/edit/", views.VisitUpdate.as_view(), name="visit-update"),
]
