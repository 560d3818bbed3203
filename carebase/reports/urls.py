from django.utils.translation import gettext_lazy as _

from carebase.navigation import MenuEntry, page
from carebase.reports.audit_trail.views import EventFileView, EventListView, SealFileView
from carebase.reports.home.views import home
from carebase.reports.term.views import ReportListView, TermReportView

urlpatterns = [
    page("", home, "home", parent=None, menu=MenuEntry(10, _("Home"), "house")),
    page(
        "reports/",
        ReportListView,
        "report-list",
        parent=None,
        menu=MenuEntry(70, _("Reports"), "report", "reports.view_term"),
    ),
    page("reports/term.csv", TermReportView, "term-report", parent="report-list"),
    page("reports/seal.txt", SealFileView, "trail-seal", parent="report-list"),
    page(
        "audit/",
        EventListView,
        "event-list",
        parent=None,
        menu=MenuEntry(80, _("Audit trail"), "shield", "audit.view_event"),
    ),
    page("audit/lines.csv", EventFileView, "event-csv", parent="event-list", kwargs={"format": "csv"}),
    page("audit/lines.xlsx", EventFileView, "event-xlsx", parent="event-list", kwargs={"format": "xlsx"}),
]
