"""The WSGI application. It does not start on a database that may lose confirmed writes."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carebase.settings")
application = get_wsgi_application()

from carebase.checks import check_durability  # noqa: E402  needs the applications loaded

if faults := check_durability():
    raise ImproperlyConfigured("Carebase does not start. " + " ".join(fault.msg for fault in faults))
