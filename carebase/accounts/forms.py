"""Forms to sign in, to change one's own password, and to say why one looks at restricted values in full."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carebase.accounts import confirmation, throttle
from carebase.accounts.purposes import Purpose
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
        if password == self.cleaned_data.get("old_password"):  # only there if it is right
            raise ValidationError(_("Please choose a password other than the current one."), code="same_password")
        return password


class FullAccessForm(forms.Form):
    """The purpose, with the last one preset, and the password unless it was given a short while ago."""

    purpose = forms.ChoiceField(label=gettext_lazy("What for"), choices=Purpose)
    other = forms.CharField(
        label=gettext_lazy("Another purpose"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("In a few words, and without a name; only if none of the above applies."),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data=None, *, request):
        super().__init__(data, initial={"purpose": request.session.get("purpose")})
        self.user, self.session = request.user, request.session
        if confirmation.is_confirmed(self.session):
            del self.fields["password"]
        add_bootstrap_classes(self)

    def clean_password(self):
        with throttle.password_attempt(throttle.confirmation_hash(self.user)):
            if not self.user.check_password(self.cleaned_data["password"]):
                raise ValidationError(_("This is not your password. Please type it again."), code="wrong_password")
        confirmation.confirm(self.session)

    def clean(self):
        cleaned = super().clean()
        if confirmation.is_confirmed(self.session):
            self.fields.pop("password", None)  # need not be typed again if something else is wrong
        if (purpose := cleaned.get("purpose")) == Purpose.OTHER:
            cleaned["purpose"] = cleaned.get("other")
            if not cleaned["purpose"]:
                self.add_error("other", _("Please say in a few words what you need it for."))
        self.session["purpose"] = purpose
        return cleaned
