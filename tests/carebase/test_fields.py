"""Encrypted fields, blind indexes, and several choices in one column."""

import pytest
from django.db import connection

from carebase.models import CODE_ALPHABET, new_code
from registry.models import Child
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def raw(column: str, child) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM registry_child WHERE id = %s", [child.pk])
        return cursor.fetchone()[0]


def test_the_database_holds_no_id_number_and_no_address():
    child = f.child(residence="三组十二号")
    assert child.id_number not in raw("id_number", child)
    assert "三组" not in raw("residence", child)
    assert Child.objects.get(pk=child.pk).residence == "三组十二号"


def test_an_empty_text_stays_empty():
    assert raw("residence", f.child()) == ""


def test_a_child_is_found_by_its_number_and_by_no_other():
    child, other = f.child(), f.child("陈小红")
    assert Child.objects.with_id_number(child.id_number).get() == child
    assert not Child.objects.with_id_number(child.id_number[:-1]).exists()
    assert Child.objects.with_id_number(other.id_number).get() == other


@pytest.mark.parametrize("lookup", ["id_number", "id_number__contains", "id_number__startswith", "id_number__in"])
def test_a_search_in_an_encrypted_field_is_an_error_rather_than_nothing(lookup):
    with pytest.raises(TypeError, match="encrypted"):
        Child.objects.filter(**{lookup: "990000"}).exists()


def test_empty_and_filled_can_still_be_told_apart():
    filled, empty = f.child(residence="三组"), f.child("陈小红")
    assert list(Child.objects.filter(residence="")) == [empty]
    assert list(Child.objects.exclude(residence="")) == [filled]


def test_the_index_follows_the_number():
    child = f.child()
    child.id_number, child.id_reason = "", "尚未落户"
    child.save()
    assert Child.objects.get(pk=child.pk).id_number_index is None


def test_several_choices_are_kept_in_one_column_and_found_whole():
    both, one = f.child(income=["wages", "other"]), f.child("陈小红", income=["other"])
    assert Child.objects.get(pk=both.pk).income == ["wages", "other"]
    assert list(Child.objects.filter(income__contains=",wages,")) == [both]
    assert Child.objects.filter(income__contains=",other,").count() == 2
    assert Child.objects.get(pk=one.pk).relief == []


def test_codes_are_of_the_alphabet_and_do_not_repeat():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert set("".join(codes)) <= set(CODE_ALPHABET)
