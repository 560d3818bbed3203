"""Whether a child counts as left-behind by a definition on a day, and because of which dated facts."""

from registry.leftbehind.facts import Facts, facts_of
from registry.leftbehind.query import conditions
from registry.leftbehind.verdict import NO, UNKNOWN, YES, Verdict, reach_verdict

__all__ = ["NO", "UNKNOWN", "YES", "Facts", "Verdict", "conditions", "facts_of", "reach_verdict"]
