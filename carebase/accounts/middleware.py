"""Ends idle and old sessions, and forces the change of a password that somebody else chose."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

SEEN_INTERVAL = 60  # seconds; saving the session on every request would double its cost


def session_end_reason(session, now: int) -> str:
    """Return why the session has ended: "idle", "age" (its cookie alone would live on with each use), or ""."""
    if now - session.get("seen", now) > settings.SESSION_IDLE_MINUTES * 60:
        return "idle"
    return "age" if now - session.get("since", now) > settings.SESSION_COOKIE_AGE else ""


class SessionRulesMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.redirect(request) if request.user.is_authenticated else None
        response = response or self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            add_never_cache_headers(response)  # no page about a person stays in a shared computer's cache
        return response

    def redirect(self, request):
        """Return a redirect when the session has ended or the password must be changed, else None."""
        now, seen = int(time.time()), request.session.get("seen")
        if reason := session_end_reason(request.session, now):
            logout(request)
            request.session["ended"] = reason
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if not seen or now - seen > SEEN_INTERVAL:
            request.session["seen"] = now
        allowed = {reverse("password-change"), reverse("logout"), reverse("set_language")}
        if request.user.must_change_password and request.path not in allowed:
            return redirect("password-change")
        return None
