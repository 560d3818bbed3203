from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "carebase.jobs"
    verbose_name = _("Background work")

    def ready(self):
        from carebase.jobs import worker

        autodiscover_modules("tasks")
        request_started.connect(worker.start_on_first_request, dispatch_uid="carebase.jobs")
