from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "carebase.accounts"
    verbose_name = _("Accounts")

    def ready(self):
        from carebase.accounts import sessions  # noqa: F401  connects the signal receivers
