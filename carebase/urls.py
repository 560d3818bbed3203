"""The URLs of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView
from django.views.i18n import set_language

from carebase.accounts.views import ForcedPasswordChangeView, SignInView, SignOutView
from carebase.health import healthz
from carebase.navigation import page

urlpatterns = [
    path("", include("carebase.reports.urls")),
    page("healthz", healthz, "healthz", parent=None),
    page("login/", SignInView, "login", parent=None),
    page("logout/", SignOutView, "logout", parent=None),
    page("password/", ForcedPasswordChangeView, "password-change", parent=None),
    page("language/", login_not_required(set_language), "set_language", parent=None),
    path("children/", include("registry.urls")),
    path("visits/", include("visits.urls")),
    path("pairing/", include("pairing.urls")),
    path("activities/", include("activities.urls")),
    path("jobs/", include("carebase.jobs.urls")),
    # The admin's own sign-in page would not be throttled.
    path("admin/login/", login_not_required(RedirectView.as_view(url=reverse_lazy("login"), query_string=True))),
    path("admin/", admin.site.urls),
]

handler500 = "carebase.health.server_error"
