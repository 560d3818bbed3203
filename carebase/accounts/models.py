"""Who signs in. What they may do follows from the role; which rows they see, from their postings."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from carebase.accounts.roles import ROLES, Role, RoleDefinition, role_choices
from carebase.audit.models import Tracked, TrackedQuerySet
from carebase.pinyin import SearchKeysField, named


class UserQuerySet(TrackedQuerySet):
    def visible_to(self, user):
        """Return the accounts that `user` may see: an administrator all, others their own and those posted below."""
        if user.role_definition.keeps_system:
            return self
        postings = self.model.postings.rel.related_model.objects.visible_to(user)
        return self.filter(Q(pk=user.pk) | Q(pk__in=postings.values("user")))

    def called(self, words: str):
        """Return the accounts found by user name, name or pinyin."""
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
        """Make a system administrator for `createsuperuser`: nobody stands above the table of roles."""
        return self.create_user(username, password, **{"role": Role.ADMIN, **fields})


class User(AbstractBaseUser, Tracked):
    """A person who signs in, with one role and any number of postings."""

    untracked = frozenset({"password", "last_login", "search_keys"})

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
        _("must change the password"), default=True, help_text=_("Set with every password that somebody else chose.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self):
        return self.username

    @property
    def choice_label(self) -> str:
        return f"{self.name} · {self.get_role_display()} · {self.username}"

    @property
    def role_definition(self) -> RoleDefinition:
        """Return what the role may do and whom it reaches; a role that nobody defined is an error, not nothing."""
        return ROLES[self.role]

    @property
    def is_staff(self) -> bool:
        """Django admin asks this name; the answer is the role's."""
        return self.is_active and self.role_definition.enters_admin_site

    def has_perm(self, perm: str, obj=None) -> bool:
        return self.is_active and perm in self.role_definition.permissions

    def has_perms(self, perms, obj=None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in self.role_definition.permissions)

    @cached_property
    def reach(self) -> list:
        """Return what the postings in force reach, read once a request."""
        return self.postings.in_force().reach()

    @property
    def office(self) -> str:
        """Return where the person is posted, in words."""
        return "、".join(str(posting.place) for posting in self.postings.in_force().with_places())
