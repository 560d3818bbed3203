"""`manage.py rotate_keys`: encrypts every value with the first key."""

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils.translation import gettext as _

from carebase.encryption.crypto import current_key_id
from carebase.fields import EncryptedBytesField, EncryptedField
from carebase.files.private import rotate_files

CHUNK, FILES = 500, 1  # values at a time; whole files one by one


class Command(BaseCommand):
    help = _(
        "Re-encrypt ID numbers, phones, addresses and photos with the first key of FIELD_KEYS. Put the new key first, "
        "keep the old one behind it, run this, then remove the old one. Safe to stop and to run again."
    )

    def handle(self, **options):
        rotated = 0
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, EncryptedField | EncryptedBytesField):
                    rotated += self.rotate(model, field)
        rotated += rotate_files()
        self.stdout.write(_("%d values were re-encrypted.") % rotated)

    def rotate(self, model, field) -> int:
        """Re-encrypt one column in chunks, without audit events, as the values stay the same."""
        names = (model._meta.db_table, field.column, model._meta.pk.column)
        table, column, pk = (connection.ops.quote_name(name) for name in names)
        current, rotated, chunk = f"{current_key_id()}:", 0, CHUNK
        if isinstance(field, EncryptedBytesField):
            current, chunk = current.encode(), FILES
        # Not LIKE, which ignores case on SQLite: k1 would match K1.
        other = f"substr({column}, 1, {len(current)}) <> %s"
        select = f"SELECT {pk}, {column} FROM {table} WHERE {column} <> '' AND {other} LIMIT {chunk}"
        update = f"UPDATE {table} SET {column} = %s WHERE {pk} = %s AND {column} = %s"
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(select, [current])
                rows = cursor.fetchall()
                for key, stored in rows:
                    plain = field.from_db_value(stored, None, connection)
                    cursor.execute(update, [field.get_db_prep_value(plain, connection), key, stored])
            rotated += len(rows)
            if not rows:
                return rotated
