"""The base of every record: an opaque code, a version, and an audit trail."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked, TrackedQuerySet

# No vowels, so that no code spells a word, and no characters that are mistaken for others on paper.
CODE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 10  # 28^10: a million records collide with a chance of 1 in 600


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class StaleRecord(Exception):
    """Somebody else saved the record since it was read, so nothing was written."""


class Record(Tracked):
    """A tracked model with an opaque code and optimistic locking: a save never overwrites a version it has not read."""

    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.code

    def save(self, *args, **kwargs):
        if self._state.adding:
            return super().save(*args, **kwargs)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        version_read = self.version
        self.version += 1
        try:
            super().save(*args, **kwargs)
        except Exception:
            self.version = version_read  # or a second save of this object would overwrite the other's
            raise

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        current = base_qs.filter(version=self.version - 1)
        if not super()._do_update(current, using, pk_val, values, update_fields, forced_update):
            raise StaleRecord(self.code)
        return True

    def audit_detail(self) -> dict:
        return {"version": self.version}


class Demonstration(models.Model):
    """Marks a database of invented children. Only a database with this mark can be reset."""

    PASSWORD = "carebase-demo"

    made_at = models.DateTimeField(auto_now_add=True)
