"""Sign-in, sign-out, the change of one's own password, and the question before restricted values are shown in full."""

from collections.abc import Callable

from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from carebase.accounts.forms import FullAccessForm, PasswordForm, SignInForm
from carebase.accounts.models import Notice
from carebase.accounts.roles import role_choices
from carebase.audit.models import Action, record_event
from carebase.models import Demonstration

# By the reason of `middleware.session_end_reason`; shown on the sign-in page.
SESSION_END_MESSAGES = {
    "idle": _("You were signed out because this page was not used for a while. Everything you saved is safe."),
    "age": _("You were signed out because you had been signed in for a long time. Everything you saved is safe."),
}


@method_decorator([login_not_required, never_cache], name="dispatch")
class SignInView(views.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["ended"] = SESSION_END_MESSAGES.get(self.request.session.pop("ended", ""))
        if Demonstration.objects.exists():
            context["demo_accounts"] = [{"username": role, "role": label} for role, label in role_choices()]
            context["demo_password"] = Demonstration.PASSWORD
        return context


class SignOutView(views.LogoutView):
    pass


class ForcedPasswordChangeView(views.PasswordChangeView):
    """The change of one's password; users whose password somebody else chose are sent here first."""

    form_class = PasswordForm
    success_url = reverse_lazy("home")
    title = _("Change password")

    def form_valid(self, form):
        if form.user.must_change_password and form.user.wait_started_at:
            form.user.wait_started_at = timezone.now()
        form.user.must_change_password = False
        with transaction.atomic():
            record_event(Action.CHANGE, form.user, detail={"password": "changed"})
            return super().form_valid(form)

    def get_context_data(self, **kwargs):
        user = self.request.user
        given = user.notices.recent().filter(kind=Notice.Kind.PASSWORD).first() if user.wait_started_at else None
        return super().get_context_data(**kwargs, forced=user.must_change_password, given=given)


def ask_before_full_access(request, show: Callable[[str], HttpResponse], **context) -> HttpResponse:
    """Return what `show` returns, called with the purpose once it is given, and the password where that is due.

    `context` is that of the page that asks for both. A ValidationError of `show` is displayed there.
    """
    form = FullAccessForm(request.POST if "purpose" in request.POST else None, request=request)
    if form.is_valid():
        try:
            return show(form.cleaned_data["purpose"])
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "registration/full_access.html", {"form": form, **context})
