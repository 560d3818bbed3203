"""Forms to sign in and to change one's own password."""

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
        with throttle.password_attempt(throttle.account_hash(self.cleaned_data.get("username") or "")):
            return super().clean()


class PasswordForm(PasswordChangeForm):
    """Refuses the present password as the new one, so that one chosen by somebody else cannot stay."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        add_bootstrap_classes(self)

    def clean_old_password(self):
        with throttle.password_attempt(throttle.confirmation_hash(self.user)):
            return super().clean_old_password()

    def clean_new_password1(self):
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("Please choose a password other than the current one."), code="same_password")
        return password
