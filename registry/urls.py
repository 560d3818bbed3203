from django.urls import path

from registry import views
from registry.enrolment import Enrol
from registry.guardianship import views as guardianship
from registry.imports.views import Preview, Upload
from registry.photos import Photo, PhotoFile
from registry.work import CensusWork

urlpatterns = [
    path("", views.ChildList.as_view(), name="child-list"),
    path("new/", views.ChildCreate.as_view(), name="child-create"),
    path("work/", CensusWork.as_view(), name="census-work"),
    path("enrol/", Enrol.as_view(), name="child-enrol"),
    path("import/", Upload.as_view(), name="import-upload"),
    path("import/<slug:code>/", Preview.as_view(), name="import-preview"),
    path("alone/", guardianship.AloneList.as_view(), name="alone-list"),
    path("entrustments/", guardianship.EntrustmentList.as_view(), name="entrustment-list"),
    path("<slug:code>/", views.ChildDetail.as_view(), name="child-detail"),
    path("<slug:code>/edit/", views.ChildUpdate.as_view(), name="child-update"),
    path("<slug:code>/unmask/", views.ChildUnmask.as_view(), name="child-unmask"),
    path("<slug:code>/photo/", Photo.as_view(), name="child-photo"),
    path("<slug:code>/photo/large/", PhotoFile.as_view(), {"size": "large"}, name="child-photo-file"),
    path("<slug:code>/photo/small/", PhotoFile.as_view(), {"size": "small"}, name="child-photo-file"),
    path("<slug:code>/guardianship/", guardianship.Present.as_view(), name="child-guardianship"),
    path("<slug:code>/guardianship/new/", guardianship.Begin.as_view(), name="child-guardianship-new"),
    path("<slug:code>/guardianship/edit/", guardianship.Amend.as_view(), name="child-guardianship-edit"),
    path("<slug:code>/guardianship/agreement/", guardianship.Agreement.as_view(), name="child-agreement"),
    path("<slug:code>/guardianship/agreement/file/", guardianship.AgreementFile.as_view(), name="child-agreement-file"),
]
