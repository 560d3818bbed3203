from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits and talks")

    def ready(self):
        from visits import lists, panels  # noqa: F401  what is added to the list and the page of children
