"""Whether a child counts as left-behind by a definition on a day, and because of which dated facts."""

from registry.leftbehind.facts import Facts, facts_of
from registry.leftbehind.judging import NO, UNKNOWN, YES, Verdict, judge
from registry.leftbehind.query import conditions

__all__ = ["NO", "UNKNOWN", "YES", "Facts", "Verdict", "conditions", "facts_of", "judge"]
