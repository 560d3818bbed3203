import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes.people import NameState, parse_person_name, parse_phone, split_people
from registry.codes.text import InvalidCell, LostDigits


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("13900000349", ["13900000349"]),
        (13900000349, ["13900000349"]),
        (13900000349.0, ["13900000349"]),
        ("139 0000 0349", ["13900000349"]),
        ("139-0000-0349", ["13900000349"]),
        ("＋８６ １３９００００ ０３４９", ["13900000349"]),
        ("+86-13900000349", ["13900000349"]),
        ("008613900000349", ["13900000349"]),
        ("8613900000349", ["13900000349"]),
        ("013900000349", ["13900000349"]),
        ("13900000349/13800006906", ["13900000349", "13800006906"]),
        ("13900000349、13800006906；13700000001", ["13900000349", "13800006906", "13700000001"]),
        ("13900000349 13800006906", ["13900000349", "13800006906"]),
        ("13900000349\n13900000349", ["13900000349"]),
        ("0717-1234567", ["0717-1234567"]),
        ("07171234567", ["0717-1234567"]),
        ("(0717) 1234567", ["0717-1234567"]),
        ("0717 1234567、13900000349", ["0717-1234567", "13900000349"]),
        ("010-12345678", ["010-12345678"]),
        ("02712345678", ["027-12345678"]),
        ("+86 717 1234567", ["0717-1234567"]),
        ("+861012345678", ["010-12345678"]),
        ("无", []),
        ("—", []),
    ],
)
def test_phones_are_read(cell, numbers):
    assert parse_phone(cell) == numbers


@pytest.mark.parametrize(
    "cell",
    [
        "12900000349",
        "1390000034",
        "139000003490",
        "7654321",
        "7171234567",
        "张三13900000349",
        "13900000349/123",
        "١٣٩٠٠٠٠٠٣٤٩",
        True,
        "、",
    ],
)
def test_what_is_no_phone_is_refused_without_repeating_it(cell):
    with pytest.raises(InvalidCell) as refused:
        parse_phone(cell)
    assert len(str(cell)) < 5 or str(cell) not in str(refused.value)


def test_a_rounded_phone_in_scientific_notation_is_refused():
    with pytest.raises(LostDigits):
        parse_phone("1.39E+10")


@given(
    st.lists(st.from_regex("1[3-9][0-9]{9}", fullmatch=True), min_size=1, unique=True), st.sampled_from("、/；; ，\n")
)
def test_any_list_of_mobiles_comes_back_whole(numbers, separator):
    assert parse_phone(separator.join(numbers)) == numbers


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("何静", "何静"),
        (" 何　静 ", "何静"),
        ("张 小明", "张小明"),
        ("张𬱖", "张𬱖"),
        ("\uf9d1龍", "\uf9d1龍"),
        ("吴\U00031350", "吴\U00031350"),
        ("〇一", "〇一"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("Anna  Müller-O’Neil", "Anna Müller-O'Neil"),
        ("Mu\u0308ller", "Müller"),
        ("Ｌｉ", "Li"),
    ],
)
def test_names_are_kept_with_their_rare_characters(cell, name):
    assert parse_person_name(cell) == name


@pytest.mark.parametrize("cell", ["—", "「—」", "-", "－", "——", "已故", "（已故）", "去世", "亡"])
def test_a_dash_says_that_the_person_has_died(cell):
    assert parse_person_name(cell) is NameState.DECEASED


@pytest.mark.parametrize("cell", ["不详", "未知", "？", "?"])
def test_a_question_mark_says_that_the_name_is_not_known(cell):
    assert parse_person_name(cell) is NameState.UNKNOWN


def test_nobody_is_blank_only_where_nobody_is_possible():
    assert parse_person_name("无", none_is_blank=True) is parse_person_name("/", none_is_blank=True) is None
    with pytest.raises(InvalidCell, match="is ambiguous"):
        parse_person_name("无")


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd()",
        "＝1+1",
        "<b>何静</b>",
        "何静1",
        "何静（已故）",
        "何静、吴霞",
        "何静 吴霞",
        "何\n静；",
        "何静😀",
        "@何静",
        "同上",
        "离异",
        "爷爷",
        "·何静",
        "'",
        "何" * 61,
        13,
        "13岁",
    ],
)
def test_what_is_no_name_is_refused(cell):
    with pytest.raises(InvalidCell):
        parse_person_name(cell)


def test_a_name_may_have_sixty_characters():
    assert parse_person_name("何" * 60) == "何" * 60


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("缪飞、王秀芳", ["缪飞", "王秀芳"]),
        ("缪飞/王秀芳", ["缪飞", "王秀芳"]),
        ("缪飞 王秀芳", ["缪飞", "王秀芳"]),
        ("缪飞\n王秀芳", ["缪飞", "王秀芳"]),
        ("王 芳", ["王芳"]),
        ("Anna Li", ["Anna Li"]),
        ("—、王秀芳", [NameState.DECEASED, "王秀芳"]),
        ("、王秀芳", [None, "王秀芳"]),
        ("缪飞、不详", ["缪飞", NameState.UNKNOWN]),
        ("/", []),
    ],
)
def test_two_parents_in_a_cell_keep_their_places(cell, people):
    assert split_people(cell) == people
