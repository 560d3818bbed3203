from django.urls import path

from carebase.jobs.views import JobDetail

urlpatterns = [path("<slug:code>/", JobDetail.as_view(), name="job-detail")]
