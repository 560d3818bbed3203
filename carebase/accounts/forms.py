"""Forms to sign in and to change one's own password."""

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carebase.accounts import throttle
from carebase.forms import add_bootstrap_classes


class SignInForm(AuthenticationForm):
    """Refuses before it checks the password once an account or an address has failed too often."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_bootstrap_classes(self)

    def clean(self):
        username = self.cleaned_data.get("username") or ""
        if throttle.is_throttled(username):
            raise ValidationError(
                _("Too many failed sign-ins. Please wait %(minutes)s minutes and try again; nothing is lost.")
                % {"minutes": settings.SIGN_IN_WINDOW_MINUTES},
                code="throttled",
            )
        try:
            return super().clean()
        except ValidationError:
            throttle.record_failure(username)
            raise


class PasswordForm(PasswordChangeForm):
    """Refuses the present password as the new one, so that one chosen by somebody else cannot stay."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_bootstrap_classes(self)

    def clean_new_password1(self):
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("Please choose a password other than the current one."), code="same_password")
        return password
