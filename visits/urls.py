from django.urls import path

from visits import views

urlpatterns = [
    path("", views.VisitListView.as_view(), name="visit-list"),
    path("new/", views.VisitCreateView.as_view(), name="visit-create"),
    path("overdue/", views.OverdueListView.as_view(), name="visit-overdue"),
    path("<slug:code>/", views.VisitDetailView.as_view(), name="visit-detail"),
    path("<slug:code>/edit/", views.VisitUpdateView.as_view(), name="visit-update"),
]
