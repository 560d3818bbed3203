from django.urls import path

from registry import views
from registry.enrolment import Enrol
from registry.imports.mapping import Columns
from registry.imports.records import ImportList, Refused, Undo
from registry.imports.views import Preview, Upload
from registry.work import CensusWork

urlpatterns = [
    path("", views.ChildList.as_view(), name="child-list"),
    path("new/", views.ChildCreate.as_view(), name="child-create"),
    path("work/", CensusWork.as_view(), name="census-work"),
    path("enrol/", Enrol.as_view(), name="child-enrol"),
    path("import/", Upload.as_view(), name="import-upload"),
    path("import/<slug:code>/columns/", Columns.as_view(), name="import-columns"),
    path("import/<slug:code>/", Preview.as_view(), name="import-preview"),
    path("import/<slug:code>/refused.xlsx", Refused.as_view(), name="import-refused"),
    path("import/<slug:code>/undo/", Undo.as_view(), name="import-undo"),
    path("imports/", ImportList.as_view(), name="import-list"),
    path("<slug:code>/", views.ChildDetail.as_view(), name="child-detail"),
    path("<slug:code>/edit/", views.ChildUpdate.as_view(), name="child-update"),
    path("<slug:code>/unmask/", views.ChildUnmask.as_view(), name="child-unmask"),
]
