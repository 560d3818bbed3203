from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CarebaseConfig(AppConfig):
    name = "carebase"
    verbose_name = _("Carebase")

    def ready(self):
        from carebase import checks  # noqa: F401  registers the system checks


class CarebaseAdminConfig(AdminConfig):
    default_site = "carebase.admin.site.CarebaseAdminSite"
