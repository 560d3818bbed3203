from django.urls import path

from pairing import views

urlpatterns = [
    path("", views.PairingListView.as_view(), name="pairing-list"),
    path("new/", views.PairingCreateView.as_view(), name="pairing-create"),
    path("carers/", views.CarerListView.as_view(), name="carer-list"),
    path("carers/new/", views.CarerCreateView.as_view(), name="carer-create"),
    path("carers/<slug:code>/", views.CarerDetailView.as_view(), name="carer-detail"),
    path("carers/<slug:code>/edit/", views.CarerUpdateView.as_view(), name="carer-update"),
    path("<slug:code>/", views.PairingDetailView.as_view(), name="pairing-detail"),
    path("<slug:code>/end/", views.PairingEndView.as_view(), name="pairing-end"),
]
