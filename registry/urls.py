from django.urls import include, path, re_path

from registry import views
from registry.closing.views import Close, ClosingList, Keep, Reopen
from registry.duplicates.views import DuplicateList, DuplicateMerge, MergeDetail
from registry.enrolment import Enrol
from registry.guardianship import views as guardianship
from registry.history.views import ChildHistory
from registry.imports.mapping import Columns
from registry.imports.records import ImportList, Refused, Undo
from registry.imports.views import Preview, Upload
from registry.leftbehind.views import CorrectAbsence, LeftBehind, LogDeparture, LogReturn
from registry.papers.views import ChildForm, PaperList, PaperPrint
from registry.photos import Photo, PhotoFile
from registry.transfers.views import TransferCreate, TransferDetail, TransferList
from registry.verification.views import ComparisonCreate, ComparisonDetail, ComparisonList, ComparisonRowSettle
from registry.work import CensusWork

urlpatterns = [
    path("", views.ChildList.as_view(), name="child-list"),
    path("new/", views.ChildCreate.as_view(), name="child-create"),
    path("work/", CensusWork.as_view(), name="census-work"),
    path("verification/", ComparisonList.as_view(), name="comparison-list"),
    path("verification/new/", ComparisonCreate.as_view(), name="comparison-create"),
    path("verification/rows/<slug:code>/", ComparisonRowSettle.as_view(), name="comparison-row"),
    path("verification/<slug:code>/", ComparisonDetail.as_view(), name="comparison-detail"),
    path("transfers/", TransferList.as_view(), name="transfer-list"),
    path("transfers/<slug:code>/", TransferDetail.as_view(), name="transfer-detail"),
    path("duplicates/", DuplicateList.as_view(), name="duplicate-list"),
    path("duplicates/<slug:first>/<slug:second>/", DuplicateMerge.as_view(), name="duplicate-merge"),
    path("merges/<slug:code>/", MergeDetail.as_view(), name="merge-detail"),
    path("papers/", PaperList.as_view(), name="paper-list"),
    path("papers/<slug:paper>/", PaperPrint.as_view(), name="paper-print"),
    re_path(r"^papers/(?P<file>[a-z]+\.(?:pdf|xlsx))$", PaperPrint.as_view(), name="paper-file"),
    path("closing/", ClosingList.as_view(), name="closing-list"),
    path("enrol/", Enrol.as_view(), name="child-enrol"),
    path("import/", Upload.as_view(), name="import-upload"),
    path("import/<slug:code>/columns/", Columns.as_view(), name="import-columns"),
    path("import/<slug:code>/", Preview.as_view(), name="import-preview"),
    path("import/<slug:code>/refused.xlsx", Refused.as_view(), name="import-refused"),
    path("import/<slug:code>/undo/", Undo.as_view(), name="import-undo"),
    path("imports/", ImportList.as_view(), name="import-list"),
    path("", include("registry.rounds.urls")),
    path("alone/", guardianship.AloneList.as_view(), name="alone-list"),
    path("entrustments/", guardianship.EntrustmentList.as_view(), name="entrustment-list"),
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
    path("<slug:code>/history/", ChildHistory.as_view(), name="child-history"),
    path("<slug:code>/transfer/", TransferCreate.as_view(), name="transfer-create"),
    path("<slug:code>/photo/", Photo.as_view(), name="child-photo"),
    path("<slug:code>/photo/large/", PhotoFile.as_view(), {"size": "large"}, name="child-photo-file"),
    path("<slug:code>/photo/small/", PhotoFile.as_view(), {"size": "small"}, name="child-photo-file"),
    path("<slug:code>/guardianship/", guardianship.Present.as_view(), name="child-guardianship"),
    path("<slug:code>/guardianship/new/", guardianship.Begin.as_view(), name="child-guardianship-new"),
    path("<slug:code>/guardianship/edit/", guardianship.Amend.as_view(), name="child-guardianship-edit"),
    path("<slug:code>/guardianship/agreement/", guardianship.Agreement.as_view(), name="child-agreement"),
    path("<slug:code>/guardianship/agreement/file/", guardianship.AgreementFile.as_view(), name="child-agreement-file"),
]
