"""Model fields whose values cannot be read in a dump of the database, and a field of several choices."""

import json

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.lookups import Exact
from django.utils.text import capfirst

from carebase.encryption.crypto import decrypt, decrypt_bytes, encrypt, encrypt_bytes, keyed_hash


class IsEmpty(Exact):
    """The only comparison of an encrypted field: any other value would silently find nothing."""

    def get_prep_lookup(self):
        if self.rhs != "":
            raise TypeError(f"{self.lhs.target.name} is encrypted; search its blind index instead.")
        return self.rhs


class Sealed:
    """A text field whose values the audit trail holds encrypted: the trail tells that it changed, not what it said."""

    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def audit_value(self, value):
        return {"sealed": encrypt(self.label, value)} if value else value

    def from_audit_value(self, stored):
        """Return the plain value; one that the trail held before the field was sealed is plain already."""
        return decrypt(self.label, stored["sealed"]) if isinstance(stored, dict) else stored


def from_audit_value(field, stored):
    """Return a value of `field` as it was before `to_audit_value`; raise DecryptionError where its key is gone."""
    return field.from_audit_value(stored) if isinstance(field, Sealed) else stored


class NoteField(Sealed, models.TextField):
    """What somebody wrote about a child: plain and searchable in its table, sealed in the audit trail."""

    def deconstruct(self):  # to the database it is a text, so that no migration is needed
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


class ShortNoteField(Sealed, models.CharField):
    """A note of one line, such as a reason."""

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class EncryptedField(Sealed, models.TextField):
    """Text that the database holds encrypted; an empty text stays empty. Not searchable: see BlindIndexField."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return encrypt(self.label, value) if value else value

    def from_db_value(self, value, expression, connection):
        return decrypt(self.label, value) if value else value

    def audit_value(self, value):
        return self.get_prep_value(value)

    def from_audit_value(self, stored):
        return self.from_db_value(stored, None, None) if stored else stored

    def get_lookup(self, lookup_name):
        if lookup_name == "exact":
            return IsEmpty
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted; search its blind index instead.")
        return super().get_lookup(lookup_name)


class EncryptedJSONField(EncryptedField):
    def get_prep_value(self, value):
        return super().get_prep_value(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))

    def from_db_value(self, value, expression, connection):
        return json.loads(super().from_db_value(value, expression, connection))

    def to_python(self, value):
        return value


class EncryptedBytesField(models.BinaryField):
    @property
    def label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value):
        return encrypt_bytes(self.label, bytes(super().get_prep_value(value)))

    def from_db_value(self, value, expression, connection):
        return decrypt_bytes(self.label, value)


class BlindIndexField(models.CharField):
    """The keyed hash of another field, kept with every save: equality and uniqueness without the value."""

    def __init__(self, *args, of: str = "", **kwargs):
        self.of = of
        super().__init__(*args, **{"max_length": 32, "null": True, "editable": False, "blank": True} | kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def hash(self, value: str) -> str | None:
        """Return the stored form of `value`, to search by; None for an empty one."""
        return keyed_hash(self.of, value) if value else None

    def pre_save(self, model_instance, add):
        value = self.hash(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value


class ChoicesField(models.CharField):
    """Several of `choices`: a list in Python, ",one,two," in the database, where `__contains=",one,"` finds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 200, "blank": True, "default": list} | kwargs)

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        if isinstance(value, str):
            return [choice for choice in value.split(",") if choice]
        return value

    def get_prep_value(self, value):
        return f",{','.join(value)}," if value and not isinstance(value, str) else value or ""

    def validate(self, value, model_instance):
        for choice in value:
            super().validate(choice, model_instance)

    def run_validators(self, value):
        super().run_validators(self.get_prep_value(value))

    def formfield(self, **kwargs):
        return forms.MultipleChoiceField(
            choices=self.choices, widget=forms.CheckboxSelectMultiple, required=False, label=capfirst(self.verbose_name)
        )
