from django.urls import path

from carebase.reports.audit_list import EventList
from carebase.reports.home import home
from carebase.reports.views import ReportList, TermReport

urlpatterns = [
    path("", home, name="home"),
    path("reports/", ReportList.as_view(), name="report-list"),
    path("reports/term.csv", TermReport.as_view(), name="term-report"),
    path("audit/", EventList.as_view(), name="event-list"),
]
