"""Whether a child counts as left-behind by a definition on a day, and because of which dated facts."""

from registry.leftbehind.facts import ChildFacts, load_facts
from registry.leftbehind.query import rule_conditions
from registry.leftbehind.verdict import NO, UNKNOWN, YES, Verdict, reach_verdict

__all__ = ["NO", "UNKNOWN", "YES", "ChildFacts", "Verdict", "load_facts", "reach_verdict", "rule_conditions"]
