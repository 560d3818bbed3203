from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")

    def ready(self):
        from registry.imports import tasks  # noqa: F401  registers the long work of the imports

        autodiscover_modules("hooks")  # where each app adds to what registry.hooks declares
