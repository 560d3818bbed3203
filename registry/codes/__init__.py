"""The coding standards of the registry, and the tolerant reading of cells that are written in them."""

from .disability import SEVERE, Disability, DisabilityGrade, parse_disability
from .ethnicity import ETHNIC_NAMES, Ethnicity, parse_ethnicity
from .relation import DESCENDANTS, GRANDPARENTS, NOT_RELATED, PARENTS, RELATIVES, STEP_PARENTS, Relation
from .relation_names import RELATION_NAMES, parse_relation
from .sex import Sex, parse_sex, sex_of_id

__all__ = [
    "DESCENDANTS",
    "ETHNIC_NAMES",
    "GRANDPARENTS",
    "NOT_RELATED",
    "PARENTS",
    "RELATION_NAMES",
    "RELATIVES",
    "SEVERE",
    "STEP_PARENTS",
    "Disability",
    "DisabilityGrade",
    "Ethnicity",
    "Relation",
    "Sex",
    "parse_disability",
    "parse_ethnicity",
    "parse_relation",
    "parse_sex",
    "sex_of_id",
]
