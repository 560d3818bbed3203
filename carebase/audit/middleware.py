"""Tells the audit trail whose request it is, and records refusals."""

from carebase.audit.context import acting_for_request
from carebase.audit.models import Action, record_event

REFUSAL_STATUSES = {403, 404, 409}


def storable_path(path: str) -> str:
    """Return the path of a request as every database can store it: PostgreSQL refuses NUL."""
    return path[:300].replace("\0", "\N{REPLACEMENT CHARACTER}")


class AuditMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with acting_for_request(request):
            response = self.get_response(request)
            # The view's own transaction is rolled back by now. A row out of scope is refused by 404. Anonymous
            # requests are only redirected to the sign-in page; they would fill the trail.
            if response.status_code in REFUSAL_STATUSES and request.user.is_authenticated:
                record_event(
                    Action.REFUSAL,
                    detail={
                        "path": storable_path(request.path),
                        "method": request.method,
                        "status": response.status_code,
                    },
                )
        return response
