"""What is answered while the database does not answer: the health check, and every page."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.template import loader
from django.views import defaults

RETRY_AFTER = 60  # seconds


@login_not_required
def healthz(request):
    """Answer 200 `ok`, or 503 `database`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def server_error(request):
    """Answer an error that nobody caught: 503 where the database is away or locked for too long, else 500.

    A middleware would see only what is raised in views, not in other middleware, which asks for the user first.
    """
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        content = loader.get_template("503.html").render()
        return HttpResponse(content, status=503, headers={"Retry-After": RETRY_AFTER})
    return defaults.server_error(request)
