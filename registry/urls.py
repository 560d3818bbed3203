from django.urls import path, re_path

from registry import views
from registry.closing.views import Close, ClosingList, Keep, Reopen
from registry.enrolment import Enrol
from registry.imports.views import Preview, Upload
from registry.leftbehind.views import CorrectAbsence, LeftBehind, LogDeparture, LogReturn
from registry.papers.views import ChildForm, PaperList, PaperPrint
from registry.work import CensusWork

urlpatterns = [
    path("", views.ChildList.as_view(), name="child-list"),
    path("new/", views.ChildCreate.as_view(), name="child-create"),
    path("work/", CensusWork.as_view(), name="census-work"),
    path("papers/", PaperList.as_view(), name="paper-list"),
    path("papers/<slug:paper>/", PaperPrint.as_view(), name="paper-print"),
    re_path(r"^papers/(?P<file>[a-z]+\.(?:pdf|xlsx))$", PaperPrint.as_view(), name="paper-file"),
    path("closing/", ClosingList.as_view(), name="closing-list"),
    path("enrol/", Enrol.as_view(), name="child-enrol"),
    path("import/", Upload.as_view(), name="import-upload"),
    path("import/<slug:code>/", Preview.as_view(), name="import-preview"),
    path("<slug:code>/", views.ChildDetail.as_view(), name="child-detail"),
    path("<slug:code>/edit/", views.ChildUpdate.as_view(), name="child-update"),
    path("<slug:code>/form/", ChildForm.as_view(), name="child-form"),
    path("<slug:code>/left-behind/", LeftBehind.as_view(), name="child-left-behind"),
    path("<slug:code>/left-behind/departure/", LogDeparture.as_view(), name="child-departure"),
    path("<slug:code>/left-behind/return/", LogReturn.as_view(), name="child-return"),
    path("<slug:code>/left-behind/entry/", CorrectAbsence.as_view(), name="absence-update"),
    path("<slug:code>/close/", Close.as_view(), name="child-close"),
    path("<slug:code>/keep/", Keep.as_view(), name="child-keep"),
    path("<slug:code>/reopen/", Reopen.as_view(), name="child-reopen"),
    path("<slug:code>/unmask/", views.ChildUnmask.as_view(), name="child-unmask"),
]
