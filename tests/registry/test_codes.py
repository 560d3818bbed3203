import pytest
from django.utils.translation import override

from registry.codes import (
    DESCENDANTS,
    ETHNIC_NAMES,
    GRANDPARENTS,
    NOT_RELATED,
    PARENTS,
    RELATION_NAMES,
    RELATIVES,
    STEP_PARENTS,
    Disability,
    Ethnicity,
    Relation,
    Sex,
    parse_disability,
    parse_ethnicity,
    parse_relation,
    parse_sex,
    sex_of_id,
)
from registry.codes.ethnicity import KNOWN as KNOWN_PEOPLES
from registry.codes.relation_names import KNOWN as KNOWN_RELATIONS
from registry.codes.text import InvalidCell


@pytest.mark.parametrize("parse", [parse_sex, parse_ethnicity, parse_relation, parse_disability])
def test_blank_codes_are_none(parse):
    assert [parse(cell) for cell in (None, "", "  ", "\u3000")] == [None] * 4


@pytest.mark.parametrize(
    ("cell", "sex"),
    [("男", "1"), ("女", "2"), (" 女 性 ", "2"), (1, "1"), (2.0, "2"), ("１", "1"), ("Female", "2"), ("9", "9")],
)
def test_sex_is_read_from_word_and_code(cell, sex):
    assert parse_sex(cell) is Sex(sex)


@pytest.mark.parametrize("cell", ["公", "3", "男女", True])
def test_other_words_for_sex_are_refused_with_the_choices(cell):
    with pytest.raises(InvalidCell, match="男、女"):
        parse_sex(cell)


def test_the_sex_of_an_id_number_has_its_code():
    assert (sex_of_id("male"), sex_of_id("female")) == (Sex.MALE, Sex.FEMALE)


def test_the_standard_names_56_peoples_and_two_more():
    assert list(Ethnicity.values) == [f"{code:02}" for code in range(1, 57)] + ["97", "98"]
    assert list(ETHNIC_NAMES.values()) == list(Ethnicity)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("汉", "01"),
        ("汉族", "01"),
        ("01", "01"),
        (1, "01"),
        (15.0, "15"),
        ("土家族", "15"),
        ("土", "30"),
        ("僳僳族", "20"),
        ("傈僳", "20"),
        ("达翰尔族", "31"),
        ("毛难", "36"),
        ("水 族", "25"),
        ("其它", "97"),
    ],
)
def test_ethnicity_is_read_from_name_code_and_old_spelling(cell, code):
    assert parse_ethnicity(cell) == code


@pytest.mark.parametrize("cell", ["57", "0", "汉汉族", "族", "漢人", "01汉族人"])
def test_an_unknown_people_is_refused(cell):
    with pytest.raises(InvalidCell):
        parse_ethnicity(cell)


def test_no_spelling_of_one_people_is_the_name_of_another():
    for name, code in ETHNIC_NAMES.items():
        assert KNOWN_PEOPLES[name.removesuffix("族")] == code


def test_the_standard_lists_84_relations_each_with_one_printed_name():
    assert len(Relation) == len(RELATION_NAMES) == 84
    assert list(RELATION_NAMES.values()) == list(Relation)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("祖母", "62"),
        ("奶奶", "62"),
        ("爷爷", "61"),
        ("外婆", "64"),
        ("姥姥", "64"),
        ("姥爷", "63"),
        ("父亲", "51"),
        ("爸爸", "51"),
        ("父", "51"),
        ("继父", "57"),
        ("养母", "58"),
        ("姑姑", "90"),
        ("姑父", "89"),
        ("姨父", "87"),
        ("舅舅", "85"),
        ("邻居", "99"),
        ("祖父或祖母", "60"),
        ("外祖孙", "60"),
        ("其他", "80"),
        ("其他亲属", "97"),
        ("61", "61"),
        (61, "61"),
        ("６２", "62"),
    ],
)
def test_relation_is_read_from_printed_and_spoken_words(cell, code):
    assert parse_relation(cell) == code


@pytest.mark.parametrize("cell", ["婆婆", "公公", "阿婆"])
def test_words_that_mean_another_person_elsewhere_are_refused(cell):
    with pytest.raises(InvalidCell, match="外祖母"):
        parse_relation(cell)


@pytest.mark.parametrize("cell", ["98", "阿姨", "朋友圈", "父亲母亲"])
def test_unknown_relations_are_refused(cell):
    with pytest.raises(InvalidCell):
        parse_relation(cell)


def test_spoken_words_never_override_a_printed_name():
    assert all(KNOWN_RELATIONS[name] == code for name, code in RELATION_NAMES.items())


def test_groups_are_those_of_the_statistics_form():
    assert sorted(GRANDPARENTS) == ["61", "62", "63", "64"]
    assert len(RELATIVES) == 27 and {"70", "97"} <= RELATIVES and not {"80", "99", "64"} & RELATIVES
    groups = [PARENTS, STEP_PARENTS, GRANDPARENTS, RELATIVES, NOT_RELATED, DESCENDANTS]
    assert sum(map(len, groups)) == len(frozenset.union(*groups))


@pytest.mark.parametrize(
    ("cell", "kind", "grade"),
    [
        ("肢体三级", "64", 3),
        ("视力残疾二级", "61", 2),
        ("肢体 3级", "64", 3),
        ("肢体残疾（三级）", "64", 3),
        ("一级听力残疾", "62", 1),
        ("智力Ⅳ级", "65", 4),
        ("多重残疾、2级", "67", 2),
        ("精神", "66", None),
        ("其它", "69", None),
        ("61", "61", None),
    ],
)
def test_disability_is_read_with_its_grade(cell, kind, grade):
    assert parse_disability(cell) == (Disability(kind), grade)


def test_no_disability_is_none():
    assert [parse_disability(cell) for cell in ("无", "健康", "—")] == [None] * 3


@pytest.mark.parametrize("cell", ["残疾", "二级", "肢体五级", "肢体三级二级", "肢体三级左腿", "60", "68"])
def test_a_disability_without_kind_or_with_a_wrong_grade_is_refused(cell):
    with pytest.raises(InvalidCell, match="肢体三级"):
        parse_disability(cell)


def test_several_kinds_are_to_be_written_as_multiple():
    with pytest.raises(InvalidCell, match="多重残疾"):
        parse_disability("视力、听力二级")


@pytest.mark.parametrize("choices", [Sex, Ethnicity, Relation, Disability])
def test_no_two_codes_share_a_label(choices):
    with override("en"):
        labels = [str(label) for label in choices.labels]
    assert len(set(labels)) == len(labels)
