"""What every record of the registry has: an opaque code, a version, and its lines in the audit trail."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from carebase.audit.models import Tracked, TrackedQuerySet

# Without vowels, so that no code spells a word, and without what is mistaken for another character on paper.
CODE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 10  # 28^10: a million records collide with a chance of 1 in 600


def new_code() -> str:
    """Return a random code for URLs and paper; it tells nothing about the person."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class StaleRecord(Exception):
    """Somebody else saved the record since it was read; nothing was written."""


class Record(Tracked):
    """A tracked model with an opaque code, of which no save overwrites a version that its writer has not seen."""

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
        read = self.version
        self.version += 1
        try:
            super().save(*args, **kwargs)
        except Exception:
            self.version = read  # or saving the same object once more would pass as one who has seen the other's save
            raise

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        current = base_qs.filter(version=self.version - 1)
        if not super()._do_update(current, using, pk_val, values, update_fields, forced_update):
            raise StaleRecord(self.code)
        return True

    def audit_detail(self) -> dict:
        return {"version": self.version}


class Demonstration(models.Model):
    """The mark of a database of invented children. Only a database that bears it is ever started anew."""

    PASSWORD = "carebase-demo"

    made_at = models.DateTimeField(auto_now_add=True)
