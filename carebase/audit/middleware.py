"""Tells the audit trail whose request it is, and writes down what was refused."""

from carebase.audit.context import acting_for_request
from carebase.audit.models import Action, record_event

REFUSAL_STATUSES = {403, 404, 409}


def storable_path(path: str) -> str:
    """Return an address that was asked for so that every database can hold it: PostgreSQL refuses NUL."""
    return path[:300].replace("\0", "\N{REPLACEMENT CHARACTER}")


class AuditMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with acting_for_request(request):
            response = self.get_response(request)
            # After the view's own transaction was rolled back, so in one of its own. A 404 is how a row outside
            # one's scope is refused. Anonymous requests are only sent to sign in; they would fill the trail.
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
