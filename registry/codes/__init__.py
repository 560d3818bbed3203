"""Coding standards, and tolerant parsers of the cells that use them."""

# ruff: noqa: F401 (other modules import the names from here)

from .disability import SEVERE, Disability, DisabilityGrade, parse_disability
from .ethnicity import ETHNIC_NAMES, Ethnicity, parse_ethnicity
from .relation import DESCENDANTS, GRANDPARENTS, NOT_RELATED, PARENTS, RELATIVES, STEP_PARENTS, Relation
from .relation_names import RELATION_NAMES, parse_relation
from .sex import Sex, parse_sex, sex_of_id
