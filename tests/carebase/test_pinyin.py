import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carebase.pinyin import MAX_FULL, MAX_INITIALS, SURNAME_READINGS, name_keys


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("张小明", "zhangxiaoming", "zxm"),
        ("单小明", "shanxiaoming danxiaoming", "sxm dxm"),
        ("曾凯", "zengkai cengkai", "zk ck"),
        ("解明", "xieming jieming", "xm jm"),
        ("覃雪", "qinxue tanxue", "qx tx"),
        ("吕丽", "lvli luli", "ll"),
        ("欧阳娜", "ouyangna", "oyn"),
        ("尉迟明", "yuchiming weichiming", "ycm wcm"),
        ("长孙明", "zhangsunming changsunming", "zsm csm"),
        ("万俟明", "moqiming wanqiming", "mqm wqm"),
        ("单于明", "chanyuming shanyuming danyuming", "cym sym dym"),
        ("王乐", "wangle wangyue", "wl wy"),
        ("张𬱖", "zhangdi", "zd"),
        ("王䶮", "wangyan", "wy"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("Anna Müller", "annamuller", "am"),
        ("李Tom", "litom", "lt"),
        ("Ａｎｎａ", "anna", "a"),
        ("", "", ""),
        ("——", "", ""),
    ],
)
def test_a_name_is_found_by_pinyin_and_initials(name, full, initials):
    assert name_keys(name) == (full, initials)


@pytest.mark.parametrize(
    ("surname", "reading"),
    [
        ("单", "shan"),
        ("曾", "zeng"),
        ("解", "xie"),
        ("仇", "qiu"),
        ("区", "ou"),
        ("查", "zha"),
        ("朴", "piao"),
        ("翟", "zhai"),
        ("盖", "ge"),
        ("乐", "yue"),
        ("覃", "qin"),
        ("缪", "miao"),
    ],
)
def test_a_surname_has_its_own_reading_first_and_the_common_one_too(surname, reading):
    readings = name_keys(surname + "明")[0].split()
    assert readings[0] == reading + "ming"
    assert len(readings) == 2


def test_inside_a_given_name_the_common_reading_comes_first():
    assert name_keys("王单")[0].split()[0] == "wangdan"


@given(st.one_of(st.text(max_size=60), st.text("单乐曾吕行朝欧阳长孙·aZé ", max_size=60)))
def test_keys_are_short_lower_case_ascii_words(name):
    for key, limit in zip(name_keys(name), (MAX_FULL, MAX_INITIALS), strict=True):
        assert re.fullmatch("([a-z0-9]+( [a-z0-9]+)*)?", key)
        assert len(key) <= limit


def test_the_longest_name_fits_its_columns_and_keeps_its_first_reading():
    full, initials = name_keys("单" + "乐" * 59)
    assert full == ("shan" + "le" * 59) and initials == "s" + "l" * 59


@given(st.text("张王李小明雪梅吕单曾", min_size=2, max_size=4))
def test_initials_are_the_first_letters_of_the_first_reading(name):
    full, initials = (key.split()[0] for key in name_keys(name))
    assert len(initials) == len(name)
    assert re.match(".*".join(initials), full)


def test_every_listed_surname_is_one_chinese_character_with_lower_case_readings():
    for surname, readings in SURNAME_READINGS.items():
        assert "\u4e00" <= surname <= "\u9fff"
        assert all(re.fullmatch("[a-z]{1,6}", reading) for reading in readings)
