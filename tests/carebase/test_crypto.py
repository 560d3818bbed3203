"""Encryption of values, its keys, and the rotation to a new key."""

import base64

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from carebase.encryption.crypto import DecryptionError, decrypt, encrypt, keyed_hash
from registry.models import Child, ImportBatch, ImportRow, Relative
from tests import factories as f

OLD = "k1:" + base64.urlsafe_b64encode(b"a" * 32).decode()
NEW = "K1:" + base64.urlsafe_b64encode(b"b" * 32).decode()  # differs in case only, which SQLite's LIKE would not see


@given(st.text(min_size=1, max_size=200))
def test_what_was_encrypted_is_read_back(text):
    assert decrypt("registry.child.id_number", encrypt("registry.child.id_number", text)) == text


def test_the_same_value_is_never_stored_twice_the_same():
    assert encrypt("a.b", "王") != encrypt("a.b", "王")


def test_a_value_moved_to_another_field_is_not_read():
    with pytest.raises(DecryptionError):
        decrypt("registry.child.residence", encrypt("registry.child.id_number", "990000"))


def test_a_value_of_an_unknown_key_is_not_read():
    with pytest.raises(DecryptionError, match="k9"):
        decrypt("a.b", "k9:" + encrypt("a.b", "王").partition(":")[2])


@pytest.mark.parametrize(
    "damage", [lambda s: s[:-6] + "AAAA==", lambda s: "k1:AAAA", lambda s: "k1:§", lambda s: "k1:"]
)
def test_a_damaged_value_is_an_error(settings, damage):
    settings.FIELD_KEYS = OLD
    with pytest.raises(DecryptionError):
        decrypt("a.b", damage(encrypt("a.b", "王小明")))


def test_the_keyed_hash_needs_the_key_and_the_field(settings):
    before = keyed_hash("id_number", "990000")
    assert before == keyed_hash("id_number", "990000") != keyed_hash("phone", "990000")
    settings.INDEX_KEY = "another"
    assert keyed_hash("id_number", "990000") != before


def stored(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_new_key_takes_over_every_value_and_the_old_one_can_go(settings):
    settings.FIELD_KEYS = OLD
    child, other = f.child(residence="三组十二号"), f.child("陈小红")
    Relative.objects.create(child=child, relation="51", name="王大山", phone="13800000000")
    village = f.village()
    village.contact_phone = "13900000000"
    village.save()
    batch = ImportBatch.objects.create(
        by=f.user("head"), term=f.term(), file_name="x", file_hash="x", reported_on=f.today()
    )
    ImportRow.objects.create(
        batch=batch, number=2, status="new", values={"name": "张三"}, notes=[["列", "文", "doubt"]]
    )
    number, index = child.id_number, child.id_number_index

    settings.FIELD_KEYS = f"{NEW},{OLD}"
    call_command("rotate_keys")
    settings.FIELD_KEYS = NEW

    columns = [
        ("registry_child", "id_number"),
        ("registry_child", "residence"),
        ("registry_relative", "phone"),
        ("registry_division", "contact_phone"),
        ("registry_importrow", '"values"'),
        ("registry_importrow", "notes"),
    ]
    for table, column in columns:
        values = stored(table, column)
        assert values and all(value.startswith("K1:") for value in values), (table, column)
    again = Child.objects.get(pk=child.pk)
    assert (again.id_number, again.residence, again.id_number_index) == (number, "三组十二号", index)
    assert Child.objects.with_id_number(number).get() == child
    assert Child.objects.get(pk=other.pk).id_number == other.id_number
    assert Relative.objects.get().phone == "13800000000"
    assert ImportRow.objects.get().values == {"name": "张三"}


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_second_rotation_changes_nothing(settings, capsys):
    settings.FIELD_KEYS = OLD
    f.child()
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    call_command("rotate_keys")
    before = stored("registry_child", "id_number")
    call_command("rotate_keys")
    assert stored("registry_child", "id_number") == before
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 ")
