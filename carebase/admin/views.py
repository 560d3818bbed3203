"""The words of the admin site's scripts."""

from django.conf import settings
from django.views.i18n import JavaScriptCatalog


class ScriptCatalog(JavaScriptCatalog):
    """The words of Django's scripts, and ours in place of them."""

    def get_paths(self, packages):
        return [*super().get_paths(packages), *settings.LOCALE_PATHS]
