"""Names that may belong to one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.duplicates.names import LOOK_ALIKE, look_alike_map, similar_names

NAMES = st.text(st.sampled_from("王张陈小晓明鸣红晴睛国國己已古丽娜尔·阿卜 AbcЖ-"), max_size=6)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("王小明", "王晓鸣"),  # the same sound
        ("张末", "张未"),  # taken for each other on paper
        ("刘晴", "刘睛"),
        ("陈國强", "陈国强"),  # traditional and simplified
        ("刘海燕", "刘海英"),  # one character wrong, the same initials
        ("单晓阳", "单小阳"),  # a surname of two readings
        ("古丽娜尔·艾山", "古丽娜尔艾山"),
        ("王 小明", "王小明"),
        ("ＡＬＩ", "ali"),
    ],
)
def test_similar_names(name, other):
    assert similar_names(name, other) and similar_names(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("王小红", "王小兰"),  # other initials
        ("王明", "王梅"),  # of two characters one is half of the name
        ("王小明", "张小明"),
        ("王小明", "王小"),
        ("王小明", "王美丽"),
        ("古丽娜尔·艾山", "古丽米热·艾山"),
    ],
)
def test_different_names(name, other):
    assert not similar_names(name, other) and not similar_names(other, name)


@given(NAMES, NAMES)
def test_similarity_is_symmetric(name, other):
    assert similar_names(name, other) == similar_names(other, name)


@given(st.text(max_size=12))
def test_a_name_is_similar_to_itself(name):
    assert similar_names(name, name)


def test_every_character_of_a_group_has_one_representative():
    for group in LOOK_ALIKE.split():
        assert len({look_alike_map()[character] for character in group}) == 1
