"""Finding the village that an address names, among those that the importer may file children in."""

import re
from collections import defaultdict

from registry import places
from registry.models import Division

# Words that name another place: what is left before the village's name must not contain one.
OTHER_PLACE = re.compile("[镇乡县市区]|街道")
# Otherwise the words before are part of the name: 新合心村 is another village than 合心村.
NAME_BOUNDARY = re.compile(r"省$|\W$|^$")
OFFICE = re.compile("(?:居?民委员会|居?委会)$")  # statistical names are those of the committees: 合心村民委员会
COUNTY_DIGITS = 6  # digits of a county's code: from there up, one name in the address is enough


class PlaceFinder:
    """Matches `湖北省枝江市百里洲镇合心村2组36号` to a village; `default` is the village of rows without an address.

    `schools` is the finder of schools and classes for the same importer.
    """

    def __init__(self, villages: list[Division], default: Division | None = None, schools=None):
        self.default = default
        self.schools = schools
        above = {code for village in villages for code in places.ancestors(village.code)}
        self.names_of = {
            division.code: add_short_names(division.names) for division in Division.objects.filter(pk__in=above)
        }
        self.villages: dict[str, list[Division]] = defaultdict(list)
        for village in villages:
            for name in {OFFICE.sub("", name) or name for name in village.names}:
                self.villages[name].append(village)
        self.lengths = sorted({len(name) for name in self.villages}, reverse=True)
        self.found: dict[str, list[Division]] = {}
        self.counties: dict[str, set[str]] = {}

    def find(self, address: str) -> list[Division]:
        """Return the villages that the address may mean; only a single one is a match."""
        if address not in self.found:
            self.found[address] = self.search(address)
        return self.found[address]

    def counties_near(self, number: str) -> set[str]:
        """Return the loaded counties of an ID number's prefecture, looked up once for all its rows."""
        prefecture = number[: places.LEVELS[1]]
        if prefecture not in self.counties:
            self.counties[prefecture] = Division.objects.counties_near(number)
        return self.counties[prefecture]

    def search(self, address: str) -> list[Division]:
        found: dict[str, Division] = {}
        for start in range(len(address)):
            for length in self.lengths:  # the villages are many, the lengths of their names few
                for village in self.villages.get(address[start : start + length], ()):
                    if self.fits_before(address[:start], village):
                        found.setdefault(village.code, village)
        return list(found.values())

    def fits_before(self, words: str, village: Division) -> bool:
        """Return whether the words before a village's name are the places above it, or name no place."""
        for code in reversed(places.ancestors(village.code)):
            for name in self.names_of.get(code, ()):
                before, here, after = words.rpartition(name)
                if here and len(places.prefix(code)) <= COUNTY_DIGITS:
                    return not OTHER_PLACE.search(after) and bool(NAME_BOUNDARY.search(after))
                if here:
                    words = before + after
                    break
        return not OTHER_PLACE.search(words) and bool(NAME_BOUNDARY.search(words))


def add_short_names(names: list[str]) -> list[str]:
    """Return the names, also without 镇, 乡, 县 or 市 at the end, the longest first."""
    return sorted({*names, *(name[:-1] for name in names if len(name) > 2)}, key=len, reverse=True)
