from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _

from carebase.navigation import MenuEntry, page
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
from registry.referrals.views import (
    ChildReferralsView,
    ReferralCreateView,
    ReferralDetailView,
    ReferralListView,
    ReferralUpdateView,
)
from registry.transfers.views import TransferCreateView, TransferDetailView, TransferListView
from registry.verification.views import (
    ComparisonCreateView,
    ComparisonDetailView,
    ComparisonListView,
    ComparisonRowUpdateView,
)

urlpatterns = [
    page(
        "",
        views.ChildListView,
        "child-list",
        parent=None,
        menu=MenuEntry(20, _("Children"), "people", "registry.view_child"),
    ),
    page("new/", views.ChildCreateView, "child-create", parent="child-list"),
    page(
        "work/",
        views.CensusTaskMenuView,
        "census-work",
        parent="child-list",
        title=_("Census work"),
        menu=MenuEntry(30, _("Census work"), "list", "registry.add_child"),
    ),
    page("verification/", ComparisonListView, "comparison-list", parent="census-work", title=_("Verification")),
    page("verification/new/", ComparisonCreateView, "comparison-create", parent="comparison-list"),
    page("verification/rows/<slug:code>/", ComparisonRowUpdateView, "comparison-row", parent="comparison-list"),
    page("verification/<slug:code>/", ComparisonDetailView, "comparison-detail", parent="comparison-list"),
    page("transfers/", TransferListView, "transfer-list", parent="census-work", title=_("Transfers")),
    page("transfers/<slug:code>/", TransferDetailView, "transfer-detail", parent="transfer-list"),
    page("referrals/", ReferralListView, "referral-list", parent="census-work", title=_("Referrals")),
    page("referrals/new/", ReferralCreateView, "referral-create", parent="referral-list"),
    page("referrals/<slug:code>/", ReferralDetailView, "referral-detail", parent="referral-list"),
    page("referrals/<slug:code>/edit/", ReferralUpdateView, "referral-update", parent="referral-detail"),
    page("duplicates/", DuplicateListView, "duplicate-list", parent="census-work", title=_("Possible duplicates")),
    page("duplicates/<slug:first>/<slug:second>/", DuplicateMergeView, "duplicate-merge", parent="duplicate-list"),
    page("merges/<slug:code>/", MergeDetailView, "merge-detail", parent="duplicate-list"),
    page("papers/", PaperListView, "paper-list", parent="census-work", title=_("Documents")),
    page("papers/<slug:paper>/", PaperPrintView, "paper-print", parent="paper-list"),
    page(
        r"^papers/(?P<file>[a-z]+\.(?:pdf|xlsx))$",
        PaperPrintView,
        "paper-file",
        parent="paper-list",
        as_path=re_path,
    ),
    page("closing/", ClosingListView, "closing-list", parent="census-work", title=_("Files to close")),
    page("enrol/", EnrolmentView, "child-enrol", parent="census-work", title=_("Place in classes")),
    page("import/", ImportUploadView, "import-upload", parent="census-work", title=_("Import a sheet")),
    page("import/<slug:code>/columns/", ImportColumnsView, "import-columns", parent="import-list"),
    page(
        "import/<slug:code>/", ImportPreviewView, "import-preview", parent="import-list", title=_("Back to the import")
    ),
    page("import/<slug:code>/refused.xlsx", ImportRefusedView, "import-refused", parent="import-preview"),
    page("import/<slug:code>/undo/", ImportUndoView, "import-undo", parent="import-preview"),
    page("imports/", ImportListView, "import-list", parent="census-work", title=_("Imports")),
    path("", include("registry.rounds.urls")),
    page("alone/", guardianship.AloneListView, "alone-list", parent="census-work", title=_("Children living alone")),
    page(
        "entrustments/",
        guardianship.EntrustmentListView,
        "entrustment-list",
        parent="census-work",
        title=_("Entrusted care"),
    ),
    page("<slug:code>/", views.ChildDetailView, "child-detail", parent="child-list", title=_("Back to the file")),
    page("<slug:code>/edit/", views.ChildUpdateView, "child-update", parent="child-detail"),
    page("<slug:code>/form/", ChildFormPaperView, "child-form", parent="child-detail"),
    page("<slug:code>/left-behind/", LeftBehindView, "child-left-behind", parent="child-detail", title=_("Back")),
    page("<slug:code>/left-behind/departure/", DepartureCreateView, "child-departure", parent="child-left-behind"),
    page("<slug:code>/left-behind/return/", ReturnCreateView, "child-return", parent="child-left-behind"),
    page("<slug:code>/left-behind/entry/", AbsenceUpdateView, "absence-update", parent="child-left-behind"),
    page("<slug:code>/close/", ChildCloseView, "child-close", parent="child-detail"),
    page("<slug:code>/keep/", ChildKeepView, "child-keep", parent="child-detail"),
    page("<slug:code>/reopen/", ChildReopenView, "child-reopen", parent="child-detail"),
    page("<slug:code>/unmask/", views.ChildUnmaskView, "child-unmask", parent="child-list"),
    page("<slug:code>/history/", ChildHistoryView, "child-history", parent="child-detail"),
    page("<slug:code>/transfer/", TransferCreateView, "transfer-create", parent="child-detail"),
    page("<slug:code>/referrals/", ChildReferralsView, "child-referrals", parent="child-detail"),
    page("<slug:code>/photo/", ChildPhotoView, "child-photo", parent="child-detail"),
    page(
        "<slug:code>/photo/large/",
        ChildPhotoFileView,
        "child-photo-file",
        parent="child-photo",
        kwargs={"size": "large"},
    ),
    page(
        "<slug:code>/photo/small/",
        ChildPhotoFileView,
        "child-photo-file",
        parent="child-photo",
        kwargs={"size": "small"},
    ),
    page(
        "<slug:code>/guardianship/",
        guardianship.GuardianshipDetailView,
        "child-guardianship",
        parent="child-detail",
        title=_("Back"),
    ),
    page(
        "<slug:code>/guardianship/new/",
        guardianship.GuardianshipCreateView,
        "child-guardianship-new",
        parent="child-guardianship",
    ),
    page(
        "<slug:code>/guardianship/edit/",
        guardianship.GuardianshipUpdateView,
        "child-guardianship-edit",
        parent="child-guardianship",
    ),
    page(
        "<slug:code>/guardianship/agreement/",
        guardianship.AgreementView,
        "child-agreement",
        parent="child-guardianship",
    ),
    page(
        "<slug:code>/guardianship/agreement/file/",
        guardianship.AgreementFileView,
        "child-agreement-file",
        parent="child-guardianship",
    ),
]
