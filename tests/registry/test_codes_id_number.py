from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes.id_number import (
    InvalidIdNumber,
    build_id_number,
    checksum,
    county_known,
    normalise,
    parse_id_number,
)
from registry.codes.text import LostDigits

ON = date(2026, 9, 1)
CHILD = build_id_number("990000", date(2015, 6, 1), 12)
births = st.dates(date(1900, 1, 1), ON)
numbers = st.builds(build_id_number, st.from_regex("99[0-9]{4}", fullmatch=True), births, st.integers(0, 999))


def test_first_specimen_of_the_standard_is_a_woman_and_ends_in_x():
    found = parse_id_number("11010519491231002X", on=ON)
    assert (found.county, found.birth_date, found.sex) == ("110105", date(1949, 12, 31), "female")


def test_second_specimen_of_the_standard_is_a_man_born_in_1880():
    found = parse_id_number("440524188001010014", on=ON)
    assert (found.county, found.birth_date, found.sex) == ("440524", date(1880, 1, 1), "male")


@given(numbers)
def test_made_numbers_pass_and_the_weighted_sum_of_all_18_is_one(number):
    digits = [10 if character == "X" else int(character) for character in number]
    assert parse_id_number(number, on=ON).number == number
    assert sum(digit * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11 == 1


@given(numbers, st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number, place, shift):
    old = 0 if number[place] == "X" else int(number[place])
    wrong = number[:place] + str((old + shift) % 10) + number[place + 1 :]
    with pytest.raises(InvalidIdNumber):
        parse_id_number(wrong, on=ON)


@given(numbers, st.integers(0, 16))
def test_every_swap_of_unequal_neighbours_is_found(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped == number:
        assert parse_id_number(swapped, on=ON).number == number
    else:
        with pytest.raises(InvalidIdNumber):
            parse_id_number(swapped, on=ON)


@given(births, st.integers(0, 999))
def test_sex_is_the_parity_of_the_sequence(born, sequence):
    found = parse_id_number(build_id_number("990000", born, sequence), on=ON)
    assert (found.birth_date, found.sex) == (born, "male" if sequence % 2 else "female")


@pytest.mark.parametrize(
    "typed",
    [
        "９９００００２０１１１２３１００５Ｘ",
        " 990000 20111231 005x ",
        "'99000020111231005x",
        "990000-20111231-005X",
        "\ufeff99000020111231005X",
    ],
)
def test_spaces_width_case_and_apostrophes_do_not_matter(typed):
    assert normalise(typed) == "99000020111231005X"


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        ("", "empty"),
        (CHILD[:-1], "this one has 17"),
        (CHILD + "1", "this one has 19"),
        ("99000020150601O12X", "only digits"),
        ("X90000201506010123", "only digits"),
        ("٩٩٠٠٠٠٢٠١٥٠٦٠١٠١٢٣", "only digits"),
        ("990000201502300125", "not a possible birth date"),
        ("990000000002300125", "not a possible birth date"),
        ("990000100102280125", "not a possible birth date"),
        (build_id_number("990000", date(2026, 9, 2), 1), "future"),
        (CHILD[:-1] + ("1" if CHILD[-1] != "1" else "2"), "mistyped"),
        ("990000201508172000", "000"),
    ],
)
def test_the_cause_is_named_and_the_number_is_not_repeated(typed, cause):
    with pytest.raises(InvalidIdNumber) as refused:
        parse_id_number(typed, on=ON)
    assert cause in str(refused.value)
    assert not typed or typed not in str(refused.value)


def test_a_number_of_a_birth_today_is_accepted():
    assert parse_id_number(build_id_number("990000", ON, 1), on=ON).birth_date == ON


@pytest.mark.parametrize("cell", [9.90000201508172e17, 990000201508172000, "9.90000E+17", "9.9E17"])
def test_a_number_that_the_spreadsheet_rounded_is_refused(cell):
    with pytest.raises(LostDigits):
        parse_id_number(cell, on=ON)


@pytest.mark.parametrize("cell", ["990000550601001", 990000550601001, 990000550601001.0])
def test_an_old_number_of_an_adult_gains_its_century_and_check_character(cell):
    found = parse_id_number(cell, on=ON)
    assert found.number == "99000019550601001" + checksum("99000019550601001")
    assert (found.birth_date, found.sex) == (date(1955, 6, 1), "male")


@pytest.mark.parametrize(("old", "on"), [("990000150601001", ON), ("990000990601001", date(2016, 7, 31))])
def test_an_old_number_is_refused_for_whoever_was_a_child(old, on):
    with pytest.raises(InvalidIdNumber, match="Only adults"):
        parse_id_number(old, on=on)


def test_counties_are_known_by_province_and_invented_ones_only_when_asked():
    assert county_known("420583201506010129") and not county_known("160000201506010129")
    assert not county_known(CHILD)
    assert county_known(CHILD, accept_invented=True)
    assert not county_known("160000201506010129", accept_invented=True)


def test_all_six_digits_are_looked_up_where_the_counties_of_the_prefecture_are_loaded():
    assert county_known(CHILD, {"990000", "990001"}), "its county is in the table"
    assert not county_known(CHILD, {"990001", "990002"}, accept_invented=True)
    assert county_known(CHILD, {"990001"}, accept_invented=True), "one county alone is the installation's own"


@pytest.mark.parametrize(("county", "sequence"), [("99000", 1), ("99000X", 1), ("990000", 1000), ("990000", -1)])
def test_making_a_number_from_nonsense_is_refused(county, sequence):
    with pytest.raises(ValueError):
        build_id_number(county, date(2015, 6, 1), sequence)
