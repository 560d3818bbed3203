"""Which village an address names, among those that the importer may file children in."""

import pytest

from registry.sheets.places import PlaceFinder
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def find():
    """The villages of two townships: two with similar names, and one name in both townships."""
    villages = [
        f.village(),
        f.other_village(),
        f.far_village(),
        f.division("990101101203", "新合心村"),
        f.division("990101101204", "中心村"),
        f.division("990101101205", "坪上村民委员会"),
        f.division("990101101206", "江口社区居委会"),
    ]
    villages[1].aliases = "占站村、站站村"
    finder = PlaceFinder(villages)
    return lambda address: sorted(village.name for village in finder.find(address))


@pytest.mark.parametrize(
    "address",
    [
        "合心村",
        "合心村2组36号",
        "百里洲镇合心村2组36号",
        "百里洲合心村",
        "枝江市百里洲镇合心村",
        "湖北省枝江市百里洲镇合心村",
        "湖北省宜昌市枝江市百里洲镇合心村",
        "湖北省宜昌市枝江市合心村",
        "湖北枝江 百里洲镇 合心村",
        "湖北省 合心村",
        "户籍：百里洲镇合心村",
    ],
)
def test_a_village_is_found_with_any_part_of_its_address(find, address):
    assert find(address) == ["合心村"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "百里洲镇",
        "当阳市合心村",
        "当阳市百里洲镇合心村",
        "小白山乡合心村",
        "枝江市小白山乡合心村",
        "枝江市当阳市合心村",
        "老合心村",
        "百里洲镇东合心村",
        "某街道合心村",
    ],
)
def test_a_namesake_village_elsewhere_does_not_match(find, address):
    assert find(address) == []


def test_a_longer_name_does_not_match_the_shorter_one_in_it(find):
    assert find("百里洲镇新合心村3组") == ["新合心村"]


def test_a_name_in_two_townships_is_ambiguous_until_the_township_is_written(find):
    assert find("中心村") == ["中心村", "中心村"]
    assert find("小白山乡中心村") == ["中心村"]


def test_former_names_and_the_names_of_committees_are_found(find):
    assert find("百里洲镇站站村1组") == ["关志村"]
    assert find("百里洲镇坪上村5组") == ["坪上村民委员会"]
    assert find("江口社区") == ["江口社区居委会"]
