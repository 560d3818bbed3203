from carebase.jobs.views import JobDetailView
from carebase.navigation import page

urlpatterns = [page("<slug:code>/", JobDetailView, "job-detail", parent=None)]
