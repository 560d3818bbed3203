from django.urls import path

from carebase.reports.audit_trail.views import EventListView
from carebase.reports.home.views import home
from carebase.reports.term.views import ReportListView, TermReportView

urlpatterns = [
    path("", home, name="home"),
    path("reports/", ReportListView.as_view(), name="report-list"),
    path("reports/term.csv", TermReportView.as_view(), name="term-report"),
    path("audit/", EventListView.as_view(), name="event-list"),
]
