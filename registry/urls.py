from django.urls import include, path, re_path

from registry.children import views
from registry.closing.views import ChildCloseView, ChildKeepView, ChildReopenView, ClosingListView
from registry.duplicates.views import DuplicateListView, DuplicateMergeView, MergeDetailView
from registry.enrolment.views import EnrolmentView
from registry.guardianship import views as guardianship
from registry.history.views import ChildHistoryView
from registry.imports.views.columns import ImportColumnsView
from registry.imports.views.history import ImportListView, ImportRefusedView, ImportUndoView
from registry.imports.views.preview import ImportPreviewView
from registry.imports.views.upload import ImportUploadView
from registry.leftbehind.views import AbsenceUpdateView, DepartureCreateView, LeftBehindView, ReturnCreateView
from registry.papers.views import ChildFormPaperView, PaperListView, PaperPrintView
from registry.photos.views import ChildPhotoFileView, ChildPhotoView
from registry.transfers.views import TransferCreateView, TransferDetailView, TransferListView
from registry.verification.views import (
    ComparisonCreateView,
    ComparisonDetailView,
    ComparisonListView,
    ComparisonRowUpdateView,
)
from registry.work import CensusTaskMenuView

urlpatterns = [
    path("", views.ChildListView.as_view(), name="child-list"),
    path("new/", views.ChildCreateView.as_view(), name="child-create"),
    path("work/", CensusTaskMenuView.as_view(), name="census-work"),
    path("verification/", ComparisonListView.as_view(), name="comparison-list"),
    path("verification/new/", ComparisonCreateView.as_view(), name="comparison-create"),
    path("verification/rows/<slug:code>/", ComparisonRowUpdateView.as_view(), name="comparison-row"),
    path("verification/<slug:code>/", ComparisonDetailView.as_view(), name="comparison-detail"),
    path("transfers/", TransferListView.as_view(), name="transfer-list"),
    path("transfers/<slug:code>/", TransferDetailView.as_view(), name="transfer-detail"),
    path("duplicates/", DuplicateListView.as_view(), name="duplicate-list"),
    path("duplicates/<slug:first>/<slug:second>/", DuplicateMergeView.as_view(), name="duplicate-merge"),
    path("merges/<slug:code>/", MergeDetailView.as_view(), name="merge-detail"),
    path("papers/", PaperListView.as_view(), name="paper-list"),
    path("papers/<slug:paper>/", PaperPrintView.as_view(), name="paper-print"),
    re_path(r"^papers/(?P<file>[a-z]+\.(?:pdf|xlsx))$", PaperPrintView.as_view(), name="paper-file"),
    path("closing/", ClosingListView.as_view(), name="closing-list"),
    path("enrol/", EnrolmentView.as_view(), name="child-enrol"),
    path("import/", ImportUploadView.as_view(), name="import-upload"),
    path("import/<slug:code>/columns/", ImportColumnsView.as_view(), name="import-columns"),
    path("import/<slug:code>/", ImportPreviewView.as_view(), name="import-preview"),
    path("import/<slug:code>/refused.xlsx", ImportRefusedView.as_view(), name="import-refused"),
    path("import/<slug:code>/undo/", ImportUndoView.as_view(), name="import-undo"),
    path("imports/", ImportListView.as_view(), name="import-list"),
    path("", include("registry.rounds.urls")),
    path("alone/", guardianship.AloneListView.as_view(), name="alone-list"),
    path("entrustments/", guardianship.EntrustmentListView.as_view(), name="entrustment-list"),
    path("<slug:code>/", views.ChildDetailView.as_view(), name="child-detail"),
    path("<slug:code>/edit/", views.ChildUpdateView.as_view(), name="child-update"),
    path("<slug:code>/form/", ChildFormPaperView.as_view(), name="child-form"),
    path("<slug:code>/left-behind/", LeftBehindView.as_view(), name="child-left-behind"),
    path("<slug:code>/left-behind/departure/", DepartureCreateView.as_view(), name="child-departure"),
    path("<slug:code>/left-behind/return/", ReturnCreateView.as_view(), name="child-return"),
    path("<slug:code>/left-behind/entry/", AbsenceUpdateView.as_view(), name="absence-update"),
    path("<slug:code>/close/", ChildCloseView.as_view(), name="child-close"),
    path("<slug:code>/keep/", ChildKeepView.as_view(), name="child-keep"),
    path("<slug:code>/reopen/", ChildReopenView.as_view(), name="child-reopen"),
    path("<slug:code>/unmask/", views.ChildUnmaskView.as_view(), name="child-unmask"),
    path("<slug:code>/history/", ChildHistoryView.as_view(), name="child-history"),
    path("<slug:code>/transfer/", TransferCreateView.as_view(), name="transfer-create"),
    path("<slug:code>/photo/", ChildPhotoView.as_view(), name="child-photo"),
    path("<slug:code>/photo/large/", ChildPhotoFileView.as_view(), {"size": "large"}, name="child-photo-file"),
    path("<slug:code>/photo/small/", ChildPhotoFileView.as_view(), {"size": "small"}, name="child-photo-file"),
    path("<slug:code>/guardianship/", guardianship.GuardianshipDetailView.as_view(), name="child-guardianship"),
    path("<slug:code>/guardianship/new/", guardianship.GuardianshipCreateView.as_view(), name="child-guardianship-new"),
    path(
        "<slug:code>/guardianship/edit/", guardianship.GuardianshipUpdateView.as_view(), name="child-guardianship-edit"
    ),
    path("<slug:code>/guardianship/agreement/", guardianship.AgreementView.as_view(), name="child-agreement"),
    path(
        "<slug:code>/guardianship/agreement/file/",
        guardianship.AgreementFileView.as_view(),
        name="child-agreement-file",
    ),
]
