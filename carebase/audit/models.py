"""The audit trail: who did what to which record, reading included. Append only, in the transaction of the act."""

from base64 import b64encode
from datetime import UTC

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carebase.audit.context import current_actor
from carebase.audit.leaves import LeafField
from carebase.audit.notes import ORIGIN, key_id_of


class Action(models.TextChoices):
    VIEW = "view", _("viewed")
    CREATE = "create", _("created")
    CHANGE = "change", _("changed")
    DELETE = "delete", _("deleted")
    UNMASK = "unmask", _("unmasked")
    IMPORT = "import", _("imported")
    EXPORT = "export", _("exported")
    SIGN_IN = "sign_in", _("signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    SIGN_OUT = "sign_out", _("signed out")
    REFUSAL = "refusal", _("refused")


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("The audit trail is append only.")

    def delete(self):
        raise TypeError("The audit trail is append only.")


class AppendOnly(models.Model):
    """A row that is written once; triggers of the database refuse the rest too (`append_only`)."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("The audit trail is append only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The audit trail is append only.")


class Event(AppendOnly):
    """One act: who did what to which record, when, from where, with old and new values."""

    at = models.DateTimeField(_("time"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("user")
    )
    action = models.CharField(_("action"), max_length=16, choices=Action)
    model = models.CharField(_("record"), max_length=60, blank=True)
    object_code = models.CharField(_("code"), max_length=40, blank=True)
    # The code of the child, so that "who opened this file?" is one index range.
    subject = models.CharField(_("child"), max_length=40, blank=True)
    changes = models.JSONField(_("changes"), default=dict, encoder=DjangoJSONEncoder)
    detail = models.JSONField(_("details"), default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(_("address"), null=True)
    # A keyed hash of the name typed at a failed sign-in: people type passwords into the wrong field.
    account = models.CharField(max_length=32, blank=True)
    leaf = LeafField(null=True)  # null: written behind the program's back

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject", "at"], name="event_subject"),
            models.Index(fields=["user", "at"], name="event_user"),
            models.Index(fields=["model", "object_code"], name="event_object"),
            models.Index(fields=["at"], name="event_export", condition=models.Q(action="export")),
        ]

    def __str__(self):
        return f"{self.pk} {self.action} {self.model} {self.object_code}".strip()

    def get_model_display(self) -> str:
        return str(apps.get_model(self.model)._meta.verbose_name) if self.model else ""


class TreeHead(AppendOnly):
    """A signed seal on the trail: all events up to `last_event`, in order, are the leaves of a tree with this root."""

    size = models.BigIntegerField(primary_key=True)  # the number of leaves
    last_event = models.BigIntegerField()
    root = models.BinaryField()
    peaks = models.BinaryField()  # the tree's frontier, from which the next one grows
    sealed_at = models.DateTimeField(default=timezone.now)
    signature = models.TextField()  # the last line of the signed note

    class Meta:
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")
        ordering = ["size"]

    def __str__(self):
        return f"{self.size} {self.root_text}"

    @property
    def code(self) -> str:
        return str(self.size)

    @property
    def root_text(self) -> str:
        return b64encode(self.root).decode()

    @property
    def text(self) -> str:
        """What is signed: a checkpoint as of C2SP (origin, size, root), then the time and the last event."""
        moment = self.sealed_at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{ORIGIN}\n{self.size}\n{self.root_text}\nsealed {moment}\nlast {self.last_event}\n"

    @property
    def note(self) -> str:
        """The signed text, as it is exported and printed."""
        return f"{self.text}\n{self.signature}\n"

    @property
    def key_id(self) -> str:
        return key_id_of(self.signature)


def build_event(
    action: Action, instance=None, *, changes: dict | None = None, detail: dict | None = None, account=""
) -> Event:
    actor = current_actor()
    event = Event(action=action, user=actor.user, address=actor.address, account=account)
    event.changes, event.detail = changes or {}, detail or {}
    if instance is not None:
        event.model = instance._meta.label_lower
        event.object_code = getattr(instance, "code", "") or str(instance.pk)
        event.subject = getattr(instance, "audit_subject", "") or ""
    return event


def record_event(action: Action, instance=None, **kwargs) -> Event:
    """Save one event in the open transaction; arguments as for `build_event`."""
    event = build_event(action, instance, **kwargs)
    event.save(force_insert=True)
    return event


def changes_between(old, new) -> dict[str, list]:
    """Return {field: [old, new]} of the fields that differ, encrypted fields as ciphertext."""
    changes = {}
    for field in new._meta.concrete_fields:
        before, after = getattr(old, field.attname), getattr(new, field.attname)
        if before != after and field.attname not in new.untracked:
            changes[field.name] = [to_audit_value(field, before), to_audit_value(field, after)]
    return changes


def last_values(instance) -> dict[str, list]:
    """Return {field: [value, None]} of a deleted row, encrypted fields as ciphertext."""
    values = {}
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if field.attname not in instance.untracked and value not in (None, "", []):
            values[field.name] = [to_audit_value(field, value), None]
    return values


def to_audit_value(field, value):
    return getattr(field, "audit_value", lambda plain: plain)(value)


class TrackedQuerySet(models.QuerySet):
    """Refuses bulk writes that would bypass the audit trail, and locks rows in scope."""

    def permitted_to(self, user, permission: str):
        """Return the rows on which `user` may use a permission of their role: all visible ones, unless overridden."""
        return self.visible_to(user)

    def lock_visible_to(self, user, pk, permission: str = ""):
        """Return the row, fresh and locked for the open transaction; raise ValidationError out of scope."""
        rows = self.permitted_to(user, permission) if permission else self.visible_to(user)
        row = rows.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None:
            message = gettext("This %(record)s is outside your area, or no longer in it.")
            raise ValidationError(message % {"record": self.model._meta.verbose_name})
        return row

    def bulk_create(self, objs, *args, **kwargs):
        """Insert `objs` and an event for each; parts of a child's file are covered by the event of the file."""
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            raise TypeError("A bulk write that may skip or overwrite rows cannot be audited.")
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            if not self.model.part_of_file:
                Event.objects.bulk_create([build_event(Action.CREATE, obj) for obj in created], batch_size=1000)
        return created

    def update(self, **kwargs):
        raise TypeError(f"{self.model.__name__} is audited: save each record instead of updating in bulk.")

    def bulk_update(self, *args, **kwargs):
        raise TypeError(f"{self.model.__name__} is audited: save each record instead of updating in bulk.")


class Tracked(models.Model):
    """A model whose every save and delete writes an audit event."""

    untracked = frozenset({"version"})
    part_of_file = False

    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic():
            old = None if self._state.adding else type(self)._base_manager.filter(pk=self.pk).first()
            super().save(*args, **kwargs)
            if old is None:
                record_event(Action.CREATE, self, detail=self.audit_detail())
            elif changes := changes_between(old, self):
                record_event(Action.CHANGE, self, changes=changes, detail=self.audit_detail())

    def audit_detail(self) -> dict:
        return {}


def record_deletion(sender, instance, **kwargs):
    if issubclass(sender, Tracked):
        record_event(Action.DELETE, instance, changes=last_values(instance), detail=instance.audit_detail())


post_delete.connect(record_deletion, dispatch_uid="carebase.audit")


class Submission(models.Model):
    """A form that was posted: its one-time token, and the URL of what it saved, where a second post is redirected."""

    token = models.CharField(max_length=32, primary_key=True)
    url = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
