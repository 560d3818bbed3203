from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PairingConfig(AppConfig):
    name = "pairing"
    verbose_name = _("Pairing")

    def ready(self):
        from pairing import closing, lists, panels  # noqa: F401  what is added to the pages of children
