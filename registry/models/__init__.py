"""Places, postings, terms, and the census file of each child with its family."""

from registry.models.children import Child
from registry.models.closing import Decision
from registry.models.definitions import Definition
from registry.models.family import Absence, CategoryMembership, Guardianship, HomeStay, Referral, Relative
from registry.models.imports import ImportBatch, ImportRow
from registry.models.places import Division, School, SchoolClass, Term
from registry.models.postings import Posting

__all__ = [
    "Absence",
    "CategoryMembership",
    "Child",
    "Decision",
    "Definition",
    "Division",
    "Guardianship",
    "HomeStay",
    "ImportBatch",
    "ImportRow",
    "Posting",
    "Referral",
    "Relative",
    "School",
    "SchoolClass",
    "Term",
]
