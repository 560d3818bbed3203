"""Accounts in the admin: created with an initial password, changed by those above. Nobody changes their own."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.accounts.grants import check_may_grant, record_new_credentials
from carebase.accounts.models import User
from carebase.accounts.roles import ROLES
from carebase.admin.forms import AdminForm
from carebase.admin.site import ScopedModelAdmin

GRANTS = {"role", "is_active", "initial_password"}  # fields of the form by which somebody gains rights


class UserForm(AdminForm):
    initial_password = forms.CharField(
        label=_("Initial password"),
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("The person must choose another at the next sign-in. Leave empty to keep the current one."),
    )

    class Meta:
        model = User
        fields = ("username", "name", "role", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["initial_password"].required = self.instance._state.adding
        if "role" in self.fields:  # absent where the user may only view
            self.offer_roles(self.fields["role"])
        if not self.instance._state.adding and self.instance.role_definition.keeps_system:
            self.protect_peer()

    def offer_roles(self, field) -> None:
        if role := ROLES.get(self.instance.role):
            field.help_text = role.description
        if not self.user.role_definition.keeps_system:
            unreserved = [(value, role.label) for value, role in ROLES.items() if not role.reserved]
            field.choices = [("", _("please choose")), *unreserved]

    def protect_peer(self) -> None:
        """Let an administrator deactivate another, but not sign in as them."""
        for name in {"role", "initial_password"} & set(self.fields):
            self.fields[name].disabled = True
        self.fields["initial_password"].help_text = _(
            "An administrator's password is not set by another one. Whoever keeps the server runs "
            "“manage.py changepassword”."
        )

    def clean(self):
        cleaned = super().clean()
        password = cleaned.get("initial_password")
        if password:
            owner = User(username=cleaned.get("username") or "", name=cleaned.get("name") or "")
            try:
                password_validation.validate_password(password, owner)
            except ValidationError as error:
                self.add_error("initial_password", error)
        return cleaned


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    form = UserForm
    fieldsets = ((None, {"fields": ("username", "name", "role", "is_active", "initial_password")}),)
    list_display = ("username", "name", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("username", "name")
    ordering = ("username",)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or self.is_below(request, obj))

    @staticmethod
    def is_below(request, account) -> bool:
        """Return whether the user may change an account: never their own; a coordinator only those posted below.

        A coordinator posted at the same place is a peer.
        """
        if account.pk == request.user.pk:
            return False
        if request.user.role_definition.keeps_system:
            return True
        if account.role_definition.reserved:
            return False
        cache = getattr(request, "accounts_below", None) or {}
        if account.pk not in cache:
            below = account.postings.model.objects.visible_to(request.user)
            if account.role_definition is request.user.role_definition:
                below = below.exclude(division__in=[place.division for place in request.user.reach])
            cache[account.pk] = not account.postings.exclude(pk__in=below.values("pk")).exists()
            request.accounts_below = cache
        return cache[account.pk]

    def save_model(self, request, obj, form, change):
        role_changed, password = change and "role" in form.changed_data, form.cleaned_data.get("initial_password")
        grants = GRANTS & set(form.changed_data)
        only_deactivated = grants == {"is_active"} and not obj.is_active
        if not change or (grants and not only_deactivated):
            check_may_grant(request.user)
        if password:
            obj.set_password(password)
            obj.must_change_password = True
        if password or role_changed:
            obj.wait_started_at = timezone.now()
        super().save_model(request, obj, form, change)
        if password or role_changed:
            record_new_credentials(obj, password=bool(password), by=request.user)
        if role_changed:
            self.request_postings_anew(request, obj)

    def request_postings_anew(self, request, account) -> None:
        """Require an approval of all postings by another than who set the role: in it they give other rights."""
        postings = list(account.postings.all())
        for posting in postings:
            posting.requested_by, posting.approved_by = request.user, None
            posting.save()
        if postings:
            self.message_user(
                request, gettext("The role has changed; the postings must be approved again."), messages.WARNING
            )
