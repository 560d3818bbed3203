from django.urls import path

from pairing import views

urlpatterns = [
    path("", views.PairingList.as_view(), name="pairing-list"),
    path("new/", views.PairingCreate.as_view(), name="pairing-create"),
    path("carers/", views.CarerList.as_view(), name="carer-list"),
    path("carers/new/", views.CarerCreate.as_view(), name="carer-create"),
    path("carers/<slug:code>/", views.CarerDetail.as_view(), name="carer-detail"),
    path("carers/<slug:code>/edit/", views.CarerUpdate.as_view(), name="carer-update"),
    path("<slug:code>/", views.PairingDetail.as_view(), name="pairing-detail"),
    path("<slug:code>/end/", views.PairingEnd.as_view(), name="pairing-end"),
]
