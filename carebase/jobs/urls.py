from django.urls import path

from carebase.jobs.views import JobDetailView

urlpatterns = [path("<slug:code>/", JobDetailView.as_view(), name="job-detail")]
