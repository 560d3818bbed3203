"""Accounts. The role decides what a user may do, the postings which rows they see."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from carebase.accounts.roles import ROLES, Role, RoleDefinition, role_choices
from carebase.audit.models import Tracked, TrackedQuerySet
from carebase.pinyin import SearchKeysField, named

NOTICE_DAYS = 7


class UserQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """An administrator sees all accounts, others their own and those posted below."""
        if user.role_definition.keeps_system:
            return self
        postings = self.model.postings.rel.related_model.objects.visible_to(user)
        return self.filter(Q(pk=user.pk) | Q(pk__in=postings.values("user")))

    def search(self, words: str):
        for word in words.split():
            self = self.filter(named(word) | Q(username__startswith=word))
        return self


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username: str, password: str | None = None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields):
        """For `createsuperuser`: a system administrator, as no account stands above the table of roles."""
        return self.create_user(username, password, **{"role": Role.ADMIN, "must_change_password": False, **fields})


class User(AbstractBaseUser, Tracked):
    untracked = frozenset({"password", "last_login", "search_keys", "wait_started_at"})

    username = models.CharField(
        _("user name"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("A user with that user name already exists.")},
    )
    name = models.CharField(_("full name"), max_length=60)
    search_keys = SearchKeysField()
    role = models.CharField(_("role"), max_length=16, choices=role_choices)
    is_active = models.BooleanField(_("may sign in"), default=True)
    must_change_password = models.BooleanField(
        _("must change the password"), default=True, help_text=_("Set whenever someone else chose the password.")
    )
    # When somebody else set the password or the role, or when the owner then replaced that password; see grants.py.
    wait_started_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("supervise_user", "Can hear of unusual use of accounts below")]
        ordering = ["username"]

    def __str__(self):
        return self.username

    @property
    def choice_label(self) -> str:
        return f"{self.name} · {self.get_role_display()} · {self.username}"

    @property
    def role_definition(self) -> RoleDefinition:
        return ROLES[self.role]

    @property
    def is_staff(self) -> bool:
        return self.is_active and self.role_definition.enters_admin_site

    def has_perm(self, perm: str, obj=None) -> bool:
        """Return whether the role has a permission; an `obj` with a method `permits` is asked as well."""
        permits = getattr(obj, "permits", None)
        allowed = self.is_active and perm in self.role_definition.permissions
        return allowed and (permits is None or permits(self, perm))

    def has_perms(self, perms, obj=None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in self.role_definition.permissions)

    @cached_property
    def reach(self) -> list:
        """Return the `PostedPlace` of each posting in force, read once a request."""
        return self.postings.in_force().reach()

    @property
    def office(self) -> str:
        return "、".join(str(posting.place) for posting in self.postings.in_force().with_places())


class PasswordAttempt(models.Model):
    """A password that is being checked or was wrong a short while ago; see carebase/accounts/throttle.py."""

    at = models.DateTimeField(default=timezone.now)
    account = models.CharField(max_length=32, db_index=True)  # a keyed hash: people type passwords as user names
    address = models.GenericIPAddressField(null=True, db_index=True)


class NoticeQuerySet(models.QuerySet):
    def recent(self):
        since = timezone.now() - dt.timedelta(days=NOTICE_DAYS)
        return self.filter(at__gt=since).select_related("account", "by").order_by("-pk")


class Notice(models.Model):
    """What the owner of an account and those above must hear of it; the home page tells them for NOTICE_DAYS days."""

    class Kind(models.TextChoices):
        PASSWORD = "password", _("password set by somebody else")
        ROLE = "role", _("role changed")
        VALUES = "values", _("showed as many restricted values as one day allows")
        PAPERS = "papers", _("took as many documents in full as one day allows")

    account = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = NoticeQuerySet.as_manager()
